/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_TEST_PYTHON_LIFE_H
#define GILYIELD_TEST_PYTHON_LIFE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* Starts an interpreter that the environment, the user's files and other Pythons in PATH cannot change. 0, or -1. */
static inline int start_python(void)
{
    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    config.site_import = 0;
    config.install_signal_handlers = 0;
    PyStatus status = PyConfig_SetBytesString(&config, &config.program_name, TEST_PYTHON_PROGRAM);
    if (!PyStatus_Exception(status)) {
        status = Py_InitializeFromConfig(&config);
    }
    PyConfig_Clear(&config);
    return PyStatus_Exception(status) ? -1 : 0;
}

#endif

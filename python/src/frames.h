/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_PYTHON_FRAMES_H
#define GILYIELD_PYTHON_FRAMES_H

#include <Python.h>

/* Method of the module _gilyield. GIL held. */
#define GILYIELD_PY_FRAMES_METHODS                                                                                               \
    {                                                                                                                            \
        "current_frames", gilyield_py_current_frames, METH_NOARGS, gilyield_py_current_frames_doc                                \
    }

PyObject *gilyield_py_current_frames(PyObject *module, PyObject *unused);

extern const char gilyield_py_current_frames_doc[];

#endif

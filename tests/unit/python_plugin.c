/* SPDX-License-Identifier: MIT */
/* A plugin that brings its own CPython, which nobody else in the process can see: it is loaded RTLD_LOCAL. */
#include "python_life.h"

int plugin_start(void);
int plugin_finish(void);

int plugin_start(void)
{
    return start_python();
}

int plugin_finish(void)
{
    return Py_FinalizeEx();
}

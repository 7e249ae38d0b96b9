/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_DEMO_DEMO_MODULE_H
#define GILYIELD_DEMO_DEMO_MODULE_H

#include "python_call.h"

class DemoWindow;

/* The init function of the built-in Python module `application`. */
PyObject *initApplicationModule();

/* Ties the window to the callables that the script registers; null unties it. GUI thread. */
void setApplicationWindow(DemoWindow *window);

/* Whether sys.stdout and sys.stderr are also written to the process's own. Before the script runs. */
void setApplicationEcho(bool echo);

#endif

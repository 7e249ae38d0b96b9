/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_TESTHOST_PYTHON_RUNTIME_H
#define GILYIELD_TESTHOST_PYTHON_RUNTIME_H

#include "python_call.h"

/* Starts CPython with sys.argv = argv and a built-in module; the caller has the GIL afterwards. False: a message was printed. */
bool startPython(int argc, char **argv, const char *moduleName, PyObject *(*moduleInit)());

/* Runs a file as __main__, with its directory first in sys.path. Needs the GIL. False: the exception was printed and counted. */
bool runScript(const char *path);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_TESTHOST_HOST_MODULE_H
#define GILYIELD_TESTHOST_HOST_MODULE_H

#include "python_call.h"

/* The init function of the built-in Python module `host`. */
PyObject *initHostModule();

/* Sets host.round. Needs the GIL. False: a Python exception is set. */
bool setHostRound(int round);

/* Posts a call of what the script gave to host.on_exec(), for the next exec(). GUI thread, with the GIL or without. */
void scheduleOnExec();

/* Drops what the script gave to host.on_exec(). Before Py_Finalize. */
void clearOnExec();

#endif

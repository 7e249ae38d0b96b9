/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_SUBINTERPRETER_H
#define GILYIELD_SUBINTERPRETER_H

#include "python/functions.h"

#include <stdbool.h>

/*
 * Is `current`, the current thread state, this OS thread's state in a sub-interpreter? For where PyGILState does not know it: up
 * to 3.11 (gh-59956); TeXworks runs each script in a sub-interpreter. GUI thread, with or without the GIL.
 */
bool gy_subinterpreter_is_mine(const PyThreadState *current);

#endif

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

/*
 * Another thread may run what this thread's state was made for (_xxsubinterpreters.run_string()), and that state then names this
 * thread all the same. So whoever knows better says whether the GUI thread has taken the GIL: a function to be called on the GUI
 * thread, with or without the GIL. NULL: nobody knows.
 */
void gy_subinterpreter_set_witness(bool (*gui_has_gil)(void));

/* The host was seen to let go of the GIL by itself, or a new CPython begins. GUI thread. */
void gy_subinterpreter_note_released(bool by_host);

#endif

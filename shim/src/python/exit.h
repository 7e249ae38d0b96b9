/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_EXIT_H
#define GILYIELD_EXIT_H

#include <stdbool.h>

/*
 * The end of an interpreter. Python's atexit is the last hook at which CPython can be used, on whatever thread finalises; from
 * then on nothing is touched, until another interpreter is initialised. GUI thread, but where said.
 */

/* Registers with this interpreter's atexit; an exception that is pending is left alone. With the GIL. */
void gy_exit_hook(void);

/* Python's atexit has run, and no interpreter has been initialised since. With or without the GIL. */
bool gy_exit_has_begun(void);

/* True once, when finalisation is complete: what was known about that interpreter is to be forgotten. */
bool gy_exit_takes_end(void);

/* Whether the GUI thread has released the GIL: who finalises waits until it has it back. With the GIL. */
void gy_exit_note_released(bool released);

/* As last noted. GUI thread. */
bool gy_exit_is_released(void);

/* What atexit calls, on the thread that finalises. Set once, before gy_exit_hook(). */
void gy_exit_set_callback(void (*callback)(void));

#endif

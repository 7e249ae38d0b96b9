/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_THREADSTATE_H
#define GILYIELD_THREADSTATE_H

#include <stdbool.h>

/*
 * CPython has no thread state for the calling thread any more: it drops the GIL for the last time. In 3.9 to 3.11 such a thread
 * waits to be relieved like any other if it was asked to (_PyThreadState_DeleteCurrent in Python/pystate.c). Also true of a
 * thread whose state another one has made for it. Any thread, with or without the GIL; false while no CPython was met.
 */
bool gy_threadstate_is_gone(void);

#endif

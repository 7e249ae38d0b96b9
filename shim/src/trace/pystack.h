/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_PYSTACK_H
#define GILYIELD_PYSTACK_H

#include "python/python.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The Python stack of a thread, read while that thread goes on running: without the GIL, without a signal, without a lock. All is
 * copied by gy_peek(), and each object's type is looked at before it is believed, so a stack that changes meanwhile comes out
 * shorter or mixed, and never leads astray.
 */

enum { GY_PYSTACK_MAX = 24 };

typedef struct gy_pyframe {
    char file[256]; /* UTF-8; of a longer path its end, after "..." */
    char function[64];
    int line;
    uintptr_t frame; /* tells calls apart */
} gy_pyframe;

typedef struct gy_pystack {
    gy_pyframe frames[GY_PYSTACK_MAX]; /* the innermost first */
    int count;
} gy_pystack;

/*
 * Gets to know the CPython in this process. NULL, or a phrase that says why its stacks cannot be read. GUI thread, with the GIL
 * or without; needs gy_python to have found CPython.
 */
const char *gy_pystack_open(void);

/* The stack of the thread whose pthread_self() is `thread`; empty if it is not known or runs no Python. Any thread, without the
 * GIL. */
void gy_pystack_read(uintptr_t thread, gy_pystack *stack);

/*
 * The calling thread's innermost Python frame, 0 if there is none: some loads. `state` is its PyThreadState, of which `size`
 * bytes can be read.
 */
uintptr_t gy_pystack_top(const void *state);

/* The PyThreadState of the thread, 0 if it has none in the main interpreter. Any thread, without the GIL. */
uintptr_t gy_pystack_state(uintptr_t thread);

#endif

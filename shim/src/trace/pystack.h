/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_PYSTACK_H
#define GILYIELD_PYSTACK_H

#include "python/python.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The Python stack of a thread, read while that thread goes on running: without the GIL, without a signal, without a lock. All is
 * copied by gy_peek(), and each object's type is looked at before it is believed, so a stack that changes meanwhile is read
 * again, and comes out shorter or mixed if it changes each time, and never leads astray.
 */

enum { GY_PYSTACK_MAX = 24 };

/* A call of a Python function and where it is in it: two that differ tell that the thread has run Python in between. */
typedef struct gy_pymark {
    uintptr_t frame, instruction;
} gy_pymark;

typedef struct gy_pyframe {
    char file[256]; /* UTF-8; of a longer path its end, after "..." */
    char function[64];
    int line;
    gy_pymark mark;
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

/* It has, and they can be read. Any thread. */
bool gy_pystack_is_open(void);

/* The stack of the thread whose pthread_self() is `thread`; empty if it is not known or runs no Python. Any thread, without the
 * GIL. */
void gy_pystack_read(uintptr_t thread, gy_pystack *stack);

/*
 * The name that Python's threading has for that thread, "" if it was not started by threading. True: it is known, which wants the
 * thread to run Python at the moment. Any thread, without the GIL.
 */
bool gy_pystack_thread_name(uintptr_t thread, char *name, size_t size);

/* Who has the main interpreter's GIL. */
typedef struct gy_pyholder {
    uintptr_t thread; /* its pthread_self(), 0 for nobody */
    uintptr_t
        changes; /* how often the GIL came to another thread: two that are the same tell that this one has kept it in between */
} gy_pyholder;

/* Any thread, without the GIL. */
gy_pyholder gy_pystack_holder(void);

/* Where the thread is in its Python code. Any thread, without the GIL. */
gy_pymark gy_pystack_mark(uintptr_t thread);

/*
 * The PyThreadState of the thread, 0 if it has none. Of several, in several interpreters, the one that has the GIL, else the
 * newest one that runs Python. Any thread, without the GIL.
 */
uintptr_t gy_pystack_state(uintptr_t thread);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_STALL_H
#define GILYIELD_STALL_H

#include "gilyield/gilyield.h"
#include "trace/native.h"
#include "trace/pystack.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* One look at the GUI thread while it is late, and at whoever has the GIL if it waits for that. */
typedef struct gy_look {
    bool waits_for_gil;
    gy_doing doing;          /* of the GUI thread, or of the one that has the GIL */
    uintptr_t where;         /* the native function, 0 if it is not known */
    bool in_python;          /* `where` is in CPython itself */
    bool moves;              /* it runs one Python instruction after the other */
    bool nowhere;            /* it was put aside by the kernel while it was looked at: what it would have done is not known */
    uint64_t held_ns;        /* how long the other thread has had the GIL, without a break */
    char holder[64];         /* its name; "" if nobody has it */
    const gy_pystack *gui;   /* what the GUI thread has called since its event loop woke */
    const gy_pystack *holds; /* the other thread's */
} gy_look;

/* A line of `stack` begins so if it is one of the calls that led to where the thread was. */
#define GY_STALL_CALLED_FROM "called from"

/* Does `lines`, the rest of a stack, begin with such a line? */
static inline bool gy_stall_is_call(const char *lines)
{
    return strncmp(lines, GY_STALL_CALLED_FROM, strlen(GY_STALL_CALLED_FROM)) == 0;
}

/*
 * What one look shows: all of *stall but the times and counts. NULL: there was none in time. Pure but for the names of native
 * functions.
 */
void gy_stall_judge(const gy_look *look, gilyield_stall *stall);

/* Do two looks show the same Python function, whichever native function it is in? */
bool gy_stall_same_python(const gilyield_stall *one, const gilyield_stall *other);

/* Does it compute, in Python or natively? Which of the two changes from look to look in a function that does both. */
bool gy_stall_computes(const gilyield_stall *stall);

/* Is it a stall as there was one before, called by the same functions? */
bool gy_stall_same_place(const gilyield_stall *one, const gilyield_stall *other);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_ACCOUNT_H
#define GILYIELD_ACCOUNT_H

#include "os/compiler.h"
#include "trace/trace.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * What each thread got of the GIL, and how long it waited for it. Threads go by their numbers: see who.h.
 */

enum { GY_ACCOUNT_NAME = 64 };

/* Figures of one thread, with what is going on now counted in. */
typedef struct gy_account_figures {
    uint16_t index;
    int id;
    uintptr_t self;
    bool holds, waits;
    uint64_t now_ns;  /* for how long it has been holding, or waiting */
    uint64_t seen_ns; /* since it was first seen, or since the last reset */
    uint64_t held_ns, waited_ns, longest_hold_ns, longest_wait_ns, takes, waits_count;
    char name[GY_ACCOUNT_NAME]; /* as Python's threading has it, else as the system has it */
} gy_account_figures;

/* ---- What the GIL's queue tells, on the thread that it is about, with the GIL's mutex held. ---- */

/*
 * What happens while several threads want the GIL is always counted. What a thread does that nobody waits for is counted, and the
 * clock read for it, only after somebody has wanted to know.
 */
void gy_account_begin(void);

extern atomic_bool gy_account_alone;                          /* it is counted */
extern _Thread_local bool gy_account_waiting GY_INITIAL_EXEC; /* the calling thread waits for the GIL */

void gy_account_wants(void); /* may be called again while it waits */
void gy_account_takes(uint64_t now);
/* `since`: when it took the GIL or others began to want it, where that was not told; else 0. */
void gy_account_drops(uint64_t now, uint64_t since);

/* The same where the time is not at hand, as nobody waits. */
static inline void gy_account_takes_alone(void)
{
    if (__builtin_expect(gy_account_waiting || atomic_load_explicit(&gy_account_alone, memory_order_relaxed), false)) {
        gy_account_takes(gy_trace_now());
    }
}

static inline void gy_account_drops_alone(void)
{
    if (__builtin_expect(atomic_load_explicit(&gy_account_alone, memory_order_relaxed), false)) {
        gy_account_drops(gy_trace_now(), 0);
    }
}

/* ---- Any thread ---- */

/* Who has the GIL, GY_WHO_NONE for nobody. */
uint16_t gy_account_holder(void);

/* False: there is no such thread now. */
bool gy_account_get(uint16_t index, uint64_t now, gy_account_figures *figures);

/* Index, id and name of the thread that has or last had this number; index GY_WHO_NONE if none had. */
void gy_account_last(uint16_t index, gy_account_figures *figures);

/* A name for the thread, instead of the one that Python's threading has for it. */
void gy_account_set_name(uint16_t index, const char *name);

void gy_account_reset(uint64_t now);

#endif

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
    bool holds, waits; /* holds: where that was counted, see gy_account_detail */
    uint64_t now_ns;   /* for how long it has been holding, or waiting */
    uint64_t seen_ns;  /* since it was first seen, or since the last reset */
    uint64_t held_ns, waited_ns, longest_hold_ns, longest_wait_ns, takes, waits_count;
    char name[GY_ACCOUNT_NAME]; /* as Python's threading has it, else as the system has it */
} gy_account_figures;

/* ---- What the GIL's queue tells, on the thread that it is about, with the GIL's mutex held. ---- */

/*
 * What happens while several threads want the GIL is always counted. What a thread does that nobody waits for is noted only while
 * somebody wants to know.
 */
typedef enum gy_account_detail {
    GY_ACCOUNT_CONTENDED, /* nothing */
    GY_ACCOUNT_HOLDER,    /* who has the GIL: no clock is read */
    GY_ACCOUNT_ALL,       /* counted like the rest: two looks at the clock each time */
} gy_account_detail;

/* How long all is counted after somebody has asked for the accounts; who asks again in time misses nothing. */
#define GY_ACCOUNT_LEASE_NS (UINT64_C(60) * 1000000000)

/* All is counted until then at least, and while the timeline is on. `gilyield top` writes the same from outside. Any thread. */
void gy_account_count_until(uint64_t until);

/* Whether it is noted who has the GIL, at least. Any thread. */
void gy_account_follow_holder(bool follow);

extern atomic_int gy_account_detail_now;
extern _Thread_local bool gy_account_counting GY_INITIAL_EXEC; /* the calling thread's wait, or its hold, has begun */

/* The GUI thread's name in the accounts. */
#define GY_ACCOUNT_GUI "GUI thread"

/*
 * The GUI thread waits for a lock of Python's, in naps: from outside it may look as if it computed. It does not want the GIL back
 * before.
 */
extern atomic_bool gy_account_gui_in_lock;

void gy_account_enter(void); /* it is one of the threads, whatever it does; needs no mutex */
void gy_account_wants(void); /* may be called again while it waits */
void gy_account_takes(uint64_t now);
/* `since`: when it took the GIL or others began to want it, where that was not told; else 0. */
void gy_account_drops(uint64_t now, uint64_t since);

/* Who has the GIL, and who wants it, is not told any more: holds and waits end now. */
void gy_account_end(uint64_t now);

/* The same where the time is not at hand, as nobody waits. */
void gy_account_takes_alone_seen(void);
void gy_account_drops_alone_seen(void);

static inline void gy_account_takes_alone(void)
{
    if (GY_UNLIKELY(gy_account_counting || atomic_load_explicit(&gy_account_detail_now, memory_order_relaxed))) {
        gy_account_takes_alone_seen();
    }
}

static inline void gy_account_drops_alone(void)
{
    if (GY_UNLIKELY(gy_account_counting || atomic_load_explicit(&gy_account_detail_now, memory_order_relaxed))) {
        gy_account_drops_alone_seen();
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

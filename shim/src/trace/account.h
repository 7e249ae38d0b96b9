/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_ACCOUNT_H
#define GILYIELD_ACCOUNT_H

#include "os/compiler.h"
#include "trace/accounttable.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * What each thread got of the GIL, and how long it waited for it, as the GIL's queue tells it: on the thread that it is about,
 * with the GIL's mutex held, where nothing else is said. Read by figures.h.
 */

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

extern _Thread_local bool gy_account_counting GY_INITIAL_EXEC; /* the calling thread's wait, or its hold, has begun */

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

/* What the calling thread does is looked at although nobody waits. */
static inline bool gy_account_sees_alone(void)
{
    return gy_account_counting || atomic_load_explicit(&gy_account_detail_now, memory_order_relaxed) != GY_ACCOUNT_CONTENDED;
}

static inline void gy_account_takes_alone(void)
{
    if (GY_UNLIKELY(gy_account_sees_alone())) {
        gy_account_takes_alone_seen();
    }
}

static inline void gy_account_drops_alone(void)
{
    if (GY_UNLIKELY(gy_account_sees_alone())) {
        gy_account_drops_alone_seen();
    }
}

/* Who has the GIL, GY_WHO_NONE for nobody. Any thread. */
uint16_t gy_account_holder(void);

#endif

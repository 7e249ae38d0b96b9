/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_TEST_MADE_GIL_H
#define GILYIELD_TEST_MADE_GIL_H

/*
 * A lock that does what CPython's take_gil() and drop_gil() do, for the rules of gilorder.c. Threads have numbers; the GUI thread
 * is 0.
 */
#include "gil/gilorder.h"
#include "gil/gilstate.h"
#include "os/clock.h"
#include "unit.h"

#include <stdatomic.h>

#define MS GY_NS_PER_MS
#define US GY_NS_PER_US

#ifndef GIL_SWITCH_NS
#define GIL_SWITCH_NS (5 * MS) /* CPython's switch interval */
#endif

/* What the hooks call. */
#ifndef GIL_TAKEN
#define GIL_TAKEN   gy_gilorder_taken
#define GIL_DROPPED gy_gilorder_dropped
#endif

static struct {
    gy_static_mutex mutex, switch_mutex;
    gy_cond cond, switch_cond;
    bool locked;
    int last; /* under switch_mutex */
    unsigned long switches;
    atomic_bool request;
} gil = {.last = -1};

static _Thread_local bool gil_unheard; /* the calling thread's requests reach nobody */
/* NULL, or called with the mutex by who is about to take the lock, or has just dropped it: */
static void (*gil_before_take)(int self), (*gil_after_drop)(int self);

static inline void gil_init(void)
{
    gy_cond_init(&gil.cond);
    gy_cond_init(&gil.switch_cond);
}

/* The calling thread is the GUI thread from now on, and all that happens is seen. False: there is no memory. */
static inline bool gil_begin(uint64_t interval_ns)
{
    gy_mutex_lock(gy_mutex_of(&gil.mutex));
    bool begun = gy_gilorder_begin(interval_ns, 5 * MS);
    gy_gilorder_begin_account();
    gy_mutex_unlock(gy_mutex_of(&gil.mutex));
    return begun;
}

static inline void gil_take(int self)
{
    gy_mutex_lock(gy_mutex_of(&gil.mutex));
    gy_gilorder_arrived(gy_mutex_of(&gil.mutex));
    while (gil.locked) {
        if (!atomic_load(&gy_order.active)) { /* CPython's calls come here no more */
            gy_cond_wait_until(&gil.cond, gy_mutex_of(&gil.mutex), gy_clock_monotonic.now() + 1 * MS);
            continue;
        }
        unsigned long before = gil.switches;
        if (gy_gilorder_wait(gy_mutex_of(&gil.mutex), GIL_SWITCH_NS) && gil.locked && gil.switches == before && !gil_unheard) {
            atomic_store(&gil.request, true);
        }
    }
    if (gil_before_take) {
        gil_before_take(self);
    }
    gy_mutex_lock(gy_mutex_of(&gil.switch_mutex));
    gil.locked = true;
    if (gil.last != self) {
        gil.last = self;
        gil.switches++;
    }
    GIL_TAKEN();
    gy_cond_signal(&gil.switch_cond);
    gy_mutex_unlock(gy_mutex_of(&gil.switch_mutex));
    atomic_store(&gil.request, false);
    gy_mutex_unlock(gy_mutex_of(&gil.mutex));
}

static inline void gil_drop(int self)
{
    gy_mutex_lock(gy_mutex_of(&gil.mutex));
    assert_true(gil.locked);
    gil.locked = false;
    if (!atomic_load(&gy_order.active) || GIL_DROPPED()) {
        gy_cond_signal(&gil.cond);
    }
    if (gil_after_drop) {
        gil_after_drop(self);
    }
    gy_mutex_unlock(gy_mutex_of(&gil.mutex));
    if (!atomic_load(&gil.request) || !atomic_load(&gy_order.active)) {
        return;
    }
    gy_mutex_lock(gy_mutex_of(&gil.switch_mutex));
    if (gil.last == self) {
        atomic_store(&gil.request, false);
        if (!gy_gilorder_await_taken(gy_mutex_of(&gil.switch_mutex))) {
            gy_cond_wait_until(&gil.switch_cond, gy_mutex_of(&gil.switch_mutex), gy_clock_monotonic.now() + GY_NS_PER_S);
        }
    }
    gy_mutex_unlock(gy_mutex_of(&gil.switch_mutex));
}

#endif

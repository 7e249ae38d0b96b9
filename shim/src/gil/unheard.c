/* SPDX-License-Identifier: MIT */
#include "gil/unheard.h"

#include "gil/gilstate.h"
#include "os/clock.h"
#include "os/interrupt.h"
#include "python/droprequest.h"

#include <stdatomic.h>

/* One holder is not interrupted again before this is over. */
#define TELL_AGAIN_NS GY_NS_PER_MS

static uint64_t told_at; /* under the GIL's mutex */

/* In which hold the holder is to drop the GIL: gy_order.epoch then. */
static atomic_uint_least64_t told_epoch;

/*
 * In a signal handler, on the thread that was the holder. If it still is, and in the same hold, then whoever asked is still
 * waiting. Nobody takes the GIL while this runs.
 */
static void set_request(void)
{
    uint64_t epoch = atomic_load_explicit(&gy_own.holds, memory_order_relaxed);
    if (epoch == 0 || !atomic_load_explicit(&gy_order.active, memory_order_relaxed) ||
        epoch != atomic_load_explicit(&gy_order.epoch, memory_order_relaxed) ||
        epoch != atomic_load_explicit(&told_epoch, memory_order_relaxed)) {
        return;
    }
    atomic_store_explicit(&gy_own.elsewhere, gy_droprequest_set_here() == GY_DROPREQUEST_OTHER, memory_order_relaxed);
}

bool gy_unheard(uint64_t now)
{
    if (!gy_order.holder || !gy_droprequest_apart() || !gy_droprequest_can_be_set()) {
        return false;
    }
    uint64_t epoch = atomic_load_explicit(&gy_order.epoch, memory_order_relaxed);
    if (epoch == atomic_load_explicit(&told_epoch, memory_order_relaxed) && now < told_at + TELL_AGAIN_NS) {
        return false;
    }
    return gy_gil_has_asked() || atomic_load_explicit(&gy_order.holder->elsewhere, memory_order_relaxed);
}

bool gy_unheard_tell(gy_mutex *mutex)
{
    uint64_t epoch = atomic_load_explicit(&gy_order.epoch, memory_order_relaxed);
    int thread = gy_order.holder->thread;
    told_at = gy_clock_monotonic.now();
    atomic_store_explicit(&told_epoch, epoch, memory_order_relaxed);
    gy_order.asked = true;
    gy_mutex_unlock(mutex);
    gy_interrupt(thread, set_request);
    gy_mutex_lock(mutex);
    if (!atomic_load_explicit(&gy_order.active, memory_order_relaxed)) {
        gy_interrupt_end(); /* it has ended meanwhile, and the signal was taken since */
    }
    return gy_order.held && atomic_load_explicit(&gy_order.epoch, memory_order_relaxed) == epoch;
}

void gy_unheard_end(void)
{
    gy_interrupt_end();
}

void gy_unheard_after_fork(void)
{
    gy_interrupt_after_fork();
}

const char *gy_unheard_limit(void)
{
    if (!gy_droprequest_apart() || (atomic_load(&gy_order.active) && gy_droprequest_can_be_set() && gy_interrupt_works())) {
        return "";
    }
    return "a thread that computes in another interpreter can hold up the GUI, as CPython 3.9 to 3.12 does not tell it that "
           "the GIL is wanted";
}

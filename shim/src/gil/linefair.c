/* SPDX-License-Identifier: MIT */
/* Who of those that wait has had less than its part. The rules are in gilorder.c. */
#include "gil/linefair.h"

#include "gil/fairclock.h"
#include "gil/line.h"
#include "os/clock.h"

/* How many waiters of class 2 are looked past: the line is as it is under the GIL's mutex, and that is wanted. */
enum { MOST_LOOKS = 8 };

/* Who has had its part is of class 2 again when it has had so much less: each time, it interrupts a thread that computes. */
#define REGAINED_NS ((int64_t)(200 * GY_NS_PER_US))

/* How long the holder has had the GIL. */
static uint64_t running(uint64_t now)
{
    uint64_t since = gy_gil_taken_at();
    return gy_order.held && since != 0 && now > since ? now - since : 0;
}

/* The calling thread's lag now, with what the holder has had so far. */
static int64_t lag(uint64_t now)
{
    uint64_t ahead = gy_order.gui_has_it ? 0 : running(now) / (gy_order.line.length + 1);
    return gy_fairclock_lag(&gy_order.clock, &gy_own.runtime, ahead);
}

int64_t gy_line_behind(uint64_t now)
{
    if (!gy_order.holder) {
        return INT64_MAX;
    }
    return (int64_t)(gy_order.holder->runtime.virtual_ns + running(now)) - (int64_t)gy_own.runtime.virtual_ns;
}

/* The least virtual runtime of those that compute, as far as one sees it at a glance. UINT64_MAX: there is none. */
static uint64_t least_of_class_3(uint64_t now)
{
    const gy_waiter *waiter = gy_gil_first();
    for (int i = 0; waiter && waiter->little; i++) {
        waiter = i < MOST_LOOKS ? (const gy_waiter *)(const void *)gy_line_after(&waiter->node) : NULL;
    }
    uint64_t least = waiter ? waiter->account->runtime.virtual_ns : UINT64_MAX;
    if (gy_order.holder && !gy_order.little && gy_order.holder->runtime.virtual_ns < least) {
        uint64_t holders = gy_order.holder->runtime.virtual_ns + running(now);
        least = holders < least ? holders : least;
    }
    return least;
}

/* How many threads compute, and by how much the calling thread has had less than these in the mean. */
static unsigned beside_computing(uint64_t now, int64_t *less_ns)
{
    unsigned number = gy_order.computing;
    uint64_t sum = gy_order.computing_ns; /* of times that may be beyond any limit: differences count */
    if (gy_order.holder && gy_order.holder != &gy_own && gy_order.holder->preempted) {
        sum += gy_order.holder->runtime.virtual_ns + running(now);
        number++;
    }
    *less_ns = number > 0 ? (int64_t)(sum - number * gy_own.runtime.virtual_ns) / (int64_t)number : 0;
    return number;
}

static int64_t enough(void)
{
    return gy_own.had_part ? REGAINED_NS : 0;
}

bool gy_line_has_lag(uint64_t now)
{
    int64_t less = 0;
    if (beside_computing(now, &less) > 0) {
        return less > enough();
    }
    uint64_t least = least_of_class_3(now);
    if (least == UINT64_MAX) {
        return lag(now) > 0 || gy_order.gui_has_it;
    }
    uint64_t margin = gy_order.turn_ns < GY_MOST_SAVED_NS ? gy_order.turn_ns : GY_MOST_SAVED_NS;
    return lag(now) > 0 && least + margin >= gy_own.runtime.virtual_ns;
}

void gy_line_comes(uint64_t now)
{
    /* One that was asked for the GIL just when it let go of it to sleep was not interrupted. */
    uint64_t gone = gy_own.looked_at > gy_own.dropped_at ? gy_own.looked_at : gy_own.dropped_at;
    if (gy_own.preempted && gone != 0 && now - gone > GY_RETRY_NS && now > gone) {
        gy_own.preempted = false;
        gy_own.interrupted = false;
    }
    gy_fairclock_arrive(&gy_order.clock, &gy_own.runtime, !gy_own.preempted, gy_gil_most_debt(&gy_own), least_of_class_3(now));
}

uint64_t gy_line_class_time(const gy_waiter *self, uint64_t now)
{
    if (gy_own.preempted || self->little) {
        return UINT64_MAX;
    }
    int64_t less = 0;
    unsigned computing = beside_computing(now, &less);
    int64_t missing = computing > 0 ? enough() - less : -lag(now);
    uint64_t wait = missing > 0 ? (uint64_t)missing * (computing > 0 ? computing : gy_order.line.length + 1) : 0;
    return now + (wait > GY_ASK_AGAIN_NS ? wait : GY_ASK_AGAIN_NS);
}

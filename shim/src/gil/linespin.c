/* SPDX-License-Identifier: MIT */
/* How one of those who wait spins. The rules are in gilorder.c. */
#include "gil/linespin.h"

#include "gil/lineplace.h"
#include "os/clock.h"

#include <stddef.h>

/* A spinner that asked is answered within this, if the holder runs. Only later it gives way. */
#define ANSWER_NS (UINT64_C(5) * GY_NS_PER_US)

/*
 * Who gave way and is back so late made room for another program's thread, not for one that is there for a moment; unless it was
 * for one of ours, which has taken the GIL. Nobody spins for some times as long.
 */
#define CROWDED_NS           (UINT64_C(200) * GY_NS_PER_US)
#define CROWDED_CALM_MOST_NS (UINT64_C(50) * GY_NS_PER_MS)
enum { CROWDED_CALM = 16 };

/*
 * Whoever is told to go sees it at once, by a flag of its own. That a grace is over it has to look for, where the holder writes;
 * and each look makes the holder's next write wait, and gives way, at a system call's cost: a loop of short reads beside a
 * spinner that looked each microsecond took twice as long. So looks are an eighth of the time that has passed apart, within
 * limits.
 */
enum { LOOKS_PART = 8, PAUSES = 8 };
#define LOOKS_LEAST_NS UINT64_C(500)
#define LOOKS_MOST_NS  (UINT64_C(20) * GY_NS_PER_US)

bool gy_line_is_in_the_way(void)
{
    return atomic_load_explicit(&gy_order.grace_ns, memory_order_relaxed) != 0 &&
           gy_order.taken_by == atomic_load_explicit(&gy_order.gui, memory_order_relaxed) && gy_processor() == gy_order.taken_on;
}

static bool is_told_to_go(const gy_waiter *self)
{
    return atomic_load_explicit(&self->go, memory_order_acquire);
}

/* Until it is told to go, or to look again after `spun_ns`. Returns what time it is then. */
static uint64_t rest(const gy_waiter *self, uint64_t spun_ns, uint64_t now)
{
    uint64_t apart = spun_ns / LOOKS_PART;
    uint64_t until = now + (apart < LOOKS_LEAST_NS ? LOOKS_LEAST_NS : apart < LOOKS_MOST_NS ? apart : LOOKS_MOST_NS);
    do {
        for (int i = 0; i < PAUSES && !is_told_to_go(self); i++) {
            gy_relax();
        }
        now = gy_clock_monotonic.now();
    } while (now < until && !is_told_to_go(self));
    return now;
}

/* Looks whether to go on so: nobody has left the GIL to this thread, and no other spins in its place. */
static bool spins_on(const gy_waiter *self, uint64_t now)
{
    if (is_told_to_go(self) || atomic_load_explicit(&gy_order.spinner, memory_order_relaxed) != self) {
        return false;
    }
    return !gy_gil_grace_is_over(now) || gy_line_is_anothers(self);
}

/* The calling thread, which spun, was put aside from `from` on. With the GIL's mutex. */
static void was_late(uint64_t from, uint64_t now)
{
    int here = gy_processor();
    if (here != gy_order.taken_on && *gy_gil_took_at(here) < from) {
        uint64_t calm = (now - from) * CROWDED_CALM;
        atomic_store_explicit(&gy_order.crowded_until, now + (calm < CROWDED_CALM_MOST_NS ? calm : CROWDED_CALM_MOST_NS),
                              memory_order_relaxed);
    }
}

void gy_line_spin(gy_waiter *self, gy_mutex *mutex, uint64_t until)
{
    atomic_store_explicit(&self->go, false, memory_order_relaxed); /* from when another was quicker */
    atomic_store_explicit(&gy_order.spinner, self, memory_order_relaxed);
    gy_mutex_unlock(mutex);
    uint64_t begun = gy_clock_monotonic.now(), now = begun, gives_way_from = gy_gil_has_asked() ? begun + ANSWER_NS : 0;
    uint64_t late_from = 0;
    bool goes_on = true;
    while (goes_on && late_from == 0 && now < until && atomic_load_explicit(&gy_order.active, memory_order_relaxed)) {
        uint64_t before = now;
        now = rest(self, now - begun, now);
        if (now >= gives_way_from && !is_told_to_go(self)) {
            gy_give_way();
            now = gy_clock_monotonic.now();
        }
        late_from = now > before + CROWDED_NS ? before : 0;
        goes_on = spins_on(self, now);
        uint64_t end = gy_gil_taken_at() + GY_SPIN_NS;
        until = end > until ? end : until;
    }
    gy_gil_lock_soon(mutex, now + GY_SPIN_NS);
    if (late_from != 0) {
        was_late(late_from, now);
    }
    if (atomic_load_explicit(&gy_order.spinner, memory_order_relaxed) == self) {
        atomic_store_explicit(&gy_order.spinner, NULL, memory_order_relaxed);
    }
}

void gy_line_make_way(const gy_waiter *self, gy_mutex *mutex)
{
    if (self->little || gy_order.held || !gy_order.off_to_sleep ||
        atomic_load_explicit(&gy_order.promised, memory_order_relaxed) != self || gy_processor() != gy_order.taken_on) {
        return;
    }
    uint64_t now = gy_clock_monotonic.now();
    uint64_t epoch = atomic_load_explicit(&gy_order.epoch, memory_order_relaxed);
    gy_order.off_to_sleep = false;
    gy_mutex_unlock(mutex);
    gy_give_way();
    gy_gil_lock(mutex);
    if (gy_clock_monotonic.now() > now + CROWDED_NS && epoch == atomic_load_explicit(&gy_order.epoch, memory_order_relaxed)) {
        gy_order.way_in_vain = gy_order.taken_by;
    }
}

uint64_t gy_line_spin_end(const gy_waiter *self, uint64_t now)
{
    const gy_waiter *other = atomic_load_explicit(&gy_order.spinner, memory_order_relaxed);
    if (!atomic_load_explicit(&gy_order.may_spin, memory_order_relaxed) ||
        now < atomic_load_explicit(&gy_order.crowded_until, memory_order_relaxed) ||
        (other && other->node.rank <= self->node.rank)) {
        return 0;
    }
    if (!gy_order.held) {
        uint64_t free_end = atomic_load_explicit(&gy_order.free_since, memory_order_relaxed) + GY_SPIN_NS;
        return free_end > now && !gy_line_is_in_the_way() ? free_end : 0;
    }
    if (self->seen_on == gy_order.taken_on) {
        return 0; /* this thread is in the holder's way */
    }
    bool asked = gy_gil_has_asked();
    uint64_t end = asked ? gy_own.asked_at + GY_SPIN_NS : gy_order.quick ? gy_gil_taken_at() + GY_SPIN_NS : 0;
    return end > now ? end : 0;
}

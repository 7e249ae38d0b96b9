/* SPDX-License-Identifier: MIT */
/* How one of those who wait spins. The rules are in gilorder.c. */
#include "gil/linespin.h"

#include "gil/lineplace.h"
#include "os/clock.h"

#include <stddef.h>

/* A spinner that asked is answered within this, if the holder runs. Only later it gives way. */
#define ANSWER_NS (UINT64_C(5) * GY_NS_PER_US)

/* Who gave way and is back so late made room for another program's thread, not for one that is there for a moment. */
#define CROWDED_NS      (UINT64_C(200) * GY_NS_PER_US)
#define CROWDED_CALM_NS (UINT64_C(50) * GY_NS_PER_MS)

bool gy_line_is_in_the_way(void)
{
    return atomic_load_explicit(&gy_order.grace_ns, memory_order_relaxed) != 0 &&
           gy_order.taken_by == atomic_load_explicit(&gy_order.gui, memory_order_relaxed) && gy_processor() == gy_order.taken_on;
}

void gy_line_spin(gy_waiter *self, gy_mutex *mutex, uint64_t until)
{
    /* Each look costs the holder a little: where it only has to be seen that the GIL stays free, they may be further apart. */
    bool asked = gy_gil_has_asked();
    int pauses = asked || self->little ? 4 : 24;
    atomic_store_explicit(&self->go, false, memory_order_relaxed); /* from when another was quicker */
    atomic_store_explicit(&gy_order.spinner, self, memory_order_relaxed);
    gy_mutex_unlock(mutex);
    uint64_t now = gy_clock_monotonic.now(), gives_way_from = asked ? now + ANSWER_NS : 0;
    bool late = false;
    do {
        for (int i = 0; i < pauses; i++) {
            gy_relax();
        }
        uint64_t before = now;
        if (now >= gives_way_from) {
            gy_give_way();
        }
        now = gy_clock_monotonic.now();
        if (now > before + CROWDED_NS) {
            late = true;
            break;
        }
        if (atomic_load_explicit(&self->go, memory_order_acquire) ||
            atomic_load_explicit(&gy_order.spinner, memory_order_relaxed) != self) {
            break;
        }
        uint64_t free_since = atomic_load_explicit(&gy_order.free_since, memory_order_relaxed);
        if (free_since != 0 && now >= free_since + atomic_load_explicit(&gy_order.grace_ns, memory_order_relaxed) &&
            !gy_line_is_anothers(self)) {
            break;
        }
        uint64_t begun = gy_gil_taken_at();
        if (begun + GY_SPIN_NS > until) {
            until = begun + GY_SPIN_NS;
        }
    } while (now < until && atomic_load_explicit(&gy_order.active, memory_order_relaxed));
    gy_gil_lock_soon(mutex, now + GY_SPIN_NS);
    if (late && gy_processor() != gy_order.taken_on) { /* else it made room for the holder */
        atomic_store_explicit(&gy_order.crowded_until, now + CROWDED_CALM_NS, memory_order_relaxed);
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

/* SPDX-License-Identifier: MIT */
/* How background threads wait for the GIL. The rules are in gilorder.c. */
#include "gil/linewait.h"

#include "gil/linefair.h"
#include "gil/lineplace.h"
#include "gil/linespin.h"
#include "gil/linetimes.h"
#include "gil/unheard.h"
#include "os/clock.h"
#include "os/schedslice.h"

/* Who came back so often as one that needs little, and did not use up a turn meanwhile, is of that kind. */
#define SHORT_SLICE_WAITS 8

/*
 * On the processor of the GUI thread, if that left the GIL free for a grace, nobody takes it before this: who was woken there has
 * put it aside, and takes nothing from one that is away.
 */
#define IN_THE_WAY_NS GY_SPIN_NS

/* A turn is two fifths of CPython's switch interval: 2 ms of 5. */
static uint64_t turn_of(uint64_t switch_ns)
{
    return switch_ns / 5 * 2;
}

/* The GUI thread makes short calls, one after the other, and has gone on with it since the calling thread, the first, looked. */
static bool watches(uint64_t *watched)
{
    uint64_t epoch = atomic_load_explicit(&gy_order.epoch, memory_order_relaxed);
    bool goes_on = atomic_load_explicit(&gy_order.grace_ns, memory_order_relaxed) != 0 && epoch != *watched;
    *watched = epoch;
    return goes_on;
}

/* The GIL is free. May the calling thread have it? If not, *look_at is when to look again. */
static bool may_take(const gy_waiter *self, uint64_t now, uint64_t *look_at)
{
    uint64_t since = atomic_load_explicit(&gy_order.free_since, memory_order_relaxed);
    uint64_t stale = since + GY_RETRY_NS;
    if (atomic_load_explicit(&gy_order.on_offer, memory_order_relaxed) && gy_order.gui_waiting) {
        *look_at = now + GY_RETRY_NS; /* however late the kernel lets the GUI thread run: it is there, and takes it */
        return false;
    }
    if (gy_line_is_anothers(self)) {
        *look_at = stale;
        return since == 0 || now >= stale;
    }
    if (atomic_load_explicit(&gy_order.promised, memory_order_relaxed) == self) {
        return true;
    }
    uint64_t grace = atomic_load_explicit(&gy_order.grace_ns, memory_order_relaxed);
    *look_at = since + grace + (gy_line_is_in_the_way() ? IN_THE_WAY_NS : 0);
    return since == 0 || now >= *look_at;
}

/* CPython is to set the request. It does if nobody has taken the GIL since the wait began; else it comes back here first. */
static bool ask(uint64_t now, uint64_t entry_epoch)
{
    uint64_t epoch = atomic_load_explicit(&gy_order.epoch, memory_order_relaxed);
    if (epoch != entry_epoch) {
        gy_own.ask_again = true;
        return true;
    }
    gy_own.asked_at = now;
    gy_own.asked_epoch = epoch;
    if (gy_gil_holds_up_gui(gy_order.holder)) {
        atomic_store_explicit(&gy_order.gui_owner, NULL, memory_order_relaxed); /* it has had an interval */
    }
    if (gy_order.gui_has_it) {
        if (gy_share_hold_end(&gy_order.share) <= now) {
            gy_order.others_asked_at = now;
        } else {
            gy_order.lends = true;
        }
    }
    gy_order.asked = true;
    return true;
}

/* Who needs little again and again has a short time slice, until a turn is used up. */
static void adapt_slice(const gy_waiter *self)
{
    if (self->little) {
        if (gy_own.little_waits < SHORT_SLICE_WAITS && ++gy_own.little_waits == SHORT_SLICE_WAITS) {
            gy_schedslice_shorten();
        }
    } else if (gy_own.preempted && !gy_own.interrupted && gy_own.little_waits > 0) {
        if (gy_own.little_waits == SHORT_SLICE_WAITS) {
            gy_schedslice_lengthen();
        }
        gy_own.little_waits = 0;
    }
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/*
 * In line until the GIL is the calling thread's to take, or it is time to ask for it, or all this has ended. Returns whether it
 * is time to ask.
 */
static bool wait_in_line(gy_mutex *mutex, uint64_t now)
{
    gy_waiter self = {.account = &gy_own};
    if (!gy_cond_init(&self.cond)) {
        return true;
    }
    gy_line_comes(now);
    gy_line_take_place(&self, now);
    adapt_slice(&self);
    uint64_t class_at = gy_line_class_time(&self, now);
    bool must_ask = false, in_time = false; /* in_time: it fell asleep as the first, and knew when the turn would be over */
    bool let_go = false;                    /* of the mutex */
    uint64_t watched = 0;
    while (atomic_load_explicit(&gy_order.active, memory_order_relaxed)) {
        uint64_t look_at;
        class_at = self.served ? earlier(class_at, gy_gil_gui_blocked_at()) : class_at;
        if (!gy_order.held) {
            if (may_take(&self, now, &look_at)) {
                break;
            }
            /* Whoever takes it then need not wake this thread for the end of the turn. */
            look_at = look_at < now + gy_order.turn_ns ? look_at : now + gy_order.turn_ns;
        } else {
            if (class_at <= now) {
                gy_line_leave_place(&self);
                gy_line_comes(now); /* whoever was behind by more may have been neither in line nor the holder at that moment */
                gy_line_take_place(&self, now);
                class_at = gy_line_class_time(&self, now);
            }
            bool first = gy_gil_first() == &self;
            look_at = first ? gy_line_ask_time(&self, now) : gy_line_unanswered_time();
            if (look_at <= now && !let_go && gy_gil_has_asked()) {
                look_at = now + GY_SPIN_NS; /* with a short switch interval, or a slow clock: to answer takes the mutex */
            }
            if (look_at <= now && gy_unheard(now) && !gy_unheard_tell(mutex)) {
                now = gy_clock_monotonic.now();
                continue;
            }
            if (look_at <= now) {
                must_ask = true;
                gy_order.asked_in_time = gy_order.asked_in_time || in_time;
                break;
            }
            in_time = first;
            if (!first) {
                look_at = gy_line_expected_time(&self, now);
            }
        }
        look_at = gy_order.held ? earlier(look_at, class_at) : look_at;
        if (gy_order.gui_has_it && gy_gil_first() == &self && watches(&watched)) {
            look_at = earlier(look_at, now + GY_WATCH_NS);
        }
        self.seen_on = gy_processor();
        uint64_t end = gy_line_spin_end(&self, now);
        if (end != 0) {
            gy_line_spin(&self, mutex, end < look_at ? end : look_at);
        } else {
            self.deadline = look_at;
            self.signalled = false;
            self.asleep = true;
            gy_cond_wait_until(&self.cond, mutex, look_at);
            self.asleep = false;
            gy_line_make_way(&self, mutex);
        }
        let_go = true;
        now = gy_clock_monotonic.now();
    }
    gy_line_leave_place(&self);
    if (!atomic_load_explicit(&gy_order.active, memory_order_relaxed)) {
        gy_line_wake(gy_gil_first());
    }
    gy_cond_destroy(&self.cond);
    gy_own.looked_at = now;
    return must_ask;
}

bool gy_line_wait(gy_mutex *mutex, uint64_t switch_ns)
{
    if (!gy_own.met) {
        gy_own.met = true;
        gy_schedslice_disinherit();
    }
    uint64_t now = gy_clock_monotonic.now(), entry_epoch = atomic_load_explicit(&gy_order.epoch, memory_order_relaxed);
    gy_gil_wanted(now);
    gy_gil_returned(now);
    if (gy_own.ask_again) {
        gy_own.ask_again = false;
        return ask(now, entry_epoch);
    }
    if (atomic_load_explicit(&gy_order.mutex, memory_order_relaxed) != mutex) { /* another CPython's at most, later */
        atomic_store(&gy_order.mutex, mutex);
        /* Either gy_gilorder_end() sees it and wakes this thread, or this thread sees that all has ended. */
        atomic_thread_fence(memory_order_seq_cst);
    }
    gy_order.turn_ns = turn_of(switch_ns);
    return wait_in_line(mutex, now) && ask(gy_clock_monotonic.now(), entry_epoch);
}

void gy_line_wait_relieved(gy_mutex *mutex)
{
    uint64_t now = gy_clock_monotonic.now();
    gy_gil_wanted(now);
    gy_gil_returned(now);
    wait_in_line(mutex, now);
}

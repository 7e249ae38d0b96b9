/* SPDX-License-Identifier: MIT */
/* How background threads wait for the GIL. The rules are in gilorder.c. */
#include "gil/gilstate.h"

#include "gil/unheard.h"
#include "os/clock.h"
#include "os/schedslice.h"

#include <stddef.h>

/* A class-2 thread that is still behind asks again after this. */
#define ASK_AGAIN_NS (UINT64_C(300) * GY_NS_PER_US)

/* Two threads that need little are about equal: neither interrupts the other. */
#define GRANULARITY_NS (UINT64_C(50) * GY_NS_PER_US)

/* Ranks of class 2 come before all others: nobody has saved or owes as much. */
#define CLASS_NS (UINT64_C(16) * GY_NS_PER_MS)

/* Who was interrupted within its turn is before all others of class 3, and not before class 2, however long a turn is. */
#define MOST_BONUS_NS (CLASS_NS / 2)

/* A spinner that asked is answered within this, if the holder runs. Only later it gives way. */
#define ANSWER_NS (UINT64_C(5) * GY_NS_PER_US)

/* Who gave way and is back so late made room for another program's thread, not for one that is there for a moment. */
#define CROWDED_NS      (UINT64_C(200) * GY_NS_PER_US)
#define CROWDED_CALM_NS (UINT64_C(50) * GY_NS_PER_MS)

/* A thread that was born a moment ago is expected to need about this. */
#define NEWBORN_NEED_NS (UINT64_C(40) * GY_NS_PER_US)

/* Who holds up the GUI thread with a lock is not interrupted for an interval, but not for longer than this. */
#define MOST_OF_OWNER_NS (UINT64_C(20) * GY_NS_PER_MS)

/* Who came back so often as one that needs little, and did not use up a turn meanwhile, is of that kind. */
#define SHORT_SLICE_WAITS 8

/* How many waiters of class 2 are looked past: the line is as it is under the GIL's mutex, and that is wanted. */
enum { MOST_LOOKS = 8 };

/* A turn is two fifths of CPython's switch interval: 2 ms of 5. */
static uint64_t turn_of(uint64_t switch_ns)
{
    return switch_ns / 5 * 2;
}

static gy_waiter *first_in_line(void)
{
    return (gy_waiter *)(void *)gy_order.line.first;
}

static uint64_t taken_at(void)
{
    return atomic_load_explicit(&gy_order.taken_at, memory_order_relaxed);
}

/* How long the holder has had the GIL. */
static uint64_t running(uint64_t now)
{
    uint64_t since = taken_at();
    return gy_order.held && since != 0 && now > since ? now - since : 0;
}

/* The calling thread's lag now, with what the holder has had so far. */
static int64_t lag(uint64_t now)
{
    uint64_t ahead = gy_order.gui_has_it ? 0 : running(now) / (gy_order.line.length + 1);
    return gy_fairclock_lag(&gy_order.clock, &gy_own.runtime, ahead);
}

/* By how much the holder has had more than the calling thread. One that is not known has had enough. */
static int64_t behind(uint64_t now)
{
    if (!gy_order.holder) {
        return INT64_MAX;
    }
    return (int64_t)(gy_order.holder->runtime.virtual_ns + running(now)) - (int64_t)gy_own.runtime.virtual_ns;
}

/* The least virtual runtime of those that compute, as far as one sees it at a glance. UINT64_MAX: there is none. */
static uint64_t least_of_class_3(uint64_t now)
{
    const gy_waiter *waiter = first_in_line();
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

bool gy_line_another_comes_before(uint64_t now)
{
    uint64_t margin = gy_order.turn_ns < GY_MOST_SAVED_NS ? gy_order.turn_ns : GY_MOST_SAVED_NS;
    uint64_t least = least_of_class_3(now);
    return least != UINT64_MAX && least + margin < gy_own.runtime.virtual_ns;
}

void gy_line_comes(uint64_t now)
{
    /* One that was asked for the GIL just when it let go of it to sleep was not interrupted. */
    uint64_t gone = gy_own.looked_at > gy_own.dropped_at ? gy_own.looked_at : gy_own.dropped_at;
    if (gy_own.preempted && gone != 0 && now - gone > GY_RETRY_NS && now > gone) {
        gy_own.preempted = false;
        gy_own.interrupted = false;
    }
    gy_fairclock_arrive(&gy_order.clock, &gy_own.runtime, !gy_own.preempted, least_of_class_3(now));
}

static uint64_t turn_end(uint64_t now)
{
    if (gy_gil_holds_up_gui(gy_order.holder)) {
        return taken_at() + (gy_order.interval_ns < MOST_OF_OWNER_NS ? gy_order.interval_ns : MOST_OF_OWNER_NS);
    }
    return gy_gil_turn_end(now);
}

/* When the first in line looks at the latest, whoever has the GIL. */
static uint64_t due(uint64_t now)
{
    uint64_t end = gy_order.gui_has_it ? gy_share_hold_end(&gy_order.share) : turn_end(now);
    return end == UINT64_MAX ? end : end + gy_gil_turn(now) / 4;
}

/*
 * When the calling thread, of class 2, may interrupt a handler of the GUI thread; the budget grows by a twentieth of the time.
 * UINT64_MAX: it needs too much for that.
 */
static uint64_t lend_time(uint64_t now)
{
    uint64_t need = gy_own.need_ns ? gy_own.need_ns : NEWBORN_NEED_NS;
    int64_t missing = (int64_t)(need < GY_MOST_LENT_NS ? need : GY_MOST_LENT_NS) - gy_gui_budget(now);
    return need > GY_MOST_NEED_NS ? UINT64_MAX : missing <= 0 ? now : now + (uint64_t)missing * 20;
}

/* When the calling thread, which is first in line, is to ask the holder to drop the GIL. */
static uint64_t ask_time(const gy_waiter *self, uint64_t now)
{
    uint64_t epoch = atomic_load_explicit(&gy_order.epoch, memory_order_relaxed);
    uint64_t when;
    if (gy_order.gui_has_it) {
        uint64_t end = gy_share_hold_end(&gy_order.share);
        when = end == UINT64_MAX ? now + GY_RETRY_NS : end;
        if (when <= now && gy_order.others_asked_at != 0) {
            when = gy_order.others_asked_at + gy_order.turn_ns;
        }
        if (self->little && when > now) {
            uint64_t lend = lend_time(now);
            when = lend < when ? lend : when;
        }
    } else {
        when = turn_end(now);
        when = when < now + gy_gil_turn_tolerance(now) ? now : when;
        if (self->little && !gy_gil_holds_up_gui(gy_order.holder)) {
            bool equals = gy_order.little && !gy_gil_gui_blocked(now);
            int64_t missing = equals ? (int64_t)GRANULARITY_NS - behind(now) : 0;
            uint64_t enough = missing > 0 ? now + (uint64_t)missing : now;
            /* A holder that needs little, too, is done sooner than it is interrupted. */
            if (gy_order.quick && !gy_gil_holds_up_gui(&gy_own) && enough < taken_at() + GY_SPIN_NS) {
                enough = taken_at() + GY_SPIN_NS;
            }
            when = enough < when ? enough : when;
        }
    }
    if (gy_own.asked_epoch == epoch && gy_own.asked_at != 0) {
        uint64_t again = gy_own.asked_at + (self->little ? ASK_AGAIN_NS : gy_order.turn_ns);
        when = when > again ? when : again;
    }
    return when;
}

/* How far apart turns end. */
static uint64_t turns_apart(void)
{
    uint64_t most = GY_MOST_TURNS_APART * gy_order.turn_ns; /* the switch interval may have become shorter */
    uint64_t apart = gy_order.apart_ns < most ? gy_order.apart_ns : most;
    return apart > gy_order.turn_ns ? apart : gy_order.turn_ns;
}

/* When the calling thread, which is not first in line, is expected to be first and to ask. */
static uint64_t expected_time(const gy_waiter *self, uint64_t now)
{
    uint64_t end = gy_order.gui_has_it ? now + gy_order.turn_ns : gy_gil_turn_end(now);
    return (end > now ? end : now) + gy_line_position(&self->node) * turns_apart();
}

/*
 * When the calling thread, which is not first in line, asks all the same. Nobody has taken the GIL for so long: the first may be
 * of another interpreter than the holder, which CPython 3.9 to 3.12 does not tell of its request.
 */
static uint64_t unanswered_time(void)
{
    uint64_t due = gy_order.gui_has_it ? gy_share_hold_end(&gy_order.share) : taken_at() + gy_order.turn_ns;
    if (gy_own.asked_epoch == atomic_load_explicit(&gy_order.epoch, memory_order_relaxed) && gy_own.asked_at > due) {
        due = gy_own.asked_at;
    }
    uint64_t others_turns = gy_order.line.length * turns_apart();
    return due > UINT64_MAX - others_turns ? UINT64_MAX : due + others_turns;
}

/* The GIL, which is free, is on its way to another thread. */
static bool is_anothers(const gy_waiter *self)
{
    const gy_waiter *promised = atomic_load_explicit(&gy_order.promised, memory_order_relaxed);
    return (promised && promised != self) || atomic_load_explicit(&gy_order.on_offer, memory_order_relaxed);
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
    if (is_anothers(self)) {
        *look_at = stale;
        return since == 0 || now >= stale;
    }
    if (atomic_load_explicit(&gy_order.promised, memory_order_relaxed) == self) {
        return true;
    }
    *look_at = since + atomic_load_explicit(&gy_order.grace_ns, memory_order_relaxed);
    return since == 0 || now >= *look_at;
}

/*
 * Lets go of the mutex and spins, as the only background thread that does: until the GIL is this thread's to take, or another
 * thread is to spin instead, or `until`, which each hold of a quick holder puts off.
 */
static void spin(gy_waiter *self, gy_mutex *mutex, uint64_t until)
{
    /* Each look costs the holder a little: where it only has to be seen that the GIL stays free, they may be further apart. */
    bool asked = gy_own.asked_at != 0 && gy_own.asked_epoch == atomic_load_explicit(&gy_order.epoch, memory_order_relaxed);
    int pauses = asked || self->little ? 4 : 24;
    atomic_store_explicit(&self->go, false, memory_order_relaxed); /* from when another was quicker */
    atomic_store_explicit(&gy_order.spinner, self, memory_order_relaxed);
    gy_mutex_unlock(mutex);
    uint64_t now = gy_clock_monotonic.now(), gives_way_from = asked ? now + ANSWER_NS : 0;
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
            atomic_store_explicit(&gy_order.crowded_until, now + CROWDED_CALM_NS, memory_order_relaxed);
            break;
        }
        if (atomic_load_explicit(&self->go, memory_order_acquire) ||
            atomic_load_explicit(&gy_order.spinner, memory_order_relaxed) != self) {
            break;
        }
        uint64_t free_since = atomic_load_explicit(&gy_order.free_since, memory_order_relaxed);
        if (free_since != 0 && now >= free_since + atomic_load_explicit(&gy_order.grace_ns, memory_order_relaxed) &&
            !is_anothers(self)) {
            break;
        }
        uint64_t begun = taken_at();
        if (begun + GY_SPIN_NS > until) {
            until = begun + GY_SPIN_NS;
        }
    } while (now < until && atomic_load_explicit(&gy_order.active, memory_order_relaxed));
    gy_gil_lock_soon(mutex, now + GY_SPIN_NS);
    if (atomic_load_explicit(&gy_order.spinner, memory_order_relaxed) == self) {
        atomic_store_explicit(&gy_order.spinner, NULL, memory_order_relaxed);
    }
}

/* Is it soon that the GIL comes to the calling thread, so that to sleep would take longer? Until when is it worth while? */
static uint64_t spin_end(const gy_waiter *self, uint64_t now)
{
    const gy_waiter *other = atomic_load_explicit(&gy_order.spinner, memory_order_relaxed);
    if (!atomic_load_explicit(&gy_order.may_spin, memory_order_relaxed) ||
        now < atomic_load_explicit(&gy_order.crowded_until, memory_order_relaxed) ||
        (other && other->node.rank <= self->node.rank)) {
        return 0;
    }
    if (!gy_order.held) {
        uint64_t free_end = atomic_load_explicit(&gy_order.free_since, memory_order_relaxed) + GY_SPIN_NS;
        return free_end > now ? free_end : 0;
    }
    if (gy_processor() == gy_order.taken_on) {
        return 0; /* this thread is in the holder's way */
    }
    bool asked = gy_own.asked_at != 0 && gy_own.asked_epoch == atomic_load_explicit(&gy_order.epoch, memory_order_relaxed);
    uint64_t end = asked ? gy_own.asked_at + GY_SPIN_NS : gy_order.quick ? taken_at() + GY_SPIN_NS : 0;
    return end > now ? end : 0;
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

/* The calling thread has had less than its part, or it takes nothing from anybody but the GUI thread. */
static bool has_lag(uint64_t now)
{
    return lag(now) > 0 || (gy_order.gui_has_it && least_of_class_3(now) == UINT64_MAX);
}

static gy_waiter **waiters_of(const gy_account *account)
{
    uint64_t spread = (uint64_t)(uintptr_t)account * UINT64_C(0x9e3779b97f4a7c15); /* threads lie at round distances */
    return &gy_order.waiters[(spread >> 32) % GY_WAITERS];
}

static gy_waiter *waiter_of(const gy_account *account)
{
    gy_waiter *waiter = *waiters_of(account);
    while (waiter && waiter->account != account) {
        waiter = waiter->next;
    }
    return waiter;
}

static void enter_with_rank(gy_waiter *waiter, uint64_t rank)
{
    gy_line_enter(&gy_order.line, &waiter->node, rank);
    waiter->pointer = waiters_of(waiter->account);
    waiter->next = *waiter->pointer;
    *waiter->pointer = waiter;
    if (waiter->next) {
        waiter->next->pointer = &waiter->next;
    }
    atomic_store_explicit(&gy_order.waiting, (int)gy_order.line.length, memory_order_relaxed);
}

/*
 * Place in line: whose lock the GUI thread waits for before all others, then class 2, then who was interrupted within a turn, as
 * if a turn less had been had.
 */
static void enter(gy_waiter *self, uint64_t now)
{
    uint64_t rank = gy_own.runtime.virtual_ns + 2 * CLASS_NS;
    bool first = gy_gil_holds_up_gui(&gy_own);
    /* What is free now is somebody else's already, and not the GUI thread's: who comes too late for it goes past nobody. */
    bool in_time = gy_order.held || atomic_load_explicit(&gy_order.on_offer, memory_order_relaxed);
    self->little = first || (in_time && !gy_own.preempted &&
                             ((has_lag(now) && !gy_line_another_comes_before(now)) || gy_gil_gui_blocked(now)));
    if (first) {
        rank = 0;
    } else if (self->little) {
        rank -= CLASS_NS;
    } else if (gy_own.interrupted) {
        rank -= gy_order.turn_ns < MOST_BONUS_NS ? gy_order.turn_ns : MOST_BONUS_NS;
    }
    if (!gy_own.preempted) {
        gy_own.turn_used_ns = 0;
    }
    if (!self->little && !gy_own.preempted) {
        self->newer = NULL;
        self->older = gy_order.served;
        if (self->older) {
            self->older->newer = self;
        }
        gy_order.served = self;
        self->served = true;
    }
    enter_with_rank(self, rank);
    if (gy_order.held && first_in_line() != self) {
        /* It may have been the first before, and left to ask or to change its class. */
        gy_line_look_by(due(now));
    }
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

static void leave(gy_waiter *self)
{
    if (self->served) {
        self->served = false;
        *(self->newer ? &self->newer->older : &gy_order.served) = self->older;
        if (self->older) {
            self->older->newer = self->newer;
        }
    }
    *self->pointer = self->next;
    if (self->next) {
        self->next->pointer = self->pointer;
    }
    gy_line_leave(&gy_order.line, &self->node);
    atomic_store_explicit(&gy_order.waiting, (int)gy_order.line.length, memory_order_relaxed);
    if (atomic_load_explicit(&gy_order.promised, memory_order_relaxed) == self) {
        atomic_store_explicit(&gy_order.promised, NULL, memory_order_relaxed);
    }
}

/* When a thread that came back by itself and has had its part is of class 2 again. */
static uint64_t class_time(const gy_waiter *self, uint64_t now)
{
    if (gy_own.preempted || self->little) {
        return UINT64_MAX;
    }
    int64_t missing = -lag(now);
    uint64_t wait = missing > 0 ? (uint64_t)missing * (gy_order.line.length + 1) : 0;
    return now + (wait > ASK_AGAIN_NS ? wait : ASK_AGAIN_NS);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void wake(gy_waiter *waiter)
{
    if (waiter && waiter->asleep && !waiter->signalled) {
        waiter->signalled = true;
        gy_cond_signal(&waiter->cond);
    }
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
    enter(&self, now);
    adapt_slice(&self);
    uint64_t class_at = class_time(&self, now);
    bool must_ask = false, in_time = false; /* in_time: it fell asleep as the first, and knew when the turn would be over */
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
                leave(&self);
                gy_line_comes(now); /* whoever was behind by more may have been neither in line nor the holder at that moment */
                enter(&self, now);
                class_at = class_time(&self, now);
            }
            bool first = first_in_line() == &self;
            look_at = first ? ask_time(&self, now) : unanswered_time();
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
                look_at = expected_time(&self, now);
            }
        }
        look_at = gy_order.held ? earlier(look_at, class_at) : look_at;
        uint64_t end = spin_end(&self, now);
        if (end != 0) {
            spin(&self, mutex, end < look_at ? end : look_at);
        } else {
            self.deadline = look_at;
            self.signalled = false;
            self.asleep = true;
            gy_cond_wait_until(&self.cond, mutex, look_at);
            self.asleep = false;
        }
        now = gy_clock_monotonic.now();
    }
    leave(&self);
    if (!atomic_load_explicit(&gy_order.active, memory_order_relaxed)) {
        wake(first_in_line());
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
    wait_in_line(mutex, now);
}

void gy_line_look_by(uint64_t when)
{
    gy_waiter *first = first_in_line();
    if (first && first->deadline > when) {
        wake(first);
    }
}

void gy_line_gui_is_away(void)
{
    gy_waiter *newest = gy_order.served;
    if (newest && newest->deadline > gy_gil_gui_blocked_at()) {
        wake(newest);
    }
}

void gy_line_gui_in_lock(const gy_account *owner)
{
    gy_waiter *waiter = owner ? waiter_of(owner) : NULL;
    if (waiter) {
        bool promised = atomic_load_explicit(&gy_order.promised, memory_order_relaxed) == waiter;
        leave(waiter);
        waiter->little = true;
        enter_with_rank(waiter, 0);
        if (promised) {
            atomic_store_explicit(&gy_order.promised, waiter, memory_order_relaxed);
        }
    } else {
        wake(gy_order.served);
    }
    wake(first_in_line());
}

void gy_line_wake_first(void)
{
    wake(first_in_line());
}

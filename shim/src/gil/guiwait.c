/* SPDX-License-Identifier: MIT */
/* How the GUI thread waits for the GIL, and what it lends of it. The rules are in gilorder.c. */
#include "gil/guiwait.h"

#include "gil/unheard.h"
#include "os/clock.h"
#include "os/schedslice.h"
#include "os/threads.h"

#include <stddef.h>

/* Nobody was in the GUI thread's way for so long: its time slice at the processor is the kernel's again. */
#define UNHINDERED_NS GY_NS_PER_S

/*
 * A twentieth of a handler's time is for threads that need little: from the moment in which the GUI thread lets go of the GIL for
 * one until it has it again, however that comes about. No more than this is saved up, and no more is owed: the kernel may wake a
 * thread late, by milliseconds, and threads that need little would pay for that with a tenth of a second.
 */
enum { LENT_PART = 20 };
#define MOST_BUDGET_NS ((int64_t)GY_MOST_LENT_NS)
#define MOST_DEBT_NS   ((int64_t)(500 * GY_NS_PER_US))

/* Shorter holds are not looked at more closely: the kernel puts nobody aside for less than a tick or another's time slice. */
#define LOOKED_AT_NS (UINT64_C(500) * GY_NS_PER_US)

gy_cond gy_gui_cond;

/* What the GUI thread had used of its processor by `from`, 0: not known; and how often others had had the GIL by then. */
static struct {
    const gy_account *whose; /* the application may be made again on another thread */
    gy_threads_used used;
    uint64_t from, takes;
} last_seen;

int64_t gy_gui_budget(uint64_t now)
{
    uint64_t since = gy_order.earns_since, earned = since != 0 && now > since ? (now - since) / LENT_PART : 0;
    int64_t most = MOST_BUDGET_NS + MOST_DEBT_NS;
    int64_t budget = gy_order.budget_ns + (earned < (uint64_t)most ? (int64_t)earned : most);
    return budget < MOST_BUDGET_NS ? budget : MOST_BUDGET_NS;
}

void gy_gui_has_it_back(uint64_t now)
{
    uint64_t away = now - gy_order.lent_at;
    if (away > GY_MOST_LENT_NS && atomic_load_explicit(&gy_order.gui_polls, memory_order_relaxed)) {
        away = GY_MOST_LENT_NS; /* its handler was over, as far as is known */
    }
    int64_t left = gy_order.budget_ns - (int64_t)away;
    gy_order.budget_ns = left > -MOST_DEBT_NS ? left : -MOST_DEBT_NS;
    gy_order.lent_at = 0;
    gy_order.waits_for_lent = false;
    gy_order.earns_since = now;
}

bool gy_gui_lends(uint64_t now)
{
    return gy_order.lent_at != 0 && now + GY_SHORT_GAP_NS < gy_order.lent_at + GY_MOST_LENT_NS && gy_order.line.length == 0 &&
           atomic_load_explicit(&gy_order.gui_spinning, memory_order_relaxed);
}

/* Lets go of the mutex until the GIL is handed to the GUI thread or is free, or it is `until`. */
static void spin(gy_mutex *mutex, uint64_t until)
{
    atomic_store_explicit(&gy_order.gui_spinning, true, memory_order_relaxed);
    gy_mutex_unlock(mutex);
    uint64_t now = gy_clock_monotonic.now();
    while (!atomic_load_explicit(&gy_order.handed_over, memory_order_acquire) && now < until && !gy_gil_grace_is_over(now)) {
        gy_relax();
        now = gy_clock_monotonic.now();
    }
    gy_gil_lock_soon(mutex, until);
    atomic_store_explicit(&gy_order.gui_spinning, false, memory_order_relaxed);
}

/* Waits until the GIL is handed over or it is `until`. Returns whether time has run out. */
static bool sleep_until(gy_mutex *mutex, uint64_t until)
{
    return !atomic_load_explicit(&gy_order.handed_over, memory_order_relaxed) && !gy_cond_wait_until(&gy_gui_cond, mutex, until);
}

/* Asks the holder to drop the GIL. Returns whether CPython is to do so, too. */
static bool ask(gy_mutex *mutex, uint64_t now)
{
    bool goes_on = true;
    if (gy_unheard(now)) {
        gy_order.gui_waiting = true;
        atomic_store_explicit(&gy_order.handed_over, false, memory_order_relaxed);
        goes_on = gy_unheard_tell(mutex);
        gy_order.gui_waiting = false;
    }
    if (goes_on) {
        gy_order.gui_asked = true;
        gy_order.asked = true;
        gy_own.asked_at = now;
        gy_own.asked_epoch = atomic_load_explicit(&gy_order.epoch, memory_order_relaxed);
    }
    return goes_on;
}

/*
 * Whoever set the event for which the GUI thread waited still has the GIL. Mostly that is a thread which the GUI thread has
 * started: left alone it is done with the GIL sooner than the two change places, and nobody else in line has it next.
 */
static bool is_just_given(void)
{
    uint64_t given = atomic_exchange_explicit(&gy_order.gui_given, 0, memory_order_relaxed);
    return given == atomic_load_explicit(&gy_order.epoch, memory_order_relaxed) && gy_order.line.length == 0;
}

bool gy_gui_wait(gy_mutex *mutex)
{
    uint64_t now = gy_clock_monotonic.now();
    gy_gil_wanted(now);
    gy_gil_returned(now);
    uint64_t owed = gy_share_owed(&gy_order.share, now);
    if (gy_order.gui_hindered == 0) {
        gy_schedslice_shorten();
    }
    gy_order.gui_hindered = now;
    bool may_spin = atomic_load_explicit(&gy_order.may_spin, memory_order_relaxed);
    /* Whom it is lent to had to be woken first, and to interrupt it costs another loan. */
    uint64_t lent_until =
        gy_order.waits_for_lent ? atomic_load_explicit(&gy_order.taken_at, memory_order_relaxed) + GY_MOST_LENT_NS : 0;
    bool given = is_just_given();
    gy_order.waits_for_lent = false;
    if (owed == 0 && !gy_order.gui_asked && now >= lent_until && !given) {
        return ask(mutex, now);
    }
    gy_order.gui_waiting = true;
    atomic_store_explicit(&gy_order.handed_over, false, memory_order_relaxed);
    bool timed_out = false;
    if (owed == 0 && now < lent_until) {
        if (may_spin && !gy_gil_taker_is_here()) {
            spin(mutex, lent_until);
        } else {
            sleep_until(mutex, lent_until);
        }
    } else if (owed == 0 && given) {
        bool stays = sleep_until(mutex, now + GY_SPIN_NS);
        atomic_store_explicit(&gy_order.giver_stays, stays, memory_order_relaxed);
    } else {
        /* On the processor that this thread has taken from it nobody can drop the GIL meanwhile. */
        if (owed == 0 && may_spin && gy_processor() != gy_order.taken_on) {
            spin(mutex, now + GY_SPIN_NS);
        }
        timed_out = sleep_until(mutex, now + (owed > 0 ? owed : GY_RETRY_NS));
    }
    gy_order.gui_waiting = false;
    /* If another thread was quicker, ask anew: its taking has withdrawn the request. */
    gy_order.gui_asked = false;
    return timed_out;
}

/* A look for each stretch of holds between which nobody else had the GIL: it costs more than a short one. */
void gy_gui_took(uint64_t now)
{
    gy_order.earns_since = now;
    gy_share_took(&gy_order.share, now);
    uint64_t takes = atomic_load_explicit(&gy_order.takes, memory_order_relaxed);
    if (last_seen.from == 0 || last_seen.takes != takes || last_seen.whose != &gy_own) {
        last_seen.whose = &gy_own;
        last_seen.from = gy_threads_usage(&last_seen.used) ? now : 0;
        last_seen.takes = takes;
    }
}

/*
 * For how long of its hold the kernel had put the GUI thread aside. A hold in which it has waited for something, with the GIL, is
 * its own from begin to end.
 */
static uint64_t put_aside(uint64_t now)
{
    uint64_t from = last_seen.whose == &gy_own ? last_seen.from : 0;
    uint64_t held = gy_order.share.holding && now > gy_order.share.since ? now - gy_order.share.since : 0;
    gy_threads_used used;
    if (held < LOOKED_AT_NS || from == 0 || from > gy_order.share.since) {
        return 0;
    }
    last_seen.from = 0;
    if (!gy_threads_usage(&used) || used.waited != last_seen.used.waited) {
        return 0;
    }
    uint64_t ran = used.ran_ns - last_seen.used.ran_ns, aside = now - from > ran ? now - from - ran : 0;
    return aside < held ? aside : held;
}

void gy_gui_dropped(uint64_t now)
{
    gy_share_put_aside(&gy_order.share, put_aside(now), now);
    gy_order.budget_ns = gy_gui_budget(now);
    gy_order.earns_since = 0;
    gy_share_released(&gy_order.share, now);
}

void gy_gui_polls(void)
{
    if (gy_order.gui_hindered != 0 && gy_clock_monotonic.now() - gy_order.gui_hindered > UNHINDERED_NS) {
        gy_order.gui_hindered = 0;
        gy_schedslice_lengthen();
    }
}

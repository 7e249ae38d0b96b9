/* SPDX-License-Identifier: MIT */
/*
 * In which order threads get the GIL.
 *
 *   - The GUI thread's first wait times out at once, so CPython asks for the GIL now. Then it waits for `handed_over`.
 *   - A background thread that drops the GIL while the GUI thread waits hands it over: straight to the GUI thread, however many
 *     others wait.
 *   - A background thread whose wait runs out while the GUI thread has the GIL goes on waiting until the GUI thread's hold is
 *     over (gy_share), so nobody interrupts a handler before that.
 *   - When the hold is over the first of them that looks asks at once; CPython would have it wait for a whole interval in which
 *     the GIL was not dropped, which a GUI thread that drops it often and briefly never grants. The GUI thread then owes them a
 *     slice, and while it owes it neither asks nor is handed the GIL, unless nobody else wants it.
 *   - Of the background threads the one goes first that has had the GIL for the shortest time; one that is new, or comes back
 *     from a sleep, counts as if it had nearly had its part. CPython's threads share one condition variable, on which whoever
 *     gives up after an interval and waits again loses its place: of eight equal threads one gets twice as much as another. To
 *     spare changes of thread, one that the GUI thread has interrupted goes on until it is a turn or two, of one switch interval
 *     each, ahead.
 *
 * Spinning. Most handlers are over in microseconds, and to be woken takes longer than that. So a thread that the GUI thread has
 * interrupted, and the GUI thread when it has asked, look for some microseconds without sleeping whether the GIL is theirs. It
 * also keeps the kernel from waking a thread on the GUI thread's own processor, which then takes it away for milliseconds. There
 * is at most one spinning background thread, and none on a machine with one processor.
 *
 * Who protects what. All is written under the GIL's mutex: CPython holds it in all three calls that matter (waiting for the GIL,
 * signalling that it is free, signalling that it was taken). What is atomic is also read without: by a thread that spins, and by
 * the GUI thread which looks whether anybody waits.
 *
 * Why no wake-up is lost. A hand-over is made only while `gui_waiting`, which is set and cleared under the mutex around the wait,
 * so it always meets a thread that waits for it. That thread then finds the GIL free and takes it, or finds that another was
 * quicker and asks again. A background waiter stays in the list until it has the mutex again: who is signalled just as its time
 * runs out looks at the GIL all the same. What the GUI thread drops is not signalled while a background thread spins: that one
 * leaves with the mutex and looks, too. Whoever takes the GIL drops it later and wakes the next. If it dies instead (CPython ends
 * threads that want the GIL while the interpreter is finalised), or asked while the holder changed, every wait has an end:
 * CPython's own switch interval for background threads, RETRY_NS for the GUI thread, after which each looks at the GIL itself.
 * When all this ends, whoever is in line is woken and waits on CPython's variable again.
 * The extended wait of a background thread ends with the GUI thread's hold. So the worst that any order of events can cost is one
 * such time. tests/model has this as a Promela model.
 */
#include "gil/gilorder.h"

#include "os/clock.h"
#include "os/compiler.h"
#include "os/schedslice.h"

#include <stdatomic.h>
#include <stddef.h>

/* How long the GUI thread waits before it asks again, should a request or a signal have gone astray. */
#define RETRY_NS (UINT64_C(5) * GY_NS_PER_MS)

/* To sleep and be woken takes about as long. */
#define SPIN_NS (UINT64_C(50) * GY_NS_PER_US)

/* Nobody was in the GUI thread's way for so long: its turns at the processor are the kernel's again. */
#define CALM_NS GY_NS_PER_S

/* Turns that a background thread may have missed and still gets, or have had too many and still pays for. */
enum { MOST_APART = 4 };

/* Places in line are told apart by turns of at most this length: a program may change the switch interval while threads wait. */
#define LONGEST_STEP_NS (UINT64_C(20) * GY_NS_PER_MS)

typedef struct waiter {
    struct waiter *next;
    uint64_t rank;
    gy_cond cond;
} waiter;

/* No allocation is wanted under the GIL's mutex: see os/compiler.h. */
GY_THREAD_LOCAL uint64_t served; /* how long a background thread has had the GIL, ns, or what counts as that */
GY_THREAD_LOCAL bool met;        /* it has waited for the GIL before */

static atomic_bool active;

/* Written before `active` is set. */
static _Atomic(gy_thread) gui_thread; /* atomic, as threads may still be in a wait from the time before */
static atomic_bool may_spin;          /* likewise */
static uint64_t interval_ns, slice_ns;
static bool cond_ready;
static gy_cond gui_cond;

/* Under the GIL's mutex: see above. */
static gy_share share;
static bool gui_waiting;
static bool gui_asked;                /* CPython has asked for the GIL on behalf of the GUI thread since that last had it */
static bool others_asked;             /* for what the GUI thread has held beyond its hold, since it last took the GIL */
static uint64_t gui_hindered;         /* when it last had to wait; 0: long ago */
static _Atomic(gy_mutex *) gil_mutex; /* of whoever waits in line */
static waiter *first;                 /* background threads, by rank; the GIL goes to the lowest */
static const waiter *promised;        /* woken for the GIL, and not yet there */
static bool spinning;                 /* a background thread, besides those in the list */
static uint64_t fair;                 /* `served` of a thread that has wanted the GIL all the time and had its part */
static gy_thread last;                /* the background thread that had the GIL last, if `taken_at` is not 0 */
static uint64_t taken_at;             /* by that thread */
static int taken_on;                  /* processor */
static atomic_bool handed_over;       /* to the GUI thread, since it began to wait */
static atomic_bool on_offer;          /* to the GUI thread, and nobody has taken it yet */
static atomic_bool gui_spinning, gui_has_it;
static atomic_int background; /* waiters */
static atomic_uint_least64_t takes;

bool gy_gilorder_is_gui(void)
{
    return atomic_load_explicit(&gui_thread, memory_order_relaxed) == gy_thread_self();
}

/* Lets go of the mutex until `flag` is `wanted` or it is `until`. */
static void spin(gy_mutex *mutex, atomic_bool *flag, bool wanted, uint64_t until)
{
    gy_mutex_unlock(mutex);
    while (atomic_load_explicit(flag, memory_order_acquire) != wanted && gy_clock_monotonic.now() < until) {
        gy_relax();
    }
    /* The thread that changed the flag has the mutex for some nanoseconds more: to sleep for it would cost both a system call. */
    while (!gy_mutex_try_lock(mutex)) {
        if (gy_clock_monotonic.now() >= until) {
            gy_mutex_lock(mutex);
            return;
        }
        gy_relax();
    }
}

/* ---- The GUI thread ---- */

/* The GUI thread wants the GIL and somebody else has it. */
static bool gui_wait(gy_mutex *mutex)
{
    uint64_t now = gy_clock_monotonic.now(), owed = gy_share_owed(&share, now);
    if (gui_hindered == 0) {
        gy_schedslice_shorten();
    }
    gui_hindered = now;
    if (owed == 0 && !gui_asked) {
        gui_asked = true;
        return true;
    }
    gui_waiting = true;
    atomic_store_explicit(&handed_over, false, memory_order_relaxed);
    /* On the processor that this thread has taken from it nobody can drop the GIL meanwhile. */
    if (owed == 0 && atomic_load_explicit(&may_spin, memory_order_relaxed) && gy_processor() != taken_on) {
        atomic_store_explicit(&gui_spinning, true, memory_order_relaxed);
        spin(mutex, &handed_over, true, now + SPIN_NS);
        atomic_store_explicit(&gui_spinning, false, memory_order_relaxed);
    }
    bool timed_out = false;
    if (!atomic_load_explicit(&handed_over, memory_order_relaxed)) {
        timed_out = !gy_cond_wait_until(&gui_cond, mutex, now + (owed > 0 ? owed : RETRY_NS));
    }
    gui_waiting = false;
    /* If another thread was quicker, ask anew: its taking has withdrawn the request. */
    gui_asked = false;
    return timed_out;
}

static void gui_dropped(uint64_t now)
{
    gy_share_released(&share, now);
    atomic_store_explicit(&gui_has_it, false, memory_order_release);
    if (gui_hindered != 0 && now - gui_hindered > CALM_NS) {
        gui_hindered = 0;
        gy_schedslice_restore();
    }
}

/* ---- The others ---- */

static void enter_line(waiter *self)
{
    waiter **place = &first;
    while (*place && (*place)->rank <= self->rank) {
        place = &(*place)->next;
    }
    self->next = *place;
    *place = self;
}

static void leave_line(const waiter *self)
{
    waiter **place = &first;
    while (*place && *place != self) {
        place = &(*place)->next;
    }
    if (*place) {
        *place = self->next;
    }
    if (promised == self) {
        promised = NULL;
    }
}

/* The place in line of the calling thread. */
static uint64_t own_rank(uint64_t step_ns)
{
    /* Who slept is let in soon, but keeps the GIL only when it has caught up; who kept it long, in C, pays for a part of that. */
    uint64_t apart = MOST_APART * step_ns;
    if (served + apart < fair) {
        served = fair - apart;
    } else if (served > fair + apart) {
        served = fair + apart;
    }
    bool had_it_last = taken_at != 0 && last == gy_thread_self();
    return had_it_last ? served : served + step_ns;
}

static bool wait_in_line(gy_mutex *mutex, uint64_t rank, uint64_t turn_ns)
{
    waiter self = {.rank = rank};
    /* Whoever comes after gy_gilorder_end() has woken the others goes back to CPython's own variable. */
    if (!atomic_load_explicit(&active, memory_order_relaxed) || !gy_cond_init(&self.cond)) {
        return false;
    }
    atomic_store_explicit(&gil_mutex, mutex, memory_order_relaxed);
    enter_line(&self);
    uint64_t until = gy_clock_monotonic.now() + turn_ns;
    bool timed_out;
    for (;;) {
        timed_out = !gy_cond_wait_until(&self.cond, mutex, until);
        if (!timed_out || !atomic_load_explicit(&active, memory_order_relaxed)) {
            break;
        }
        uint64_t now = gy_clock_monotonic.now(), end = gy_share_hold_end(&share);
        if (end != UINT64_MAX && end > now) {
            until = end;
        } else if (promised && promised != &self) {
            until = now + turn_ns; /* the GIL is free, and is not this thread's */
        } else {
            break;
        }
    }
    leave_line(&self);
    gy_cond_destroy(&self.cond);
    return timed_out;
}

static bool background_wait(gy_mutex *mutex, uint64_t turn_ns)
{
    if (!met) {
        met = true;
        gy_schedslice_disinherit();
    }
    uint64_t now = gy_clock_monotonic.now();
    /* Woken when the GUI thread dropped the GIL, too late to get it, and the hold is over: CPython asks if no time is left. */
    if (!others_asked && gy_share_hold_end(&share) <= now) {
        others_asked = true;
        return true;
    }
    uint64_t step_ns = turn_ns < LONGEST_STEP_NS ? turn_ns : LONGEST_STEP_NS;
    uint64_t rank = own_rank(step_ns), spin_end = share.since + SPIN_NS;
    atomic_fetch_add_explicit(&background, 1, memory_order_relaxed);
    bool dropped = false;
    if (atomic_load_explicit(&may_spin, memory_order_relaxed) && !spinning && share.holding && now < spin_end &&
        (!first || rank < first->rank + step_ns)) {
        spinning = true;
        spin(mutex, &gui_has_it, false, spin_end);
        spinning = false;
        dropped = !atomic_load_explicit(&gui_has_it, memory_order_relaxed);
    }
    bool timed_out = !dropped && wait_in_line(mutex, rank, turn_ns);
    atomic_fetch_sub_explicit(&background, 1, memory_order_relaxed);
    return timed_out;
}

/* ---- What CPython's calls come to ---- */

bool gy_gilorder_wait(gy_mutex *mutex, uint64_t turn_ns)
{
    return gy_gilorder_is_gui() ? gui_wait(mutex) : background_wait(mutex, turn_ns);
}

bool gy_gilorder_await_taken(gy_mutex *mutex)
{
    if (!atomic_load_explicit(&may_spin, memory_order_relaxed) || !atomic_load_explicit(&on_offer, memory_order_relaxed)) {
        return false;
    }
    spin(mutex, &on_offer, false, gy_clock_monotonic.now() + SPIN_NS);
    return !atomic_load_explicit(&on_offer, memory_order_relaxed);
}

void gy_gilorder_taken(void)
{
    uint64_t now = gy_clock_monotonic.now();
    atomic_store_explicit(&on_offer, false, memory_order_release);
    if (gy_gilorder_is_gui()) {
        gy_share_took(&share, now);
        atomic_store_explicit(&gui_has_it, true, memory_order_relaxed);
        gui_asked = false;
        others_asked = false;
        return;
    }
    atomic_fetch_add_explicit(&takes, 1, memory_order_relaxed);
    promised = NULL;
    last = gy_thread_self();
    taken_at = now;
    taken_on = gy_processor();
}

bool gy_gilorder_dropped(void)
{
    uint64_t now = gy_clock_monotonic.now();
    if (gy_gilorder_is_gui()) {
        gui_dropped(now);
        if (spinning) {
            return false;
        }
    } else {
        if (taken_at != 0 && last == gy_thread_self()) {
            served += now - taken_at;
            /* It goes on whoever is served: else threads that are born again and again would always come first. */
            fair += (now - taken_at) / ((uint64_t)gy_gilorder_waiting() + 1);
        }
        if (gui_waiting && !(gy_gilorder_waiting() > 0 && gy_share_owed(&share, now) > 0)) {
            atomic_store_explicit(&on_offer, true, memory_order_relaxed);
            atomic_store_explicit(&handed_over, true, memory_order_release);
            if (!atomic_load_explicit(&gui_spinning, memory_order_relaxed)) {
                gy_cond_signal(&gui_cond);
            }
            return false;
        }
    }
    promised = first;
    /* Who began to wait before we came waits on the GIL's own variable. */
    if (first) {
        gy_cond_signal(&first->cond);
    }
    return !first;
}

/* ---- Begin and end ---- */

bool gy_gilorder_begin(uint64_t interval, uint64_t slice)
{
    cond_ready = cond_ready || gy_cond_init(&gui_cond);
    if (!cond_ready) {
        return false;
    }
    atomic_store_explicit(&may_spin, gy_several_processors(), memory_order_relaxed);
    atomic_store_explicit(&gui_thread, gy_thread_self(), memory_order_relaxed);
    interval_ns = interval;
    slice_ns = slice;
    atomic_store_explicit(&active, true, memory_order_release);
    return true;
}

/*
 * What the GUI thread did before was not seen, so it counts as not holding the GIL, which its next taking or dropping puts right.
 * Taken as holding, a hold that is long over would be charged to it.
 */
void gy_gilorder_begin_account(void)
{
    gy_share_init(&share, interval_ns, slice_ns, false, gy_clock_monotonic.now());
    atomic_store_explicit(&gui_has_it, false, memory_order_relaxed);
    gui_asked = false;
    others_asked = false;
    taken_at = 0;
    promised = NULL;
}

/* A thread in line is signalled by nobody any more, and its time-out may be as far away as the program likes. */
static void wake_line(void)
{
    gy_mutex *mutex = atomic_exchange(&gil_mutex, NULL);
    /* Fails where CPython has destroyed it; its memory stays. */
    if (mutex && gy_mutex_lock(mutex)) {
        for (waiter *each = first; each; each = each->next) {
            gy_cond_signal(&each->cond);
        }
        gy_mutex_unlock(mutex);
    }
}

void gy_gilorder_end(void)
{
    atomic_store(&active, false);
    wake_line();
    gui_hindered = 0;
    gy_schedslice_restore();
}

void gy_gilorder_after_fork(void)
{
    atomic_store(&active, false);
    atomic_store(&gil_mutex, NULL);
    first = NULL;
    gy_schedslice_after_fork();
}

int gy_gilorder_waiting(void)
{
    return atomic_load_explicit(&background, memory_order_relaxed);
}

uint64_t gy_gilorder_takes(void)
{
    return atomic_load_explicit(&takes, memory_order_relaxed);
}

const gy_share *gy_gilorder_share(void)
{
    return &share;
}

/* SPDX-License-Identifier: MIT */
/*
 * In which order threads get the GIL.
 *
 * Words: virtual runtime, virtual time and lag are defined in fairclock.h. A *turn* is how long a thread that computes has the
 * GIL while others wait: two fifths of CPython's switch interval, 2 ms of 5, which is shorter than the kernel's time slice; so
 * that the kernel rarely puts a thread aside in the middle of one. *Wake-up preemption*: a thread that comes back from a wait
 * interrupts one that computes. *Gap*: how long a thread stays away when it drops the GIL by itself. *Grace*: how long nobody
 * else takes what such a thread has dropped, since it is expected back sooner than the GIL can change hands. *Hold* and *owed*:
 * gy_share.
 *
 * Class 1, the GUI thread:
 *   - Its first wait times out at once, so CPython asks for the GIL now. Then it waits for `handed_over`.
 *   - A background thread that drops the GIL while the GUI thread waits hands it over: straight to the GUI thread, however many
 *     others wait. Nobody whose time runs out meanwhile, or who comes meanwhile, takes what is on offer to the GUI thread.
 *   - Nobody interrupts it before its hold is over (gy_share). Then the first in line asks at once. The GUI thread then owes the
 *     others a slice, and while it owes it neither asks nor is handed the GIL, unless nobody else wants it. Time in which the
 *     kernel had put it aside is not charged to it.
 *   - It is first in CPython's locks, too (guilock_linux.c). While it waits for one whose owner is known, that thread is before
 *     all others in line, asks at once, and is not interrupted before an interval is over. Who sets an event that it waits for
 *     is left alone for a moment (GY_SPIN_NS) if nobody else is in line: mostly that is a thread that it has started. If that
 *     goes on for longer, the next on the GUI thread's processor gives way to it.
 *   - While it is blocked with the GIL dropped, in a lock or elsewhere, turns are short, and all that came back by themselves
 *     are of class 2: the owner of what it waits for, or a thread that it has just started, is in line. That it waits for a lock
 *     of CPython's is known; elsewhere it is taken for blocked after a moment.
 * Class 2, threads that need little: those that came back by themselves and have had less than those that compute, in the mean;
 * all, if the GUI thread has the GIL and none that computes wants it. Who has had its part is so again when it has had less by
 * a fifth of a millisecond.
 *   - They are before all of class 3 in the line, ask at once, and again after 0.3 ms, should the request have gone astray. One
 *     that holds the GIL is interrupted by another only when it has had a little more.
 *   - Who was away while another had the GIL, waiting for something, is charged half of what it has: to lose the GIL costs it a
 *     wait, and a thread that computes loses nothing.
 *   - During a handler of the GUI thread they ask when the budget, a twentieth of the handler's time, covers what they usually
 *     need, or a quarter of a millisecond; who usually needs more than twice of that gets nothing. The GUI thread then does not
 *     ask for the GIL for that long, and does not spin meanwhile if the other is on its own processor. If it does, and nobody
 *     else is in line, the other has the GIL again after short gaps: a loan is for an answer, not for each of its calls. The
 *     budget pays for all the time until the GUI thread has the GIL again.
 *   - Who usually needs little, and is interrupted by the GUI thread, needs little all the same.
 * Class 3, all others:
 *   - Whoever has the lowest virtual runtime is first in line, and asks when the holder's turn is over. One that was interrupted
 *     within its turn goes on with it: it counts as if it had had a turn less, and its next turn begins when this one is used up
 *     or when it has been away by itself.
 *
 * Only the first in line has a short timer. The others sleep until the turn before their own is expected to end, by their place
 * in line and by how far apart turns have ended; whoever takes the GIL wakes a first that would sleep too long. Turns that end a
 * little early or late are worth it: each thread that computes is woken once for each of its turns.
 *
 * Who drops the GIL by itself, is expected back soon (gaps.h), and is within its turn or has lag, leaves it free for a grace, and
 * has it back without a change of thread. That is what makes a loop of short reads or of VTK calls run at its speed. Where gaps
 * are above some microseconds, and so the GIL is idle for much of the time, that ends after a quarter of a turn: after a whole
 * one a server would have to wait for about as long as a turn of each thread that computes. Who lets go of it as its turn is over
 * leaves it to the next, who may have to be woken, and stands in line itself: else it would mostly be there first, with a new
 * turn. Within a row one of those in line watches, and if none does, the first is woken to: without that, a call of some
 * milliseconds after short ones would leave the GIL idle for as long as the first sleeps. It is woken once for a row of short
 * calls, not for each. Where it cannot spin beside short calls of the GUI thread it sleeps, for a fifth of a millisecond at a
 * time, as long as the row goes on. The kernel may have it run on the processor of the GUI thread, which is then put aside for it
 * and not away; so there it takes the GIL later.
 *
 * Spinning. Most handlers, and most of what class 2 does, are over in microseconds, and to be woken takes longer than that. So a
 * thread that such a one has interrupted, and one that has asked, look for some microseconds without sleeping whether the GIL is
 * theirs: at a flag of their own all the time, and more and more seldom at what the holder writes, as that costs it time. It
 * also keeps the kernel from waking a thread on the holder's own processor, which then takes it away for milliseconds. There is
 * at most one spinning background thread, and none on a machine with one processor. It gives way to any thread that waits for
 * its processor, which may be the one that it spins for: the kernel would let that one wait for milliseconds. Where that costs
 * it its own turn at the processor, and none of these was there, other programs are busy, and nobody spins for a while.
 *
 * Making way. Whoever drops the GIL to sleep wakes the first in line before it sleeps, and the kernel may run that one on the
 * same processor, at once, for a turn: the sleep of the other, or its wait for events, then begins and ends late by milliseconds.
 * So who is woken there, and computes, gives way once before it takes the GIL, if the other usually sleeps for long. Some drop
 * the GIL to compute without it: one for which somebody has made way in vain, and lost time, is not made way for in the next
 * second.
 *
 * Why no wake-up is lost. A hand-over to the GUI thread is made only while `gui_waiting`, which is set and cleared under the
 * mutex around the wait, so it always meets a thread that waits for it. That thread then finds the GIL free and takes it, or
 * finds that another was quicker and asks again. A background waiter stays in the line until it has the mutex again: who is
 * signalled just as its time runs out looks at the GIL all the same. A spinner looks at the GIL with the mutex before it sleeps
 * or leaves. Who makes way looks at it again, too; until then it counts as woken and not there yet. Whoever drops the GIL wakes
 * the first in line, unless that one is spinning, or has been woken and is not there yet. If a thread dies instead of taking it
 * (CPython ends threads that want the GIL while the interpreter is finalised), or asked while the holder changed, every wait has
 * an end: GY_RETRY_NS for the GUI thread, for the first in line the holder's turn or hold, for the others the turns of those
 * before them. A thread that was asked to drop the GIL may be off to something else, when it is relieved by being the next:
 * whoever comes after it looks within GY_RETRY_NS. One that is known to end (threadstate.h) is not in line for that. When all
 * this ends, whoever is in line is woken, one by the other, and waits on CPython's variable again; where it begins again before
 * the last of them was, the first looks once more, and the line goes on. tests/model has two Promela models of this, searched
 * exhaustively with a GUI thread and one or two others or with three threads and no GUI thread: gilqueue.pml (hand-over, holds,
 * installing, removing, finalisation) and line.pml (class 2, grace, promises, spinning, requests that go astray). Times are not
 * in them but as "over at any moment", ranks not but as classes; tests/stress has the rest.
 */
#include "gil/gilorder.h"

#include "gil/calm.h"
#include "gil/gilstate.h"
#include "gil/guiwait.h"
#include "gil/linefair.h"
#include "gil/lineplace.h"
#include "gil/linewait.h"
#include "gil/unheard.h"
#include "os/clock.h"
#include "os/compiler.h"
#include "os/schedslice.h"
#include "os/threads.h"
#include "python/droprequest.h"
#include "python/threadstate.h"
#include "trace/account.h"
#include "trace/trace.h"

#include <stddef.h>
#include <string.h>

/*
 * Of two threads that want all they can get, one that has been away and waited for something gets so many times as much; in that
 * hold and in the next, as what ends a wait is often two calls.
 */
enum { AWAY_WEIGHT = 2, AWAY_HOLDS = 2 };

/* Who usually comes back later than this within a row of short calls has so much of a turn for it. */
#define TINY_GAP_NS (UINT64_C(4) * GY_NS_PER_US)
enum { ROW_PART = 4 };

/* Who comes back sooner pays for half of its gaps: beside others each of its calls takes it longer by about that, than alone. */
enum { TINY_GAP_WEIGHT = 2 };

/* Who usually stays away for so long sleeps then. Two that hand something to each other are back sooner. */
#define SLEEP_NS (UINT64_C(500) * GY_NS_PER_US)

/* Nobody makes way for so long for one that then stayed on its processor. */
#define NO_WAY_NS GY_NS_PER_S

/* What a thread needs while it alone wants the GIL nobody sees. What speaks against lending to it is forgotten then. */
enum { FORGOTTEN_PART = 8 };

/* A holder that usually needs no more than this is worth spinning for. */
#define QUICK_NS GY_SPIN_NS

bool gy_gilorder_is_gui(void)
{
    return atomic_load_explicit(&gy_order.gui, memory_order_relaxed) == &gy_own;
}

static bool anybody_wants_it(void)
{
    return gy_order.gui_waiting || gy_order.line.length > 0;
}

/* ---- Waiting ---- */

bool gy_gilorder_wait(gy_mutex *mutex, uint64_t switch_ns)
{
    gy_order.held = true; /* CPython waits only then; how it was taken may not have been seen */
    gy_account_wants();
    if (gy_own.asks) {
        gy_droprequest_observe(true);
        gy_own.asks = false;
    }
    bool asks = gy_gilorder_is_gui() ? gy_gui_wait(mutex) : gy_line_wait(mutex, switch_ns);
    if (asks) {
        gy_droprequest_observe(false);
        gy_own.asks = true;
        gy_trace_event(GY_EVENT_ASK, 0);
    }
    return asks;
}

/*
 * The GUI thread was asked to drop the GIL: lets go of the mutex until somebody has taken it, or for as long as one spins; not on
 * the processor of the one that is to take it.
 */
static bool spin_until_taken(gy_mutex *mutex)
{
    uint64_t epoch = atomic_load_explicit(&gy_order.epoch, memory_order_relaxed);
    if (!atomic_load_explicit(&gy_order.may_spin, memory_order_relaxed) || gy_gil_taker_is_here()) {
        return false;
    }
    uint64_t until = gy_clock_monotonic.now() + GY_SPIN_NS;
    gy_mutex_unlock(mutex);
    do {
        gy_relax();
    } while (atomic_load_explicit(&gy_order.epoch, memory_order_acquire) == epoch && gy_clock_monotonic.now() < until);
    gy_gil_lock_soon(mutex, until);
    return atomic_load_explicit(&gy_order.epoch, memory_order_relaxed) != epoch;
}

bool gy_gilorder_await_taken(gy_mutex *mutex)
{
    gy_mutex *gil_mutex = atomic_load_explicit(&gy_order.mutex, memory_order_relaxed);
    if (!gil_mutex) {
        return false;
    }
    gy_own.calm = 0;
    gy_account_wants(); /* it was asked to drop the GIL, and comes back for it */
    if (gy_gilorder_is_gui()) {
        return spin_until_taken(mutex);
    }
    if (gy_threadstate_is_gone()) {
        return false; /* in line it would be waited for when its turn comes, and never take it */
    }
    gy_mutex_unlock(mutex);
    gy_gil_lock(gil_mutex);
    gy_line_wait_relieved(gil_mutex);
    if (!gy_order.held) {
        /* The GIL may have been its own to take, but it may have dropped it for something else, and not come for it. */
        gy_line_look_by(gy_clock_monotonic.now() + GY_RETRY_NS);
    }
    gy_mutex_unlock(gil_mutex);
    gy_gil_lock(mutex);
    return true;
}

/* What is free is on its way to another, to whom the calling thread is to leave it. */
static bool is_left_to_another(void)
{
    bool to_gui = atomic_load_explicit(&gy_order.on_offer, memory_order_relaxed) && gy_order.gui_waiting;
    bool to_next = gy_own.gives_turn && atomic_load_explicit(&gy_order.promised, memory_order_relaxed);
    return !gy_order.held && (to_gui || to_next) && !gy_gilorder_is_gui();
}

/* CPython takes a free GIL without a wait. Whoever comes just then, from where he was relieved or from anywhere, is kept here. */
void gy_gilorder_arrived(gy_mutex *mutex)
{
    if (mutex == atomic_load_explicit(&gy_order.mutex, memory_order_relaxed)) {
        bool waits = is_left_to_another();
        gy_own.gives_turn = false;
        if (waits) {
            gy_account_wants();
            gy_line_wait_relieved(mutex);
        }
    }
}

/* The calling thread has had the GIL, or nobody had it for its sake, while others wanted it. */
static void charge(uint64_t ns)
{
    gy_fairclock_charge(&gy_order.clock, &gy_own.runtime, gy_own.away > 0 ? ns / AWAY_WEIGHT : ns, gy_order.line.length + 1);
}

/* ---- Taking ---- */

/* What is expected of the holder, the calling thread. */
static void begin_hold(bool gui)
{
    gy_order.quick = gui || (!gy_own.preempted && gy_own.need_ns < QUICK_NS);
    gy_order.little = !gui && !gy_own.preempted && gy_fairclock_lag(&gy_order.clock, &gy_own.runtime, 0) > 0;
}

/* The calling thread has taken the GIL while others want it. */
static void taken_with_others(bool gui, uint64_t now)
{
    uint64_t free_since = atomic_load_explicit(&gy_order.free_since, memory_order_relaxed);
    gy_account_takes(now);
    gy_gil_returned(now);
    if (gy_order.way_in_vain == &gy_own) {
        gy_own.no_way_until = now + NO_WAY_NS;
        gy_order.way_in_vain = NULL;
    }
    atomic_store_explicit(&gy_order.taken_at, now, memory_order_relaxed);
    atomic_store_explicit(&gy_order.free_since, 0, memory_order_release);
    if (gy_order.taken_by != &gy_own || gy_order.taken_on < 0) {
        gy_order.taken_by = &gy_own;
        gy_order.taken_on = gy_processor();
        *gy_gil_took_at(gy_order.taken_on) = now;
    }
    if (gui) {
        gy_gui_took(now);
        gy_line_look_by(gy_share_hold_end(&gy_order.share));
        return;
    }
    /* What was left free for a grace is paid for by whoever had it in the end. */
    if (free_since != 0 && now > free_since && atomic_load_explicit(&gy_order.grace_ns, memory_order_relaxed) != 0) {
        uint64_t gap = gy_own.gaps.short_ns < TINY_GAP_NS ? (now - free_since) / TINY_GAP_WEIGHT : now - free_since;
        charge(gap);
        gy_own.turn_used_ns += gap;
    }
    if (gy_order.gui_left_at != 0) {
        gy_line_gui_is_away();
    }
    gy_waiter *first = gy_gil_first();
    if (first && gy_gil_holds_up_gui(first->account)) {
        gy_line_look_by(now);
        return;
    }
    gy_line_look_by(gy_gil_turn_end(now) + gy_gil_turn(now) / 4);
}

/*
 * The calling thread has taken the GIL, and nobody wants it. Returns whether it could drop and take it for ever, and find all as
 * it is now.
 */
static bool is_calm(bool gui)
{
    bool own = !gy_own.preempted && !gy_own.interrupted && gy_own.turn_used_ns == 0 && gy_own.away == AWAY_HOLDS &&
               (gui || gy_own.need_ns <= GY_MOST_LENT_NS);
    bool others = gy_order.turn_over_at == 0 && gy_order.alone_since == 0;
    bool guis = !gui || (!gy_order.share.holding && gy_order.earns_since == 0 && !gy_order.lends);
    return own && others && guis && !gy_account_sees_alone();
}

static void taken(void)
{
    bool gui = gy_gilorder_is_gui();
    /* Nobody else writes them meanwhile, so no atomic addition is needed. */
    uint64_t epoch = atomic_load_explicit(&gy_order.epoch, memory_order_relaxed);
    atomic_store_explicit(&gy_order.epoch, epoch + 1, memory_order_release);
    atomic_store_explicit(&gy_own.holds, epoch + 1, memory_order_relaxed);
    if (gy_own.thread == 0) {
        gy_own.thread = gy_threads_id();
    }
    bool others = anybody_wants_it();
    uint64_t now = others ? gy_clock_monotonic.now() : 0;
    if (!gui && gy_order.line.length > 0 && (gy_own.looked_at == 0 || now - gy_own.looked_at > GY_RETRY_NS)) {
        gy_line_comes(now); /* it has not waited for it */
    }
    gy_order.held = true;
    gy_order.gui_has_it = gui;
    gy_order.asked = false;
    gy_order.asked_in_time = false;
    atomic_store_explicit(&gy_order.promised, NULL, memory_order_relaxed);
    atomic_store_explicit(&gy_order.on_offer, false, memory_order_relaxed);
    if (gui) {
        gy_order.holder = NULL;
        gy_order.gui_asked = false;
        gy_order.others_asked_at = 0;
        gy_order.gui_left_at = 0;
        if (gy_order.lent_at != 0) {
            gy_gui_has_it_back(gy_clock_monotonic.now());
        }
    } else {
        gy_order.holder = &gy_own;
        if (gy_order.lent_at != 0) {
            atomic_store_explicit(&gy_order.taker_on, gy_processor(), memory_order_relaxed);
        }
        uint64_t takes = atomic_load_explicit(&gy_order.takes, memory_order_relaxed);
        atomic_store_explicit(&gy_order.takes, takes + 1, memory_order_relaxed);
    }
    if (gy_own.preempted) {
        gy_own.away = 0;
    } else if (epoch != gy_own.left_epoch) {
        gy_own.away = AWAY_HOLDS;
    } else if (gy_own.away > 0) {
        gy_own.away--;
    }
    begin_hold(gui);
    gy_own.calm = 0;
    gy_order.calm = GY_NOT_CALM;
    if (others) {
        taken_with_others(gui, now);
    } else {
        gy_account_takes_alone();
        gy_order.alone_since = gy_own.looked_at;
        atomic_store_explicit(&gy_order.taken_at, 0, memory_order_relaxed);
        atomic_store_explicit(&gy_order.free_since, 0, memory_order_relaxed);
        gy_own.left_at = 0;
        if (is_calm(gui)) {
            gy_own.calm = epoch + 1;
            gy_order.calm = epoch + 1;
        }
    }
    gy_own.looked_at = 0;
}

void gy_gilorder_taken(void)
{
    if (!gy_calm_taken()) {
        taken();
    }
}

/* ---- Dropping ---- */

/* How long the GIL is left to whoever drops it by itself. */
static uint64_t grace(bool keeps_its_turn)
{
    return keeps_its_turn ? gy_gaps_grace(&gy_own.gaps) : 0;
}

bool gy_gilorder_pass_on(uint64_t now, uint64_t grace_ns)
{
    gy_waiter *first = gy_gil_first();
    gy_waiter *spinner = atomic_load_explicit(&gy_order.spinner, memory_order_relaxed);
    if (first && first->little) {
        grace_ns = 0;
    }
    atomic_store_explicit(&gy_order.promised, grace_ns == 0 ? first : NULL, memory_order_relaxed);
    atomic_store_explicit(&gy_order.grace_ns, grace_ns, memory_order_relaxed);
    atomic_store_explicit(&gy_order.free_since, now, memory_order_release);
    if (!first) {
        return true;
    }
    atomic_store_explicit(&gy_order.taker_on, first->seen_on, memory_order_relaxed);
    bool looks_soon = gy_gilorder_is_gui() && first->deadline <= now + grace_ns + GY_WATCH_NS;
    if (first == spinner) {
        if (grace_ns == 0) {
            atomic_store_explicit(&gy_order.spinner, NULL, memory_order_relaxed); /* another may begin to spin at once */
            atomic_store_explicit(&first->go, true, memory_order_release);
        }
    } else if (first->asleep && !first->signalled && (grace_ns == 0 || (!spinner && !looks_soon))) {
        first->signalled = true;
        gy_cond_signal(&first->cond);
    }
    return false;
}

static bool offer_to_gui(uint64_t now)
{
    atomic_store_explicit(&gy_order.promised, NULL, memory_order_relaxed);
    atomic_store_explicit(&gy_order.grace_ns, 0, memory_order_relaxed);
    atomic_store_explicit(&gy_order.free_since, now, memory_order_relaxed);
    atomic_store_explicit(&gy_order.on_offer, true, memory_order_relaxed);
    atomic_store_explicit(&gy_order.handed_over, true, memory_order_release);
    if (!atomic_load_explicit(&gy_order.gui_spinning, memory_order_relaxed)) {
        gy_cond_signal(&gy_gui_cond);
    }
    return false;
}

static bool gui_dropped(uint64_t now)
{
    bool polls = atomic_load_explicit(&gy_order.gui_polls, memory_order_relaxed);
    gy_gui_dropped(now);
    bool by_itself = !gy_order.asked && !polls;
    gy_order.gui_left_at = polls ? 0 : now;
    gy_order.off_to_sleep = !gy_order.asked && now >= gy_own.no_way_until && (polls || gy_own.away_ns >= SLEEP_NS);
    gy_own.left_at = by_itself ? now : 0;
    return gy_gilorder_pass_on(now, grace(by_itself && gy_share_owed(&gy_order.share, now) == 0));
}

/*
 * The calling thread's. From how far apart turns end the others know when theirs comes. One that was ended by a thread that had
 * only guessed the time says nothing: guesses would follow each other.
 */
static void turn_is_over(uint64_t now)
{
    uint64_t since = gy_order.turn_over_at, most = GY_MOST_TURNS_APART * gy_order.turn_ns;
    if (since != 0 && now > since && gy_order.asked_in_time) {
        uint64_t apart = now - since < most ? now - since : most;
        gy_order.apart_ns = gy_order.apart_ns == 0 ? apart : (15 * gy_order.apart_ns + apart) / 16;
    }
    gy_order.turn_over_at = now;
}

/* While others want it. */
static bool background_dropped(uint64_t now)
{
    uint64_t since = atomic_load_explicit(&gy_order.taken_at, memory_order_relaxed);
    uint64_t had = since != 0 && now > since ? now - since : 0;
    bool by_itself = !gy_order.asked;
    gy_order.off_to_sleep = by_itself && now >= gy_own.no_way_until && gy_own.away_ns >= SLEEP_NS;
    charge(had);
    gy_own.turn_used_ns += had;
    bool in_turn = gy_own.turn_used_ns + gy_gil_turn_tolerance(now) < gy_gil_turn(now);
    if (!in_turn) {
        turn_is_over(now);
        /* Who has never let go by itself needs a turn at least, also when it comes back late and is in line as new. */
        gy_own.need_ns = gy_own.need_ns == 0 && !by_itself ? gy_order.turn_ns : gy_own.need_ns;
    }
    gy_own.turn_used_ns = in_turn ? gy_own.turn_used_ns : 0;
    bool to_gui = gy_order.gui_waiting && !(gy_order.line.length > 0 && gy_share_owed(&gy_order.share, now) > 0);
    /* Who usually needs little, and does not get done because of the GUI thread, needs little all the same. */
    bool needs_little = to_gui && gy_own.need_ns != 0 && gy_own.need_ns <= GY_MOST_NEED_NS;
    gy_own.asked = !by_itself;
    gy_own.preempted = !by_itself && !needs_little;
    gy_own.interrupted = gy_own.preempted && in_turn;
    gy_own.left_at = by_itself ? now : 0;
    gy_own.dropped_at = now;
    gy_own.left_epoch = atomic_load_explicit(&gy_order.epoch, memory_order_relaxed);
    if (by_itself) {
        gy_own.need_ns = gy_gaps_usual(gy_own.need_ns, had);
    } else if (needs_little) {
        gy_own.need_ns += had < GY_MOST_LENT_NS ? had : GY_MOST_LENT_NS; /* longer: the kernel had put it aside */
    }
    if (to_gui) {
        uint64_t loan_grace = grace(by_itself && gy_gui_lends(now));
        return loan_grace != 0 ? gy_gilorder_pass_on(now, loan_grace) : offer_to_gui(now);
    }
    bool goes_on = in_turn && (gy_own.gaps.short_ns < TINY_GAP_NS || gy_own.turn_used_ns < gy_order.turn_ns / ROW_PART);
    bool keeps_it = goes_on || gy_line_has_lag(now);
    gy_own.gives_turn = by_itself && !keeps_it;
    return gy_gilorder_pass_on(now, grace(by_itself && keeps_it));
}

static bool dropped(void)
{
    bool gui = gy_gilorder_is_gui();
    atomic_store_explicit(&gy_own.holds, 0, memory_order_relaxed);
    gy_order.held = false;
    gy_order.gui_has_it = false;
    gy_order.holder = NULL;
    if (gui && gy_order.lends) { /* also if who has asked is still on its way back into the line */
        gy_order.lends = false;
        gy_order.lent_at = gy_clock_monotonic.now();
        gy_order.waits_for_lent = true;
    }
    if (anybody_wants_it()) {
        uint64_t now = gy_clock_monotonic.now();
        gy_account_drops(now, atomic_load_explicit(&gy_order.taken_at, memory_order_relaxed));
        return gui ? gui_dropped(now) : background_dropped(now);
    }
    gy_account_drops_alone();
    if (!gui && gy_own.need_ns > GY_MOST_LENT_NS) {
        gy_own.need_ns -= gy_own.need_ns / FORGOTTEN_PART;
    }
    gy_order.turn_over_at = 0;
    if (gui && gy_order.share.holding) {
        gy_gui_dropped(gy_clock_monotonic.now());
    } else if (gui) {
        gy_order.earns_since = 0;
    }
    gy_own.asked = false;
    gy_own.preempted = false;
    gy_own.interrupted = false;
    gy_own.turn_used_ns = 0;
    gy_own.left_at = 0;
    atomic_store_explicit(&gy_order.taken_at, 0, memory_order_relaxed);
    /* Who began to wait before we came waits on the GIL's own variable. */
    return true;
}

bool gy_gilorder_dropped(void)
{
    return gy_calm_dropped() || dropped();
}

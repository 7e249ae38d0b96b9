/* SPDX-License-Identifier: MIT */
#include "gil/gilstate.h"

#include "os/clock.h"
#include "os/compiler.h"
#include "trace/account.h"

gy_gilstate gy_order = {.calm = GY_NOT_CALM, .gui_polls = true};
_Thread_local gy_account gy_own GY_INITIAL_EXEC;

void gy_gil_lock_soon(gy_mutex *mutex, uint64_t until)
{
    while (!gy_mutex_try_lock(mutex)) {
        if (gy_clock_monotonic.now() >= until) {
            gy_mutex_lock(mutex);
            return;
        }
        gy_relax();
    }
}

void gy_gil_lock(gy_mutex *mutex)
{
    if (gy_mutex_try_lock(mutex)) {
        return;
    }
    if (atomic_load_explicit(&gy_order.may_spin, memory_order_relaxed)) {
        gy_gil_lock_soon(mutex, gy_clock_monotonic.now() + GY_SPIN_NS);
    } else {
        gy_mutex_lock(mutex);
    }
}

/*
 * Turns while the GUI thread is blocked: it has dropped the GIL outside of its loop's wait, for so long, and does not want it
 * back. The owner of what it waits for may be in line. In a lock they are the shortest at first, as most are had soon by somebody
 * who only has to come to the GIL for a moment; for who waits longer than that a thread has to do more.
 */
#define SHORT_TURN_NS    (UINT64_C(300) * GY_NS_PER_US)
#define SHORTEST_TURN_NS (UINT64_C(100) * GY_NS_PER_US)
#define SHORTEST_FOR_NS  (UINT64_C(10) * GY_NS_PER_MS)
#define BLOCKED_NS       (UINT64_C(50) * GY_NS_PER_US)

uint64_t gy_gil_gui_blocked_at(void)
{
    if (atomic_load_explicit(&gy_account_gui_in_lock, memory_order_relaxed) && !gy_order.gui_has_it && !gy_order.gui_waiting) {
        return 0;
    }
    bool away = gy_order.gui_left_at != 0 && !gy_order.gui_has_it && !gy_order.gui_waiting &&
                !atomic_load_explicit(&gy_order.gui_polls, memory_order_relaxed);
    return away ? gy_order.gui_left_at + BLOCKED_NS : UINT64_MAX;
}

bool gy_gil_gui_blocked(uint64_t now)
{
    return now >= gy_gil_gui_blocked_at();
}

bool gy_gil_holds_up_gui(const gy_account *account)
{
    return account && account == atomic_load_explicit(&gy_order.gui_owner, memory_order_relaxed) && !gy_order.gui_has_it;
}

uint64_t gy_gil_turn(uint64_t now)
{
    uint64_t turn = UINT64_MAX;
    if (gy_gil_gui_blocked(now)) {
        bool first =
            atomic_load_explicit(&gy_account_gui_in_lock, memory_order_relaxed) && now < gy_order.gui_left_at + SHORTEST_FOR_NS;
        turn = first ? SHORTEST_TURN_NS : SHORT_TURN_NS;
    }
    return turn < gy_order.turn_ns ? turn : gy_order.turn_ns;
}

uint64_t gy_gil_turn_end(uint64_t now)
{
    uint64_t turn = gy_gil_turn(now), used = gy_order.holder ? gy_order.holder->turn_used_ns : 0;
    return atomic_load_explicit(&gy_order.taken_at, memory_order_relaxed) + (turn > used ? turn - used : 0);
}

uint64_t gy_gil_turn_tolerance(uint64_t now)
{
    return gy_gil_turn(now) / 8;
}

void gy_gil_wanted(uint64_t now)
{
    gy_order.calm = GY_NOT_CALM;
    if (gy_order.held && atomic_load_explicit(&gy_order.taken_at, memory_order_relaxed) == 0) {
        atomic_store_explicit(&gy_order.free_since, 0, memory_order_relaxed);
        atomic_store_explicit(&gy_order.taken_at, now, memory_order_relaxed);
        gy_order.taken_on = -1;
        if (gy_order.gui_has_it) {
            gy_share_took(&gy_order.share, now);
            gy_order.earns_since = gy_order.earns_since ? gy_order.earns_since : now;
        } else if (gy_order.holder && gy_order.alone_since == 0) { /* it has found the GIL free */
            gy_fairclock_arrive(&gy_order.clock, &gy_order.holder->runtime, !gy_order.holder->preempted,
                                gy_gil_most_debt(gy_order.holder), 0);
        } else if (gy_order.holder && now > gy_order.alone_since) {
            gy_fairclock_charge(&gy_order.clock, &gy_order.holder->runtime, now - gy_order.alone_since, 1);
        }
        gy_order.alone_since = 0;
    }
}

/* However long somebody stays away once, soon it counts for little. */
#define MOST_AWAY_NS (UINT64_C(4) * GY_NS_PER_MS)

void gy_gil_returned(uint64_t now)
{
    if (gy_own.left_at != 0) {
        uint64_t away = now - gy_own.left_at;
        gy_own.away_ns = gy_gaps_usual(gy_own.away_ns, away < MOST_AWAY_NS ? away : MOST_AWAY_NS);
        gy_gaps_add(&gy_own.gaps, away);
        gy_own.left_at = 0;
    }
}

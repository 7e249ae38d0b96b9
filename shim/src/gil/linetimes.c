/* SPDX-License-Identifier: MIT */
/* When those who wait ask, and look. The rules are in gilorder.c. */
#include "gil/linetimes.h"

#include "gil/guiwait.h"
#include "gil/line.h"
#include "gil/linefair.h"
#include "gil/share.h"
#include "os/clock.h"

/*
 * Two threads that need little are about equal: neither interrupts the other. While the GUI thread is blocked, and either may be
 * the one that holds it up, they do, but not before something could be done.
 */
#define GRANULARITY_NS         (UINT64_C(50) * GY_NS_PER_US)
#define BLOCKED_GRANULARITY_NS (UINT64_C(20) * GY_NS_PER_US)

/* A thread that was born a moment ago is expected to need about this. */
#define NEWBORN_NEED_NS (UINT64_C(40) * GY_NS_PER_US)

/* Who holds up the GUI thread with a lock is not interrupted for an interval, but not for longer than this. */
#define MOST_OF_OWNER_NS (UINT64_C(20) * GY_NS_PER_MS)

static uint64_t turn_end(uint64_t now)
{
    if (gy_gil_holds_up_gui(gy_order.holder)) {
        return gy_gil_taken_at() + (gy_order.interval_ns < MOST_OF_OWNER_NS ? gy_order.interval_ns : MOST_OF_OWNER_NS);
    }
    return gy_gil_turn_end(now);
}

uint64_t gy_line_due(uint64_t now)
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

/* When the calling thread, of class 2, may interrupt the holder, which does not hold up the GUI thread. */
static uint64_t equals_time(uint64_t now)
{
    if (!gy_order.little || gy_gil_holds_up_gui(&gy_own)) {
        return now;
    }
    if (gy_gil_gui_blocked(now)) {
        uint64_t end = gy_gil_taken_at() + BLOCKED_GRANULARITY_NS;
        return end > now ? end : now;
    }
    int64_t missing = (int64_t)GRANULARITY_NS - gy_line_behind(now);
    return missing > 0 ? now + (uint64_t)missing : now;
}

uint64_t gy_line_ask_time(const gy_waiter *self, uint64_t now)
{
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
            uint64_t enough = equals_time(now);
            /* A holder that needs little, too, is done sooner than it is interrupted. */
            if (gy_order.quick && !gy_gil_holds_up_gui(&gy_own) && enough < gy_gil_taken_at() + GY_SPIN_NS) {
                enough = gy_gil_taken_at() + GY_SPIN_NS;
            }
            when = enough < when ? enough : when;
        }
    }
    if (gy_gil_has_asked()) {
        uint64_t again = gy_own.asked_at + (self->little ? GY_ASK_AGAIN_NS : gy_order.turn_ns);
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

uint64_t gy_line_expected_time(const gy_waiter *self, uint64_t now)
{
    uint64_t end = gy_order.gui_has_it ? now + gy_order.turn_ns : gy_gil_turn_end(now);
    return (end > now ? end : now) + gy_line_position(&self->node) * turns_apart();
}

uint64_t gy_line_unanswered_time(void)
{
    uint64_t due = gy_order.gui_has_it ? gy_share_hold_end(&gy_order.share) : gy_gil_taken_at() + gy_order.turn_ns;
    if (gy_gil_has_asked() && gy_own.asked_at > due) {
        due = gy_own.asked_at;
    }
    uint64_t others_turns = gy_order.line.length * turns_apart();
    return due > UINT64_MAX - others_turns ? UINT64_MAX : due + others_turns;
}

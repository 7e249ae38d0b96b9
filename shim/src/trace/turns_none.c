/* SPDX-License-Identifier: MIT */
/* Where nothing can look at the GUI thread from outside, only the timeline shows its turns. */
#include "trace/turns.h"

atomic_bool gy_turns_ready = true;

void gy_turns_get_ready(void)
{
}

void gy_turn_begins_seen(void)
{
    gy_trace_event(GY_EVENT_TURN_BEGIN, 0);
    atomic_store_explicit(&gy_trace_has_turn, true, memory_order_relaxed);
}

void gy_turn_ends_seen(void)
{
    gy_trace_event(GY_EVENT_TURN_END, 0);
}

bool gy_turn_is_next(void)
{
    return false;
}

void gy_turns_told(bool told)
{
    (void)told;
}

/* SPDX-License-Identifier: MIT */
/* Where nothing can look at the GUI thread from outside: see watch.c. */
#include "trace/watch.h"

atomic_bool gy_watch_ready = true;

void gy_watch_get_ready(void)
{
}

int gy_watch_start(const gilyield_watch_options *options)
{
    (void)options;
    return GILYIELD_E_NO_WATCH;
}

void gy_watch_stop(void)
{
}

void gy_watch_loop(bool told)
{
    (void)told;
}

void gy_watch_python_exits(void)
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

int gy_watch_threshold_ms(void)
{
    return 0;
}

int gy_watch_places(int most, void (*take)(const gilyield_stall *place, int number, void *data), void *data)
{
    (void)most;
    (void)take;
    (void)data;
    return 0;
}

void gy_watch_reset(void)
{
}

void gy_watch_headline(uint32_t number, char *text, size_t size)
{
    (void)number;
    if (size > 0) {
        *text = '\0';
    }
}

/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_TRACE_H
#define GILYIELD_TRACE_H

#include "os/clock.h"
#include "os/compiler.h"
#include "trace/ring.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * The timeline: who has the GIL, who waits for it, and what the GUI thread does. While it is off, an event costs one relaxed
 * load.
 */

extern atomic_bool gy_trace_on;

/* The event loop has turned since the timeline was begun. */
extern atomic_bool gy_trace_has_turn;

/* The stall reports are on. */
extern atomic_bool gy_watch_on;

static inline uint64_t gy_trace_now(void)
{
    return gy_clock_monotonic.now();
}

/* What gy_trace() does while the timeline is on. */
void gy_trace_put(gy_event_kind kind, uint64_t now, uint32_t detail);

/* Something happens to the calling thread. Any thread, with or without the GIL. */
static inline void gy_trace(gy_event_kind kind, uint64_t now, uint32_t detail)
{
    if (GY_UNLIKELY(atomic_load_explicit(&gy_trace_on, memory_order_relaxed))) {
        gy_trace_put(kind, now, detail);
    }
}

/* The same where the time is not at hand: the clock is read only while the timeline is on. */
static inline void gy_trace_event(gy_event_kind kind, uint32_t detail)
{
    if (GY_UNLIKELY(atomic_load_explicit(&gy_trace_on, memory_order_relaxed))) {
        gy_trace_put(kind, gy_trace_now(), detail);
    }
}

/* Begins with an empty timeline. 0, GILYIELD_E_TRACING or GILYIELD_E_NO_MEMORY. Any thread. */
int gy_trace_start(void);

/* Ends it; what was recorded can be read until the next start. False: there was none. Any thread. */
bool gy_trace_stop(void);

/* As gy_ring_read(). */
uint64_t gy_trace_read(void (*take)(const gy_event *event, void *data), void *data);

#endif

/* SPDX-License-Identifier: MIT */
#include "trace/trace.h"

#include "gilyield/gilyield.h"
#include "os/sync.h"
#include "trace/who.h"

enum { CAPACITY = 1 << 18 };

atomic_bool gy_trace_on, gy_trace_has_turn, gy_watch_on;

/* The memory stays: a thread may be in gy_trace_put() when the timeline is turned off. */
static gy_ring ring;
static gy_static_mutex lock; /* start and read */
static atomic_bool recorded; /* there was a start */

void gy_trace_put(gy_event_kind kind, uint64_t now, uint32_t detail)
{
    /* Pairs with the start's store: the ring is there. */
    if (!atomic_load_explicit(&gy_trace_on, memory_order_acquire)) {
        return;
    }
    gy_ring_put(&ring, (gy_event){now, detail, gy_who_am_i(), (uint16_t)kind});
}

/* The caller has the lock. */
static int start(void)
{
    if (atomic_load(&gy_trace_on)) {
        return GILYIELD_E_TRACING;
    }
    if (!ring.slots && !gy_ring_init(&ring, CAPACITY)) {
        return GILYIELD_E_NO_MEMORY;
    }
    gy_ring_clear(&ring);
    atomic_store(&gy_trace_has_turn, false);
    atomic_store(&recorded, true);
    atomic_store(&gy_trace_on, true);
    return 0;
}

int gy_trace_start(void)
{
    gy_mutex_lock(gy_mutex_of(&lock));
    int error = start();
    gy_mutex_unlock(gy_mutex_of(&lock));
    return error;
}

bool gy_trace_stop(void)
{
    atomic_store(&gy_trace_on, false);
    return atomic_load(&recorded);
}

uint64_t gy_trace_read(void (*take)(const gy_event *event, void *data), void *data)
{
    gy_mutex_lock(gy_mutex_of(&lock));
    uint64_t lost = ring.slots ? gy_ring_read(&ring, take, data) : 0;
    gy_mutex_unlock(gy_mutex_of(&lock));
    return lost;
}

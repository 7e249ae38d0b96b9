/* SPDX-License-Identifier: MIT */
#include "trace/trace.h"

#include "trace/who.h"

#include <pthread.h>

enum { CAPACITY = 1 << 18 };

atomic_bool gy_trace_on, gy_watch_on;

/* The memory stays: a thread may be in gy_trace_put() when the timeline is turned off. */
static gy_ring ring;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* start, stop and read */

void gy_trace_put(gy_event_kind kind, uint64_t now, uint32_t detail)
{
    /* Pairs with the start's store: the ring is there. */
    if (!atomic_load_explicit(&gy_trace_on, memory_order_acquire)) {
        return;
    }
    gy_ring_put(&ring, (gy_event){now, detail, gy_who_am_i(), (uint16_t)kind});
}

bool gy_trace_start(void)
{
    pthread_mutex_lock(&lock);
    atomic_store(&gy_trace_on, false);
    bool ready = ring.slots || gy_ring_init(&ring, CAPACITY);
    if (ready) {
        gy_ring_clear(&ring);
        atomic_store(&gy_trace_on, true);
    }
    pthread_mutex_unlock(&lock);
    return ready;
}

void gy_trace_stop(void)
{
    atomic_store(&gy_trace_on, false);
}

uint64_t gy_trace_read(void (*take)(const gy_event *event, void *data), void *data)
{
    pthread_mutex_lock(&lock);
    uint64_t lost = ring.slots ? gy_ring_read(&ring, take, data) : 0;
    pthread_mutex_unlock(&lock);
    return lost;
}

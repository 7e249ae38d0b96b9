/* SPDX-License-Identifier: MIT */
/*
 * Each writer draws a ticket, which says which slot is its own, and marks the slot with it when the event is complete. So a
 * reader knows an event that it reads from one that is being written, and from a newer one in the same slot: the ticket is not
 * the same before and after. Only a writer that is put aside for as long as all others need to go round the ring could mix its
 * event with another; the mixed one has a wrong ticket with near certainty, and then counts as lost.
 */
#include "trace/ring.h"

#include <stdlib.h>

bool gy_ring_init(gy_ring *ring, size_t capacity)
{
    size_t rounded = 1;
    while (rounded < capacity) {
        rounded *= 2;
    }
    ring->slots = calloc(rounded, sizeof *ring->slots);
    ring->capacity = ring->slots ? rounded : 0;
    atomic_store(&ring->next, 0);
    return ring->slots != NULL;
}

void gy_ring_clear(gy_ring *ring)
{
    for (uint64_t i = 0; i < ring->capacity; i++) {
        atomic_store_explicit(&ring->slots[i].ticket, 0, memory_order_relaxed);
    }
    atomic_store(&ring->next, 0);
}

static bool read_slot(gy_ring_slot *slot, uint64_t ticket, gy_event *event)
{
    if (atomic_load_explicit(&slot->ticket, memory_order_acquire) != ticket) {
        return false;
    }
    event->when = atomic_load_explicit(&slot->when, memory_order_relaxed);
    uint64_t what = atomic_load_explicit(&slot->what, memory_order_relaxed);
    atomic_thread_fence(memory_order_acquire);
    event->detail = (uint32_t)(what >> 32);
    event->thread = (uint16_t)(what >> 16);
    event->kind = (uint16_t)what;
    return atomic_load_explicit(&slot->ticket, memory_order_relaxed) == ticket && event->kind > GY_EVENT_NONE &&
           event->kind < GY_EVENT_COUNT;
}

uint64_t gy_ring_read(gy_ring *ring, void (*take)(const gy_event *event, void *data), void *data)
{
    uint64_t end = atomic_load_explicit(&ring->next, memory_order_acquire);
    uint64_t begin = end > ring->capacity ? end - ring->capacity : 0, lost = begin;
    for (uint64_t i = begin; i < end; i++) {
        gy_event event;
        if (read_slot(&ring->slots[i & (ring->capacity - 1)], i + 1, &event)) {
            take(&event, data);
        } else {
            lost++;
        }
    }
    return lost;
}

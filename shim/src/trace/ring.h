/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_RING_H
#define GILYIELD_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The timeline's memory: a ring of fixed size, without locks. Any thread writes, with or without the GIL; when the ring is full
 * the oldest events give way. One thread at a time reads.
 */

/* The events, and what `detail` says. Times in it are microseconds, threads have the numbers of who.h. */
#define GY_EVENTS(X)                                                                                                             \
    X(TAKE)       /* the thread has taken the GIL */                                                                             \
    X(DROP)       /* it has dropped the GIL */                                                                                   \
    X(WAIT_BEGIN) /* it wants the GIL */                                                                                         \
    X(WAIT_END)   /* it has it, or gave up */                                                                                    \
    X(ASK)        /* it has CPython ask for the GIL */                                                                           \
    X(HAND_OVER)  /* it has got the GIL that another thread, the detail, dropped while it waited */                              \
    X(TURN_BEGIN) /* the GUI thread's event loop has woken, or looked and found something */                                     \
    X(TURN_END)   /* the event loop begins to wait, or looks again */                                                            \
    X(TICK)       /* the timer */                                                                                                \
    X(OWED)       /* the GUI thread gives a slice to the others: how long */                                                     \
    X(STALL)      /* a stall of the GUI thread has ended: its number */

typedef enum gy_event_kind {
    GY_EVENT_NONE,
#define X(name) GY_EVENT_##name,
    GY_EVENTS(X)
#undef X
        GY_EVENT_COUNT
} gy_event_kind;

typedef struct gy_event {
    uint64_t when; /* CLOCK_MONOTONIC, ns */
    uint32_t detail;
    uint16_t thread; /* whose event: its number of who.h */
    uint16_t kind;
} gy_event;

typedef struct gy_ring_slot {
    atomic_uint_least64_t when, what;
    atomic_uint_least64_t ticket; /* of the event, from 1; 0 while it is being written */
} gy_ring_slot;

typedef struct gy_ring {
    gy_ring_slot *slots;
    uint64_t capacity;          /* a power of two */
    atomic_uint_least64_t next; /* tickets given out */
} gy_ring;

/* False: there is no memory. `capacity` is rounded up to a power of two; a slot has 24 bytes. */
bool gy_ring_init(gy_ring *ring, size_t capacity);

/* Forgets all events. Nobody else may write meanwhile, else an event may be lost. */
void gy_ring_clear(gy_ring *ring);

/* Any thread. */
static inline void gy_ring_put(gy_ring *ring, gy_event event)
{
    uint64_t ticket = atomic_fetch_add_explicit(&ring->next, 1, memory_order_relaxed);
    gy_ring_slot *slot = &ring->slots[ticket & (ring->capacity - 1)];
    uint64_t what = (uint64_t)event.detail << 32 | (uint64_t)event.thread << 16 | event.kind;
    atomic_store_explicit(&slot->ticket, 0, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
    atomic_store_explicit(&slot->when, event.when, memory_order_relaxed);
    atomic_store_explicit(&slot->what, what, memory_order_relaxed);
    atomic_store_explicit(&slot->ticket, ticket + 1, memory_order_release);
}

/*
 * Gives the events from the oldest on to `take`, also while others write. Returns how many were lost: they gave way to newer
 * ones, or were being written.
 */
uint64_t gy_ring_read(gy_ring *ring, void (*take)(const gy_event *event, void *data), void *data);

#endif

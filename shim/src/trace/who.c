/* SPDX-License-Identifier: MIT */
#include "trace/who.h"

#include "os/clock.h"
#include "os/compiler.h"
#include "os/sync.h"
#include "os/threads.h"

#include <stdatomic.h>

/* How many places a thread that finds none free looks at: it has the GIL's mutex. */
enum { LOOKS = 8, TAKING = -1 };

static struct {
    atomic_int id; /* 0: free */
    atomic_uintptr_t self;
    atomic_uint_least64_t since;
} table[GY_WHO_MAX]; /* the first is GY_WHO_NONE */

/* In memory that every thread has from its start, since no allocation is wanted under the GIL's mutex. */
GY_THREAD_LOCAL uint16_t own;
static atomic_uint taken, hand;

/* Takes the place if it is free, or of a thread that has ended and one may ask. */
static bool take(unsigned number, bool may_ask)
{
    int before = atomic_load_explicit(&table[number].id, memory_order_relaxed);
    if (before == TAKING || (before != 0 && (!may_ask || gy_threads_lives(before))) ||
        !atomic_compare_exchange_strong(&table[number].id, &before, TAKING)) {
        return false;
    }
    atomic_store_explicit(&table[number].self, gy_thread_self(), memory_order_relaxed);
    atomic_store_explicit(&table[number].since, gy_clock_monotonic.now(), memory_order_relaxed);
    atomic_store_explicit(&table[number].id, gy_threads_id(), memory_order_release);
    atomic_fetch_add_explicit(&taken, 1, memory_order_relaxed);
    own = (uint16_t)number;
    return true;
}

static void enter(void)
{
    bool full = atomic_load_explicit(&taken, memory_order_relaxed) >= GY_WHO_MAX - 1;
    int looks = full ? LOOKS : GY_WHO_MAX;
    for (int i = 0; i < looks; i++) {
        unsigned number = atomic_fetch_add_explicit(&hand, 1, memory_order_relaxed) % (GY_WHO_MAX - 1) + 1;
        if (take(number, full)) {
            return;
        }
    }
}

uint16_t gy_who_am_i(void)
{
    if (GY_UNLIKELY(own == GY_WHO_NONE)) {
        enter();
    }
    return own;
}

bool gy_who_get(uint16_t number, gy_who *who)
{
    if (number == GY_WHO_NONE || number >= GY_WHO_MAX) {
        return false;
    }
    who->id = atomic_load_explicit(&table[number].id, memory_order_acquire);
    who->self = atomic_load_explicit(&table[number].self, memory_order_relaxed);
    who->since = atomic_load_explicit(&table[number].since, memory_order_relaxed);
    return who->id > 0;
}

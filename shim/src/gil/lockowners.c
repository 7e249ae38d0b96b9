/* SPDX-License-Identifier: MIT */
#include "gil/lockowners.h"

#include "gil/gilstate.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum { LOCKS = 2048, SLEEPERS = 256 };

/* The last to take each lock. */
static struct {
    _Atomic(const void *) lock;
    _Atomic(const gy_account *) owner;
} locks[LOCKS];

/* What each thread that sleeps for a lock waits for. */
static struct {
    _Atomic(const gy_account *) account;
    _Atomic(const void *) lock; /* NULL: it has it, or waits no more */
} sleepers[SLEEPERS];

/* A longer chain, or a circle of locks, is followed so far. */
enum { MOST_LINKS = 8 };

static unsigned place_of(const void *lock)
{
    return gy_gil_spread(lock, LOCKS);
}

static unsigned bed_of(const gy_account *account)
{
    return gy_gil_spread(account, SLEEPERS);
}

void gy_lockowners_has(const void *lock)
{
    unsigned place = place_of(lock);
    atomic_store_explicit(&locks[place].lock, lock, memory_order_relaxed);
    atomic_store_explicit(&locks[place].owner, &gy_own, memory_order_relaxed);
}

void gy_lockowners_waits(const void *lock)
{
    unsigned bed = bed_of(&gy_own);
    atomic_store_explicit(&sleepers[bed].account, &gy_own, memory_order_relaxed);
    atomic_store_explicit(&sleepers[bed].lock, lock, memory_order_relaxed);
}

void gy_lockowners_waited(void)
{
    unsigned bed = bed_of(&gy_own);
    if (atomic_load_explicit(&sleepers[bed].account, memory_order_relaxed) == &gy_own) {
        atomic_store_explicit(&sleepers[bed].lock, NULL, memory_order_relaxed);
    }
}

static const gy_account *owner_of(const void *lock)
{
    unsigned place = place_of(lock);
    const gy_account *owner = atomic_load_explicit(&locks[place].owner, memory_order_relaxed);
    return atomic_load_explicit(&locks[place].lock, memory_order_relaxed) == lock ? owner : NULL;
}

static const void *awaited_by(const gy_account *account)
{
    unsigned bed = bed_of(account);
    const void *lock = atomic_load_explicit(&sleepers[bed].lock, memory_order_relaxed);
    return atomic_load_explicit(&sleepers[bed].account, memory_order_relaxed) == account ? lock : NULL;
}

const gy_account *gy_lockowners_find(const void *lock)
{
    const gy_account *gui = atomic_load_explicit(&gy_order.gui, memory_order_relaxed), *found = NULL;
    for (int i = 0; lock && i < MOST_LINKS; i++) {
        const gy_account *owner = owner_of(lock);
        if (!owner || owner == gui || owner == found) { /* itself: it waits for an event */
            break;
        }
        found = owner;
        lock = awaited_by(owner);
    }
    return found;
}

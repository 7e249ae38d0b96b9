/* SPDX-License-Identifier: MIT */
/* The places of those who wait. The rules are in gilorder.c. */
#include "gil/lineplace.h"

#include "gil/line.h"
#include "gil/linefair.h"
#include "gil/linetimes.h"
#include "os/clock.h"

#include <stddef.h>

/* Ranks of class 2 come before all others: nobody has saved or owes as much. */
#define CLASS_NS (UINT64_C(16) * GY_NS_PER_MS)

/* Who was interrupted within its turn is before all others of class 3, and not before class 2, however long a turn is. */
#define MOST_BONUS_NS (CLASS_NS / 2)

static gy_waiter **waiters_of(const gy_account *account)
{
    return &gy_order.waiters[gy_gil_spread(account, GY_WAITERS)];
}

static gy_waiter *waiter_of(const gy_account *account)
{
    gy_waiter *waiter = *waiters_of(account);
    while (waiter && waiter->account != account) {
        waiter = waiter->next;
    }
    return waiter;
}

/* It does not change while it is in line. */
static bool computes(const gy_waiter *waiter)
{
    return !waiter->little && waiter->account->preempted;
}

static void enter_with_rank(gy_waiter *waiter, uint64_t rank)
{
    gy_line_enter(&gy_order.line, &waiter->node, rank);
    if (computes(waiter)) {
        gy_order.computing++;
        gy_order.computing_ns += waiter->account->runtime.virtual_ns;
    }
    waiter->pointer = waiters_of(waiter->account);
    waiter->next = *waiter->pointer;
    *waiter->pointer = waiter;
    if (waiter->next) {
        waiter->next->pointer = &waiter->next;
    }
    atomic_store_explicit(&gy_order.waiting, (int)gy_order.line.length, memory_order_relaxed);
}

void gy_line_take_place(gy_waiter *self, uint64_t now)
{
    uint64_t rank = gy_own.runtime.virtual_ns + 2 * CLASS_NS;
    bool first = gy_gil_holds_up_gui(&gy_own);
    /* What is free now is somebody else's already, and not the GUI thread's: who comes too late for it goes past nobody. */
    bool in_time = gy_order.held || atomic_load_explicit(&gy_order.on_offer, memory_order_relaxed);
    bool needs_little = false;
    if (in_time && !gy_own.preempted) {
        bool has_lag = gy_line_has_lag(now);
        gy_own.had_part = !has_lag;
        needs_little = has_lag || gy_gil_gui_blocked(now);
    }
    self->little = first || needs_little;
    if (first) {
        rank = 0;
    } else if (self->little) {
        rank -= CLASS_NS;
    } else if (gy_own.interrupted) {
        rank -= gy_order.turn_ns < MOST_BONUS_NS ? gy_order.turn_ns : MOST_BONUS_NS;
    }
    if (!gy_own.preempted) {
        gy_own.turn_used_ns = 0;
    }
    if (!self->little && !gy_own.preempted) {
        self->newer = NULL;
        self->older = gy_order.served;
        if (self->older) {
            self->older->newer = self;
        }
        gy_order.served = self;
        self->served = true;
    }
    enter_with_rank(self, rank);
    if (gy_order.held && gy_gil_first() != self) {
        /* It may have been the first before, and left to ask or to change its class. */
        gy_line_look_by(gy_line_due(now));
    }
}

void gy_line_leave_place(gy_waiter *self)
{
    if (self->served) {
        self->served = false;
        *(self->newer ? &self->newer->older : &gy_order.served) = self->older;
        if (self->older) {
            self->older->newer = self->newer;
        }
    }
    if (computes(self)) {
        gy_order.computing--;
        gy_order.computing_ns -= self->account->runtime.virtual_ns;
    }
    *self->pointer = self->next;
    if (self->next) {
        self->next->pointer = self->pointer;
    }
    gy_line_leave(&gy_order.line, &self->node);
    atomic_store_explicit(&gy_order.waiting, (int)gy_order.line.length, memory_order_relaxed);
    if (atomic_load_explicit(&gy_order.promised, memory_order_relaxed) == self) {
        atomic_store_explicit(&gy_order.promised, NULL, memory_order_relaxed);
    }
}

bool gy_line_is_anothers(const gy_waiter *self)
{
    const gy_waiter *promised = atomic_load_explicit(&gy_order.promised, memory_order_relaxed);
    return (promised && promised != self) || atomic_load_explicit(&gy_order.on_offer, memory_order_relaxed);
}

void gy_line_wake(gy_waiter *waiter)
{
    if (waiter && waiter->asleep && !waiter->signalled) {
        waiter->signalled = true;
        gy_cond_signal(&waiter->cond);
    }
}

void gy_line_look_by(uint64_t when)
{
    gy_waiter *first = gy_gil_first();
    if (first && first->deadline > when) {
        gy_line_wake(first);
    }
}

void gy_line_gui_is_away(void)
{
    gy_waiter *newest = gy_order.served;
    if (newest && newest->deadline > gy_gil_gui_blocked_at()) {
        gy_line_wake(newest);
    }
}

void gy_line_gui_in_lock(const gy_account *owner)
{
    gy_waiter *waiter = owner ? waiter_of(owner) : NULL;
    if (waiter) {
        bool promised = atomic_load_explicit(&gy_order.promised, memory_order_relaxed) == waiter;
        gy_line_leave_place(waiter);
        waiter->little = true;
        enter_with_rank(waiter, 0);
        if (promised) {
            atomic_store_explicit(&gy_order.promised, waiter, memory_order_relaxed);
        }
    } else {
        gy_line_wake(gy_order.served);
    }
    gy_line_wake(gy_gil_first());
}

void gy_line_wake_first(void)
{
    gy_line_wake(gy_gil_first());
}

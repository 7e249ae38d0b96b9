/* SPDX-License-Identifier: MIT */
#include "trace/account.h"

#include "trace/names.h"
#include "trace/trace.h"
#include "trace/who.h"

atomic_bool gy_account_gui_in_lock;
static atomic_bool follows_holder;
_Thread_local bool gy_account_counting GY_INITIAL_EXEC;

/*
 * To look for a thread's name takes tens of microseconds: one that has not had the GIL for so long goes unnamed once it has
 * ended, unless somebody looks at the accounts or records a timeline.
 */
#define WORTH_A_NAME_NS GY_NS_PER_MS

static atomic_uint_least16_t holder;
static uint16_t dropped_by; /* under the GIL's mutex, as the next */
static uint64_t dropped_at;

/* One writer: no read-modify-write is needed. */
static void add(atomic_uint_least64_t *figure, uint64_t value)
{
    gy_account_write(figure, gy_account_read(figure) + value);
}

static void raise_to(atomic_uint_least64_t *figure, uint64_t value)
{
    if (value > gy_account_read(figure)) {
        gy_account_write(figure, value);
    }
}

void gy_account_enter(void)
{
    (void)gy_account_my_row();
}

void gy_account_wants(void)
{
    gy_account_row *self = gy_account_my_row();
    if (gy_account_read(&self->waits_since) == 0) {
        uint64_t now = gy_trace_now();
        gy_account_write(&self->waits_since, now);
        gy_account_counting = true;
        gy_trace(GY_EVENT_WAIT_BEGIN, now, 0);
    }
}

static void end_wait(gy_account_row *self, uint64_t now)
{
    uint64_t since = gy_account_read(&self->waits_since), waited = now > since ? now - since : 0;
    gy_account_write(&self->waits_since, 0);
    add(&self->waited_ns, waited);
    add(&self->waits, 1);
    raise_to(&self->longest_wait_ns, waited);
    gy_trace(GY_EVENT_WAIT_END, now, 0);
    if (dropped_by != gy_who_am_i() && dropped_at >= since) {
        gy_trace(GY_EVENT_HAND_OVER, now, dropped_by);
    }
}

void gy_account_takes(uint64_t now)
{
    gy_account_row *self = gy_account_my_row();
    atomic_store_explicit(&holder, gy_who_am_i(), memory_order_relaxed);
    if (gy_account_read(&self->waits_since) != 0) {
        end_wait(self, now);
    }
    add(&self->takes, 1);
    gy_account_write(&self->holds_since, now);
    gy_account_counting = true;
    gy_trace(GY_EVENT_TAKE, now, 0);
}

/* Nobody wants to know any more what threads do alone. */
static void end_lease(uint64_t now)
{
    int all = GY_ACCOUNT_ALL;
    if (now > gy_account_read(&gy_account_all_until) && !atomic_load_explicit(&gy_trace_on, memory_order_relaxed) &&
        atomic_compare_exchange_strong(&gy_account_detail_now, &all,
                                       atomic_load(&follows_holder) ? GY_ACCOUNT_HOLDER : GY_ACCOUNT_CONTENDED) &&
        (now <= gy_account_read(&gy_account_all_until) || atomic_load(&gy_trace_on))) {
        atomic_store(&gy_account_detail_now, GY_ACCOUNT_ALL); /* somebody has begun to in between */
    }
}

void gy_account_takes_alone_seen(void)
{
    bool all = atomic_load_explicit(&gy_account_detail_now, memory_order_relaxed) >= GY_ACCOUNT_ALL;
    if (gy_account_read(&gy_account_my_row()->waits_since) != 0 || all) {
        uint64_t now = gy_trace_now();
        gy_account_takes(now);
        if (all) {
            end_lease(now);
        }
    } else {
        atomic_store_explicit(&holder, gy_who_am_i(), memory_order_relaxed);
    }
}

void gy_account_drops(uint64_t now, uint64_t since)
{
    gy_account_row *self = gy_account_my_row();
    since = gy_account_read(&self->holds_since) != 0 ? gy_account_read(&self->holds_since) : since;
    uint64_t held = now > since ? now - since : 0;
    atomic_store_explicit(&holder, GY_WHO_NONE, memory_order_relaxed);
    dropped_by = gy_who_am_i();
    dropped_at = now;
    gy_account_counting = false;
    if (since == 0) {
        return; /* it had the GIL before it was seen */
    }
    gy_account_write(&self->holds_since, 0);
    add(&self->held_ns, held);
    raise_to(&self->longest_hold_ns, held);
    bool all = atomic_load_explicit(&gy_account_detail_now, memory_order_relaxed) >= GY_ACCOUNT_ALL;
    if (all || gy_account_read(&self->held_ns) >= WORTH_A_NAME_NS) {
        gy_names_learn();
    }
    if (all) {
        gy_names_learn_another(now);
    }
    gy_trace(GY_EVENT_DROP, now, 0);
}

void gy_account_drops_alone_seen(void)
{
    if (gy_account_read(&gy_account_my_row()->holds_since) != 0) {
        gy_account_drops(gy_trace_now(), 0);
    } else {
        atomic_store_explicit(&holder, GY_WHO_NONE, memory_order_relaxed);
        gy_account_counting = false;
    }
}

void gy_account_end(uint64_t now)
{
    for (int i = 1; i < GY_WHO_MAX; i++) {
        gy_account_row *thread = &gy_account_table[i];
        uint64_t held = gy_account_since(gy_account_read(&thread->holds_since), now),
                 waited = gy_account_since(gy_account_read(&thread->waits_since), now);
        gy_account_write(&thread->holds_since, 0);
        gy_account_write(&thread->waits_since, 0);
        add(&thread->held_ns, held);
        add(&thread->waited_ns, waited);
        add(&thread->waits, waited != 0);
        raise_to(&thread->longest_hold_ns, held);
        raise_to(&thread->longest_wait_ns, waited);
    }
    atomic_store_explicit(&holder, GY_WHO_NONE, memory_order_relaxed);
}

void gy_account_count_until(uint64_t until)
{
    uint64_t before = atomic_load(&gy_account_all_until);
    while (before < until && !atomic_compare_exchange_weak(&gy_account_all_until, &before, until)) {
    }
    atomic_store(&gy_account_detail_now, GY_ACCOUNT_ALL);
}

void gy_account_follow_holder(bool follow)
{
    int before = follow ? GY_ACCOUNT_CONTENDED : GY_ACCOUNT_HOLDER;
    atomic_store(&follows_holder, follow);
    atomic_compare_exchange_strong(&gy_account_detail_now, &before, follow ? GY_ACCOUNT_HOLDER : GY_ACCOUNT_CONTENDED);
}

uint16_t gy_account_holder(void)
{
    return atomic_load_explicit(&holder, memory_order_relaxed);
}

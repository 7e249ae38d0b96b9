/* SPDX-License-Identifier: MIT */
#include "trace/account.h"

#include "os/compiler.h"
#include "os/sync.h"
#include "os/threads.h"
#include "trace/pystack.h"
#include "trace/trace.h"
#include "trace/who.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

/* Written by the thread itself, read by any. Times are ns, of CLOCK_MONOTONIC where they are moments. */
typedef struct place {
    atomic_int id; /* whose figures these are: its number in the kernel */
    atomic_uint_least64_t held_ns, waited_ns, longest_hold_ns, longest_wait_ns, takes, waits;
    atomic_uint_least64_t holds_since, waits_since; /* 0: does not */
    char name[GY_ACCOUNT_NAME];                     /* as Python's threading has it, once it is known */
} place;

static place table[GY_WHO_MAX];

static atomic_uint_least64_t all_until; /* GY_ACCOUNT_ALL ends then */

/* How `gilyield top` finds the table in the memory of another process. */
static volatile const struct {
    char magic[24];
    unsigned size, count;
    const place *table;
    atomic_int *detail;
    atomic_uint_least64_t *all_until;
} directory = {"gilyield accounts", sizeof(place), GY_WHO_MAX, table, &gy_account_detail_now, &all_until};

atomic_int gy_account_detail_now;
atomic_bool gy_account_gui_in_lock;
static atomic_bool follows_holder;
_Thread_local bool gy_account_counting GY_INITIAL_EXEC;

/*
 * How often a thread's name is looked for: it may not have one yet. It takes tens of microseconds, so a thread that has not had
 * the GIL for so long goes unnamed once it has ended, unless somebody looks at the accounts or records a timeline.
 */
enum { MOST_LOOKS = 8 };
#define WORTH_A_NAME_NS GY_NS_PER_MS

GY_THREAD_LOCAL place *own; /* NULL: not entered yet */
GY_THREAD_LOCAL int looked; /* how often its name was looked for */
static atomic_uint_least16_t holder;
static uint16_t dropped_by; /* under the GIL's mutex, as the next */
static uint64_t dropped_at;

/* What was counted at the last reset, and the names: of no interest to the threads themselves. */
static gy_static_mutex lock;
static struct {
    int id; /* whose place it was */
    uint64_t since, held_ns, waited_ns, takes, waits;
} base[GY_WHO_MAX];
static struct {
    int id; /* whose name it is; another thread may get the same stack, and with it the same pthread_self() */
    char text[GY_ACCOUNT_NAME];
} names[GY_WHO_MAX];

static uint64_t get(const atomic_uint_least64_t *figure)
{
    return atomic_load_explicit(figure, memory_order_relaxed);
}

static void set(atomic_uint_least64_t *figure, uint64_t value)
{
    atomic_store_explicit(figure, value, memory_order_relaxed);
}

/* One writer: no read-modify-write is needed. */
static void add(atomic_uint_least64_t *figure, uint64_t value)
{
    set(figure, get(figure) + value);
}

static void raise_to(atomic_uint_least64_t *figure, uint64_t value)
{
    if (value > get(figure)) {
        set(figure, value);
    }
}

static place *enter(void)
{
    static place nobodys; /* for threads that the table has no room for */
    gy_who who;
    uint16_t number = gy_who_am_i();
    if (!gy_who_get(number, &who)) {
        return &nobodys;
    }
    own = &table[number];
    atomic_uint_least64_t *const figures[] = {&own->held_ns, &own->waited_ns, &own->longest_hold_ns, &own->longest_wait_ns,
                                              &own->takes,   &own->waits,     &own->holds_since,     &own->waits_since};
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        set(figures[i], 0);
    }
    memset(own->name, 0, sizeof own->name);
    atomic_store_explicit(&own->id, who.id, memory_order_release);
    return own;
}

static place *my_place(void)
{
    return own ? own : enter();
}

void gy_account_enter(void)
{
    (void)my_place();
}

void gy_account_wants(void)
{
    place *self = my_place();
    if (get(&self->waits_since) == 0) {
        uint64_t now = gy_trace_now();
        set(&self->waits_since, now);
        gy_account_counting = true;
        gy_trace(GY_EVENT_WAIT_BEGIN, now, 0);
    }
}

static void end_wait(place *self, uint64_t now)
{
    uint64_t since = get(&self->waits_since), waited = now > since ? now - since : 0;
    set(&self->waits_since, 0);
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
    place *self = my_place();
    atomic_store_explicit(&holder, gy_who_am_i(), memory_order_relaxed);
    if (get(&self->waits_since) != 0) {
        end_wait(self, now);
    }
    add(&self->takes, 1);
    set(&self->holds_since, now);
    gy_account_counting = true;
    gy_trace(GY_EVENT_TAKE, now, 0);
}

/* Nobody wants to know any more what threads do alone. */
static void end_lease(uint64_t now)
{
    int all = GY_ACCOUNT_ALL;
    if (now > get(&all_until) && !atomic_load_explicit(&gy_trace_on, memory_order_relaxed) &&
        atomic_compare_exchange_strong(&gy_account_detail_now, &all,
                                       atomic_load(&follows_holder) ? GY_ACCOUNT_HOLDER : GY_ACCOUNT_CONTENDED) &&
        (now <= get(&all_until) || atomic_load(&gy_trace_on))) {
        atomic_store(&gy_account_detail_now, GY_ACCOUNT_ALL); /* somebody has begun to in between */
    }
}

void gy_account_takes_alone_seen(void)
{
    bool all = atomic_load_explicit(&gy_account_detail_now, memory_order_relaxed) >= GY_ACCOUNT_ALL;
    if (get(&my_place()->waits_since) != 0 || all) {
        uint64_t now = gy_trace_now();
        gy_account_takes(now);
        if (all) {
            end_lease(now);
        }
    } else {
        atomic_store_explicit(&holder, gy_who_am_i(), memory_order_relaxed);
    }
}

/* A thread that ends is known by its name afterwards. */
static void learn_name(void)
{
    char name[GY_ACCOUNT_NAME];
    int saved_errno = errno;
    looked++;
    if (gy_pystack_thread_name(gy_thread_self(), name, sizeof name)) {
        gy_account_set_name(gy_who_am_i(), name);
        looked = MOST_LOOKS;
    }
    errno = saved_errno;
}

/* While somebody looks, a thread that waits for good is named by those that come to the GIL: one look in so long. */
#define OTHERS_LOOK_NS (UINT64_C(10) * GY_NS_PER_MS)

static bool has_name(uint16_t number, int id)
{
    gy_mutex_lock(gy_mutex_of(&lock));
    bool known = names[number].id == id;
    gy_mutex_unlock(gy_mutex_of(&lock));
    return known;
}

static void learn_name_of_another(uint64_t now)
{
    static uint64_t looked_at; /* under the GIL's mutex, as the next */
    static unsigned hand;
    gy_who who;
    if (now - looked_at < OTHERS_LOOK_NS || !gy_pystack_is_open()) {
        return;
    }
    looked_at = now;
    for (int i = 0; i < GY_WHO_MAX; i++) {
        uint16_t number = (uint16_t)(++hand % GY_WHO_MAX);
        if (!gy_who_get(number, &who) || atomic_load(&table[number].id) != who.id || has_name(number, who.id)) {
            continue;
        }
        char name[GY_ACCOUNT_NAME];
        int saved_errno = errno;
        if (gy_threads_lives(who.id) && gy_pystack_thread_name(who.self, name, sizeof name)) {
            gy_account_set_name(number, name);
        }
        errno = saved_errno;
        return;
    }
}

void gy_account_drops(uint64_t now, uint64_t since)
{
    place *self = my_place();
    since = get(&self->holds_since) != 0 ? get(&self->holds_since) : since;
    uint64_t held = now > since ? now - since : 0;
    atomic_store_explicit(&holder, GY_WHO_NONE, memory_order_relaxed);
    dropped_by = gy_who_am_i();
    dropped_at = now;
    gy_account_counting = false;
    if (since == 0) {
        return; /* it had the GIL before it was seen */
    }
    set(&self->holds_since, 0);
    add(&self->held_ns, held);
    raise_to(&self->longest_hold_ns, held);
    bool all = atomic_load_explicit(&gy_account_detail_now, memory_order_relaxed) >= GY_ACCOUNT_ALL;
    if (looked < MOST_LOOKS && (all || get(&self->held_ns) >= WORTH_A_NAME_NS) && gy_pystack_is_open()) {
        learn_name();
    }
    if (all) {
        learn_name_of_another(now);
    }
    gy_trace(GY_EVENT_DROP, now, 0);
}

void gy_account_drops_alone_seen(void)
{
    if (get(&my_place()->holds_since) != 0) {
        gy_account_drops(gy_trace_now(), 0);
    } else {
        atomic_store_explicit(&holder, GY_WHO_NONE, memory_order_relaxed);
        gy_account_counting = false;
    }
}

static uint64_t since(uint64_t then, uint64_t now)
{
    return then != 0 && now > then ? now - then : 0;
}

void gy_account_end(uint64_t now)
{
    for (int i = 1; i < GY_WHO_MAX; i++) {
        place *thread = &table[i];
        uint64_t held = since(get(&thread->holds_since), now), waited = since(get(&thread->waits_since), now);
        set(&thread->holds_since, 0);
        set(&thread->waits_since, 0);
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
    (void)directory.size; /* it is used from outside only */
    uint64_t before = atomic_load(&all_until);
    while (before < until && !atomic_compare_exchange_weak(&all_until, &before, until)) {
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

/* Python's name for it stays; the system's may be a better one later. */
static void find_name(gy_account_figures *figures)
{
    if (gy_pystack_thread_name(figures->self, figures->name, sizeof figures->name)) {
        gy_account_set_name(figures->index, figures->name);
        return;
    }
    gy_threads_name(figures->id, figures->name, sizeof figures->name);
}

bool gy_account_get(uint16_t index, uint64_t now, gy_account_figures *figures)
{
    gy_who who;
    place *thread = &table[index % GY_WHO_MAX];
    if (!gy_who_get(index, &who) || atomic_load_explicit(&thread->id, memory_order_acquire) != who.id ||
        !gy_threads_lives(who.id)) {
        return false;
    }
    uint64_t holds = since(get(&thread->holds_since), now), waits = since(get(&thread->waits_since), now);
    *figures = (gy_account_figures){
        .index = index,
        .id = who.id,
        .self = who.self,
        .holds = holds != 0,
        .waits = waits != 0,
        .now_ns = holds + waits,
        .seen_ns = since(who.since, now),
        .held_ns = get(&thread->held_ns) + holds,
        .waited_ns = get(&thread->waited_ns) + waits,
        .longest_hold_ns = get(&thread->longest_hold_ns),
        .longest_wait_ns = get(&thread->longest_wait_ns),
        .takes = get(&thread->takes),
        .waits_count = get(&thread->waits) + (waits != 0),
    };
    figures->longest_hold_ns = holds > figures->longest_hold_ns ? holds : figures->longest_hold_ns;
    figures->longest_wait_ns = waits > figures->longest_wait_ns ? waits : figures->longest_wait_ns;
    gy_mutex_lock(gy_mutex_of(&lock));
    if (base[index].id == who.id) {
        figures->seen_ns = since(base[index].since, now);
        figures->held_ns -= base[index].held_ns < figures->held_ns ? base[index].held_ns : figures->held_ns;
        figures->waited_ns -= base[index].waited_ns < figures->waited_ns ? base[index].waited_ns : figures->waited_ns;
        figures->takes -= base[index].takes;
        figures->waits_count -= base[index].waits < figures->waits_count ? base[index].waits : figures->waits_count;
    }
    bool known = names[index].id == figures->id;
    if (known) {
        memcpy(figures->name, names[index].text, sizeof figures->name);
    }
    gy_mutex_unlock(gy_mutex_of(&lock));
    if (!known) {
        find_name(figures);
    }
    return true;
}

void gy_account_last(uint16_t index, gy_account_figures *figures)
{
    *figures = (gy_account_figures){0};
    if (gy_account_get(index, gy_trace_now(), figures)) {
        return;
    }
    gy_who who;
    if (!gy_who_get(index, &who)) {
        return;
    }
    figures->index = index;
    figures->id = who.id;
    figures->self = who.self;
    gy_mutex_lock(gy_mutex_of(&lock));
    if (names[index].id == figures->id) {
        memcpy(figures->name, names[index].text, sizeof figures->name);
    }
    gy_mutex_unlock(gy_mutex_of(&lock));
}

void gy_account_set_name(uint16_t index, const char *name)
{
    gy_who who;
    if (gy_who_get(index, &who)) {
        gy_mutex_lock(gy_mutex_of(&lock));
        names[index].id = who.id;
        snprintf(names[index].text, GY_ACCOUNT_NAME, "%s", name);
        memcpy(table[index].name, names[index].text, GY_ACCOUNT_NAME);
        gy_mutex_unlock(gy_mutex_of(&lock));
    }
}

void gy_account_reset(uint64_t now)
{
    gy_account_figures figures;
    for (int i = 1; i < GY_WHO_MAX; i++) {
        gy_mutex_lock(gy_mutex_of(&lock));
        base[i].id = 0;
        gy_mutex_unlock(gy_mutex_of(&lock));
        if (!gy_account_get((uint16_t)i, now, &figures)) {
            continue;
        }
        gy_mutex_lock(gy_mutex_of(&lock));
        base[i].id = figures.id;
        base[i].since = now;
        base[i].held_ns = figures.held_ns;
        base[i].waited_ns = figures.waited_ns;
        base[i].takes = figures.takes;
        base[i].waits = figures.waits_count - figures.waits;
        set(&table[i].longest_hold_ns, 0);
        set(&table[i].longest_wait_ns, 0);
        gy_mutex_unlock(gy_mutex_of(&lock));
    }
}

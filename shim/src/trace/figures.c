/* SPDX-License-Identifier: MIT */
#include "trace/figures.h"

#include "os/clock.h"
#include "os/sync.h"
#include "os/threads.h"
#include "trace/names.h"
#include "trace/who.h"

/* What was counted at the last reset. */
static gy_static_mutex lock;
static struct {
    int id; /* whose account it was */
    uint64_t since, held_ns, waited_ns, takes, waits;
} base[GY_WHO_MAX];

bool gy_figures_get(uint16_t index, uint64_t now, gy_figures *figures)
{
    gy_who who;
    gy_account_row *row = &gy_account_table[index % GY_WHO_MAX];
    if (!gy_who_get(index, &who) || atomic_load_explicit(&row->id, memory_order_acquire) != who.id || !gy_threads_lives(who.id)) {
        return false;
    }
    uint64_t holds = gy_account_since(gy_account_read(&row->holds_since), now),
             waits = gy_account_since(gy_account_read(&row->waits_since), now);
    *figures = (gy_figures){
        .index = index,
        .id = who.id,
        .self = who.self,
        .holds = holds != 0,
        .waits = waits != 0,
        .now_ns = holds + waits,
        .seen_ns = gy_account_since(who.since, now),
        .held_ns = gy_account_read(&row->held_ns) + holds,
        .waited_ns = gy_account_read(&row->waited_ns) + waits,
        .longest_hold_ns = gy_account_read(&row->longest_hold_ns),
        .longest_wait_ns = gy_account_read(&row->longest_wait_ns),
        .takes = gy_account_read(&row->takes),
        .waits_count = gy_account_read(&row->waits) + (waits != 0),
    };
    figures->longest_hold_ns = holds > figures->longest_hold_ns ? holds : figures->longest_hold_ns;
    figures->longest_wait_ns = waits > figures->longest_wait_ns ? waits : figures->longest_wait_ns;
    gy_mutex_lock(gy_mutex_of(&lock));
    if (base[index].id == who.id) {
        figures->seen_ns = gy_account_since(base[index].since, now);
        figures->held_ns -= base[index].held_ns < figures->held_ns ? base[index].held_ns : figures->held_ns;
        figures->waited_ns -= base[index].waited_ns < figures->waited_ns ? base[index].waited_ns : figures->waited_ns;
        figures->takes -= base[index].takes;
        figures->waits_count -= base[index].waits < figures->waits_count ? base[index].waits : figures->waits_count;
    }
    gy_mutex_unlock(gy_mutex_of(&lock));
    gy_names_find(index, &who, figures->name);
    return true;
}

void gy_figures_last(uint16_t index, gy_figures *figures)
{
    *figures = (gy_figures){0};
    if (gy_figures_get(index, gy_clock_monotonic.now(), figures)) {
        return;
    }
    gy_who who;
    if (!gy_who_get(index, &who)) {
        return;
    }
    figures->index = index;
    figures->id = who.id;
    figures->self = who.self;
    (void)gy_names_get(index, who.id, figures->name);
}

void gy_figures_reset(uint64_t now)
{
    gy_figures figures;
    for (int i = 1; i < GY_WHO_MAX; i++) {
        gy_mutex_lock(gy_mutex_of(&lock));
        base[i].id = 0;
        gy_mutex_unlock(gy_mutex_of(&lock));
        if (!gy_figures_get((uint16_t)i, now, &figures)) {
            continue;
        }
        gy_mutex_lock(gy_mutex_of(&lock));
        base[i].id = figures.id;
        base[i].since = now;
        base[i].held_ns = figures.held_ns;
        base[i].waited_ns = figures.waited_ns;
        base[i].takes = figures.takes;
        base[i].waits = figures.waits_count - figures.waits;
        gy_account_write(&gy_account_table[i].longest_hold_ns, 0);
        gy_account_write(&gy_account_table[i].longest_wait_ns, 0);
        gy_mutex_unlock(gy_mutex_of(&lock));
    }
}

/* SPDX-License-Identifier: MIT */
/* When the order comes into force, and when it ends. */
#include "gil/gilorder.h"

#include "gil/gilstate.h"
#include "gil/guiwait.h"
#include "gil/lineplace.h"
#include "gil/unheard.h"
#include "os/clock.h"
#include "os/schedslice.h"
#include "python/subinterpreter.h"
#include "trace/account.h"

#include <string.h>

static bool cond_ready;

/* The GUI thread has taken the GIL, and not dropped it since. Its own doing, so nobody changes it meanwhile. GUI thread. */
static bool gui_has_gil(void)
{
    uint64_t hold = atomic_load_explicit(&gy_own.holds, memory_order_relaxed);
    return hold != 0 && hold == atomic_load_explicit(&gy_order.epoch, memory_order_relaxed);
}

bool gy_gilorder_begin(uint64_t interval_ns, uint64_t slice_ns)
{
    cond_ready = cond_ready || gy_cond_init(&gy_gui_cond);
    if (!cond_ready) {
        return false;
    }
    atomic_store_explicit(&gy_order.gui_polls, true, memory_order_relaxed);
    atomic_store_explicit(&gy_order.may_spin, gy_several_processors(), memory_order_relaxed);
    atomic_store_explicit(&gy_order.gui, &gy_own, memory_order_relaxed);
    /* Who took the GIL when it was last seen may have dropped it unseen. */
    atomic_fetch_add_explicit(&gy_order.epoch, 1, memory_order_relaxed);
    gy_order.interval_ns = interval_ns;
    gy_order.slice_ns = slice_ns;
    atomic_store_explicit(&gy_order.active, true, memory_order_release);
    return true;
}

/*
 * What the GUI thread did before was not seen, so it counts as not holding the GIL, which its next taking or dropping puts right.
 * Taken as holding, a hold that is long over would be charged to it.
 */
void gy_gilorder_begin_account(void)
{
    gy_share_init(&gy_order.share, gy_order.interval_ns, gy_order.slice_ns, false, gy_clock_monotonic.now());
    gy_order.calm = GY_NOT_CALM;
    gy_order.held = true;
    gy_order.gui_has_it = false;
    gy_order.holder = NULL;
    gy_order.asked = false;
    gy_order.gui_asked = false;
    gy_order.others_asked_at = 0;
    gy_order.lends = false;
    gy_order.lent_at = 0;
    gy_order.waits_for_lent = false;
    gy_order.earns_since = 0;
    gy_order.gui_left_at = 0;
    atomic_store_explicit(&gy_order.promised, NULL, memory_order_relaxed);
    atomic_store_explicit(&gy_order.taken_at, 0, memory_order_relaxed);
    atomic_store_explicit(&gy_order.free_since, 0, memory_order_relaxed);
    atomic_store_explicit(&gy_order.on_offer, false, memory_order_relaxed);
}

/* What it has taken and dropped before was not seen. While it has the GIL nobody else writes the epoch. */
static void begin_hold_of_gui(bool gui_has_it)
{
    uint64_t epoch = atomic_load_explicit(&gy_order.epoch, memory_order_relaxed);
    if (gui_has_it && epoch == 0) {
        epoch = 1;
        atomic_store_explicit(&gy_order.epoch, epoch, memory_order_relaxed);
    }
    atomic_store_explicit(&gy_own.holds, gui_has_it ? epoch : 0, memory_order_relaxed);
    gy_subinterpreter_set_witness(gui_has_gil);
}

/*
 * Whoever was to wake those in line one after the other stops where this comes between. They may have been passed over by drops
 * that nobody saw; so the first looks, with the GIL free as far as is known here, unless this thread has it.
 */
void gy_gilorder_go_on(void (*learn)(void), bool gui_has_it)
{
    begin_hold_of_gui(gui_has_it);
    gy_mutex *mutex = atomic_load_explicit(&gy_order.mutex, memory_order_relaxed);
    if (!mutex || !gy_mutex_lock(mutex)) {
        return;
    }
    learn();
    gy_order.calm = GY_NOT_CALM;
    gy_order.held = gui_has_it;
    if (gui_has_it) {
        uint64_t now = gy_clock_monotonic.now();
        gy_order.gui_has_it = true;
        atomic_store_explicit(&gy_order.taken_at, now, memory_order_relaxed);
        gy_share_took(&gy_order.share, now);
        gy_order.earns_since = now;
    }
    gy_line_wake_first();
    gy_mutex_unlock(mutex);
}

/* A thread in line is signalled by nobody any more, and its time-out may be as far away as the program likes. */
void gy_gilorder_end(void)
{
    gy_subinterpreter_set_witness(NULL);
    atomic_store(&gy_order.active, false);
    gy_mutex *mutex = atomic_load(&gy_order.mutex);
    /* Fails where CPython has destroyed it; its memory stays. */
    if (mutex && gy_mutex_lock(mutex)) {
        gy_line_wake_first();
        gy_account_end(gy_clock_monotonic.now());
        gy_mutex_unlock(mutex);
    }
    gy_order.gui_hindered = 0;
    gy_unheard_end();
    gy_schedslice_restore();
}

void gy_gilorder_after_fork(void)
{
    gy_subinterpreter_set_witness(NULL);
    atomic_store(&gy_order.active, false);
    atomic_store(&gy_order.mutex, NULL);
    gy_order.calm = GY_NOT_CALM;
    gy_order.line = (gy_line){.length = 0};
    gy_order.served = NULL;
    gy_order.computing = 0;
    gy_order.computing_ns = 0;
    memset(gy_order.waiters, 0, sizeof gy_order.waiters);
    atomic_store(&gy_account_gui_in_lock, false);
    atomic_store(&gy_order.gui_owner, NULL);
    atomic_store(&gy_order.waiting, 0);
    atomic_store(&gy_order.spinner, NULL);
    atomic_store_explicit(&gy_order.promised, NULL, memory_order_relaxed);
    gy_unheard_after_fork();
    gy_schedslice_after_fork();
}

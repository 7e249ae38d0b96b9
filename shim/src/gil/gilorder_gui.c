/* SPDX-License-Identifier: MIT */
/* What the GUI thread says besides, and what is asked about the order. */
#include "gil/gilorder.h"

#include "gil/gilstate.h"
#include "gil/guiwait.h"
#include "gil/lineplace.h"
#include "os/clock.h"
#include "trace/account.h"

/* What the GUI thread has dropped a moment ago, on loan or free for a grace, it does not want back now. */
static void end_grace(void)
{
    gy_order.lent_at = 0;
    gy_order.waits_for_lent = false;
    bool free = !gy_order.held && !atomic_load_explicit(&gy_order.promised, memory_order_relaxed) &&
                !atomic_load_explicit(&gy_order.on_offer, memory_order_relaxed);
    if (free && gy_order.line.length > 0) {
        gy_gilorder_pass_on(gy_clock_monotonic.now(), 0);
    }
}

void gy_gilorder_gui_polls(bool polls)
{
    atomic_store_explicit(&gy_order.gui_polls, polls, memory_order_relaxed);
    if (polls) {
        gy_gui_polls();
    }
    gy_mutex *mutex = atomic_load_explicit(&gy_order.mutex, memory_order_relaxed);
    bool left_free = atomic_load_explicit(&gy_order.free_since, memory_order_relaxed) != 0 &&
                     atomic_load_explicit(&gy_order.grace_ns, memory_order_relaxed) != 0 && gy_gilorder_waiting() > 0;
    if (polls && mutex && (left_free || gy_order.lent_at != 0) && gy_mutex_lock(mutex)) {
        end_grace();
        gy_mutex_unlock(mutex);
    }
}

void gy_gilorder_gui_in_lock(const gy_account *owner)
{
    atomic_store_explicit(&gy_order.gui_owner, owner, memory_order_relaxed);
    atomic_store_explicit(&gy_account_gui_in_lock, true, memory_order_relaxed);
    gy_mutex *mutex = atomic_load_explicit(&gy_order.mutex, memory_order_relaxed);
    if (mutex && gy_mutex_lock(mutex)) {
        gy_line_gui_in_lock(owner);
        end_grace();
        gy_mutex_unlock(mutex);
    }
}

void gy_gilorder_gui_owner(const gy_account *owner)
{
    gy_mutex *mutex = atomic_load_explicit(&gy_order.mutex, memory_order_relaxed);
    bool other = owner && atomic_exchange_explicit(&gy_order.gui_owner, owner, memory_order_relaxed) != owner;
    if (other && mutex && gy_mutex_lock(mutex)) {
        gy_line_gui_in_lock(owner);
        gy_mutex_unlock(mutex);
    }
}

void gy_gilorder_gui_given(void)
{
    if (!atomic_exchange_explicit(&gy_order.gui_owner, NULL, memory_order_relaxed)) {
        atomic_store_explicit(&gy_order.gui_given, atomic_load_explicit(&gy_order.epoch, memory_order_relaxed),
                              memory_order_relaxed);
    }
}

void gy_gilorder_gui_out_of_lock(void)
{
    atomic_store_explicit(&gy_order.gui_owner, NULL, memory_order_relaxed);
    atomic_store_explicit(&gy_account_gui_in_lock, false, memory_order_relaxed);
}

uint64_t gy_gilorder_owed(uint64_t now)
{
    gy_mutex *mutex = atomic_load_explicit(&gy_order.mutex, memory_order_relaxed);
    if (!mutex || !gy_mutex_lock(mutex)) {
        return 0; /* nobody has ever waited */
    }
    uint64_t owed = gy_share_owed(gy_gilorder_share(), now);
    gy_mutex_unlock(mutex);
    return owed;
}

const gy_share *gy_gilorder_share(void)
{
    return &gy_order.share;
}

int gy_gilorder_waiting(void)
{
    return atomic_load_explicit(&gy_order.waiting, memory_order_relaxed);
}

uint64_t gy_gilorder_takes(void)
{
    return atomic_load_explicit(&gy_order.takes, memory_order_relaxed);
}

/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_CALM_H
#define GILYIELD_CALM_H

#include "gil/gilstate.h"
#include "trace/account.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Calm: nobody has wanted the GIL since the calling thread last took it but this thread itself, which drops and takes it again
 * and again, as a loop of short reads does. All that a take or a drop would put right is right then; what is left to do is here.
 * The calling thread has the GIL's mutex.
 *
 * Each take that is not of this kind says anew whose calm it is (gilorder.c), each wait for the GIL ends it (gy_gil_wanted()),
 * and so does whatever makes holds unseen. So a thread that finds it is the last that has taken the GIL, and nobody else waits:
 * not for the GIL, nor for somebody to take it. unit.calm compares the two ways.
 */

static inline bool gy_calm(void)
{
    return gy_own.calm == gy_order.calm &&
           atomic_load_explicit(&gy_account_detail_now, memory_order_relaxed) == GY_ACCOUNT_CONTENDED;
}

/* The calling thread has dropped the GIL. False: nothing is done. */
static inline bool gy_calm_dropped(void)
{
    if (!gy_calm()) {
        return false;
    }
    atomic_store_explicit(&gy_own.holds, 0, memory_order_relaxed);
    gy_order.held = false;
    gy_order.gui_has_it = false;
    gy_order.holder = NULL;
    return true;
}

/* The calling thread has taken the GIL. False: nothing is done. */
static inline bool gy_calm_taken(void)
{
    if (!gy_calm()) {
        return false;
    }
    bool gui = atomic_load_explicit(&gy_order.gui, memory_order_relaxed) == &gy_own;
    uint64_t epoch = atomic_load_explicit(&gy_order.epoch, memory_order_relaxed) + 1;
    atomic_store_explicit(&gy_order.epoch, epoch, memory_order_release);
    atomic_store_explicit(&gy_own.holds, epoch, memory_order_relaxed);
    gy_order.held = true;
    gy_order.gui_has_it = gui;
    if (!gui) {
        gy_order.holder = &gy_own;
        uint64_t takes = atomic_load_explicit(&gy_order.takes, memory_order_relaxed);
        atomic_store_explicit(&gy_order.takes, takes + 1, memory_order_relaxed);
    }
    return true;
}

#endif

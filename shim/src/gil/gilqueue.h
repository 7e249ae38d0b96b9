/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_GILQUEUE_H
#define GILYIELD_GILQUEUE_H

#include "gil/share.h"
#include "python/python.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Where the GUI thread stands in the queue for the GIL. One file per way; one is picked when gilyield starts.
 * All are called on the GUI thread.
 */
typedef struct gy_gilqueue {
    const char *name; /* as in GILYIELD_PRIORITY */
    /*
     * With or without the GIL. Returns NULL when installed, else a phrase that says why it cannot be. `interval_ns` and
     * `slice_ns` are those of the options, `switch_us` too.
     */
    const char *(*install)(const gy_python *python, uint64_t interval_ns, uint64_t slice_ns, unsigned switch_us);
    void (*remove)(void);
    /* Around giving away and taking back. Both need the GIL. */
    void (*before_release)(void);
    void (*after_reacquire)(void);
    /* How many threads wait for the GIL now; -1 when this way cannot tell. */
    int (*waiting)(void);
    /* How often other threads have taken the GIL so far; always 0 when this way cannot tell. */
    uint64_t (*takes)(void);
    /* The account that this way keeps of who had the GIL, NULL when it keeps none. */
    const gy_share *(*share)(void);
} gy_gilqueue;

extern const gy_gilqueue gy_gilqueue_elf;
extern const gy_gilqueue gy_gilqueue_switch_interval;
extern const gy_gilqueue gy_gilqueue_none;

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_GILQUEUE_H
#define GILYIELD_GILQUEUE_H

#include "gilyield/gilyield.h"
#include "python/python.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Where the GUI thread stands in the queue for the GIL: one file for each way, and one table that picks.
 *
 * Each way keeps the account of the GUI thread's time, there is no other: the yielder says when it has released and reacquired
 * the GIL, a way that sees CPython's own calls knows better, and both answer what the other threads are owed.
 *
 * All are called on the GUI thread. Times are nanoseconds of the yielder's clock.
 */
typedef struct gy_gilqueue {
    const char *name;   /* as in GILYIELD_PRIORITY */
    bool before_python; /* can be installed in a CPython that is yet to be initialised */
    /*
     * With or without the GIL. Returns NULL when installed, else a phrase that says why it cannot be. `options` is complete and
     * stays as it is until remove().
     */
    const char *(*install)(const gy_python *python, const gilyield_options *options, uint64_t now);
    void (*remove)(void);
    /* Around one yield: with the GIL, without it, with it. */
    void (*before_release)(void);
    void (*after_release)(uint64_t now);
    void (*after_reacquire)(uint64_t now);
    /* The event loop's wait begins or ends in a host that has released the GIL itself. Without the GIL. */
    void (*polls)(bool begins);
    /* How many threads wait for the GIL now; -1 when this way cannot tell. */
    int (*waiting)(void);
    /* How often other threads have taken the GIL so far; always 0 when this way cannot tell. */
    uint64_t (*takes)(void);
    /* What the other threads are owed. With the GIL. */
    uint64_t (*owed)(uint64_t now);
    /* They were offered what they are owed, and nobody wanted it. With the GIL. */
    void (*declined)(uint64_t now);
} gy_gilqueue;

/* The GUI thread first; the platform's file has it. */
extern const gy_gilqueue gy_gilqueue_gui;
/* A short switch interval while the GIL is released. */
extern const gy_gilqueue gy_gilqueue_switch_interval;
/* The GUI thread queues like every other thread. Needs no install(), and is what there is before one. */
extern const gy_gilqueue gy_gilqueue_none;

/*
 * Installs the way that options->priority asks for, else the next one that can be had; the last always can. *reason is a phrase
 * that says why this one.
 */
const gy_gilqueue *gy_gilqueue_install(const gy_python *python, const gilyield_options *options, uint64_t now,
                                       const char **reason);

#endif

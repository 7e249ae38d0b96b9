/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_YIELDER_H
#define GILYIELD_YIELDER_H

#include "gil/gilqueue.h"
#include "gilyield/gilyield.h"
#include "loop/stats.h"
#include "os/clock.h"
#include "python/python.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum gy_outcome {
    GY_OUTCOME_NO_PYTHON,   /* there is no CPython, hence no GIL */
    GY_OUTCOME_NOT_HOLDING, /* the host has released the GIL itself */
    GY_OUTCOME_ALONE,       /* no other Python thread exists */
    GY_OUTCOME_UNWANTED,    /* other threads exist, and none wanted the GIL */
    GY_OUTCOME_HANDED_OVER  /* another thread had it */
} gy_outcome;

/* The event loop's own poll, which the wait_* file has at hand. Both return what poll(2) returns and set errno. */
typedef struct gy_poll {
    int (*look)(struct gy_poll *self);  /* without waiting */
    int (*block)(struct gy_poll *self); /* as the event loop asked */
    bool may_block;                     /* the event loop asked to wait */
    bool elsewhere;                     /* it is no event loop that asks; told only while gy_turns_seen() */
} gy_poll;

/* GUI thread only. */
typedef struct gy_yielder {
    const gy_python *python;
    const gy_clock *clock;
    const gilyield_options *options; /* in force */
    const gy_gilqueue *queue;        /* installed; gy_gilqueue_none at first */
    gy_stats *stats;
    gy_outcome seen; /* by the last tick or poll */
    /* A loop that is turned again and again without finding anything to do, in time of its processor: */
    uint64_t polled_at;  /* when a poll was over that found nothing; 0: the last one has */
    uint64_t vain_ns;    /* turned in vain since it last gave a slice */
    uint64_t vain_takes; /* by others, when it last was due */
} gy_yielder;

void gy_yielder_init(gy_yielder *yielder, const gy_python *python, const gy_clock *clock, const gilyield_options *options,
                     gy_stats *stats);

/* Would a tick have something to give, and if not, why not? GY_OUTCOME_UNWANTED says yes. Gives nothing away. About 15 ns. */
gy_outcome gy_yielder_look(gy_yielder *yielder);

/* A tick: a slice for whoever wants the GIL. */
gy_outcome gy_yielder_tick(gy_yielder *yielder);

/* A tick that gives only what the others are owed. */
gy_outcome gy_yielder_pay(gy_yielder *yielder);

/*
 * The event loop's wait: gives the GIL away exactly while `poll` blocks; when the loop is too busy to wait, gives what is owed.
 * Returns the poll's result with its errno. *busy is set when the loop did not wait.
 */
int gy_yielder_poll(gy_yielder *yielder, gy_poll *poll, bool *busy);

#endif

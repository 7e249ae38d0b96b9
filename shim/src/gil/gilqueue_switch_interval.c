/* SPDX-License-Identifier: MIT */
/*
 * A short switch interval while the GIL is released.
 *
 * CPython's switch interval is read anew by each thread that waits for the GIL, each time it begins to wait, and by nobody else:
 * a short one while the GIL is released makes the GUI thread ask for it back soon, and costs nothing while the GUI thread has
 * it. What the program itself has set is read before and given back after; if the program sets another value meanwhile, that one
 * stays. On Windows CPython waits for whole milliseconds, and would not wait but turn round for less than one.
 */
#include "gil/gilqueue.h"

#include "gil/ownaccount.h"
#include "os/clock.h"

#include <stddef.h>

/* GUI thread only. Whole microseconds, which is what CPython keeps. */
static const gy_python *cpython;
static long short_us;
static long program_us; /* what to give back; 0: nothing */

/* 0 when it cannot be had. */
static long read_us(void)
{
    double seconds = cpython->get_switch_interval();
    return seconds > 0.0 ? (long)(seconds * 1e6 + 0.5) : 0;
}

/* CPython cuts fractions off: 100 * 1e-6 would become 99. */
static void write_us(long us)
{
    cpython->set_switch_interval(((double)us + 0.5) * 1e-6);
}

static const char *install(const gy_python *python, const gilyield_options *options, uint64_t now)
{
    gy_ownaccount_begin(options, now);
    cpython = python;
    long shortest_us = (long)(gy_clock_shortest_wait_ns / GY_NS_PER_US);
    short_us = options->switch_us > shortest_us ? options->switch_us : shortest_us;
    program_us = 0;
    return NULL;
}

static void removed(void)
{
}

static void before_release(void)
{
    program_us = read_us();
    if (program_us > short_us) {
        write_us(short_us);
    } else {
        program_us = 0;
    }
}

static void after_reacquire(uint64_t now)
{
    gy_ownaccount_reacquired(now);
    if (program_us > 0 && read_us() == short_us) {
        write_us(program_us);
    }
    program_us = 0;
}

const gy_gilqueue gy_gilqueue_switch_interval = {
    .name = "switch-interval",
    .install = install,
    .remove = removed,
    .before_release = before_release,
    .after_release = gy_ownaccount_released,
    .after_reacquire = after_reacquire,
    .polls = gy_ownaccount_polls,
    .waiting = gy_ownaccount_waiting,
    .takes = gy_ownaccount_takes,
    .owed = gy_ownaccount_owed,
    .declined = gy_ownaccount_declined,
};

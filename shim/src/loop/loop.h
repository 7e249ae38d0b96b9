/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_LOOP_H
#define GILYIELD_LOOP_H

#include "api/stats.h"
#include "gilyield/gilyield.h"

#include <stdbool.h>

/*
 * gilyield at work in the GUI thread's event loop: starts and stops the timer, the hook around the loop's wait and the GIL's
 * queue, and chooses the pace. Data flows one way: gilyield.c says what is wanted, this file does it, reports and figures go
 * back.
 */

/* Does what gy_wanted() says. GUI thread. */
void gy_loop_apply(void);

/* From now on nothing more is given away, until gy_loop_apply() starts it again. Any thread. */
void gy_loop_halt(void);

/* What is at work now. Strings are static. */
typedef struct gy_loop_report {
    bool running;
    int host; /* enum gilyield_host */
    const char *wait, *wait_reason, *priority, *priority_reason, *dispatcher;
} gy_loop_report;

/* Any thread. */
gy_loop_report gy_loop_get_report(void);

extern gy_stats gy_loop_stats;

/* ---- What loop.c asks of gilyield.c, any thread. ---- */

/* True while enabled; fills *options with all that is in force. */
bool gy_wanted(gilyield_options *options);

/* False while paused and in a forked child. */
bool gy_may_yield(void);

#endif

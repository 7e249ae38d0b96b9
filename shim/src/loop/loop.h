/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_LOOP_H
#define GILYIELD_LOOP_H

#include "loop/stats.h"

#include <stdbool.h>

/*
 * gilyield at work in the GUI thread's event loop: starts and stops the timer, the hook around the loop's wait and the GIL's
 * queue, and chooses the pace. It asks settings/wanted.h what to do; reports and figures go back.
 */

/* Sees to it that the loop does what is wanted: before this returns on the GUI thread, else with its next event. Any thread. */
void gy_loop_tell(void);

/* From now on nothing more is released, until the loop is told to run again. Any thread. */
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

/* What Qt calls back: see gy_qt_callbacks. GUI thread. */
void gy_loop_on_wake(void);
void gy_loop_on_tick(void);
void gy_loop_on_turn(void);
bool gy_loop_on_about_to_quit(void);
void gy_loop_on_application_gone(void);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_WANTED_H
#define GILYIELD_WANTED_H

#include "gilyield/gilyield.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * What is wanted: on or off, with which options, how many pauses. Said by the environment and by the API on any thread, read by
 * the GUI thread's loop. Any thread may call all of these, with or without the GIL; none calls Qt or CPython.
 */

/* Once, when the library is loaded, before any other thread can come. */
void gy_wanted_init(void);

/* ---- Read. ---- */

/* True while enabled; copies all that is in force to *options. */
bool gy_wanted(gilyield_options *options);

/* False while paused and in a forked child. About 1 ns. */
bool gy_wanted_may_yield(void);

/* In a process that was forked from one with an application object: the event loop is not here. */
bool gy_wanted_in_child(void);

typedef struct gy_wanted_report {
    bool enabled;             /* or will be by the environment, once there is an application object */
    gilyield_options options; /* in force; the defaults while the environment was not needed yet */
    int64_t since_unix_ms;    /* when it was enabled; 0 while it is not */
    uint64_t elapsed_ns;      /* enabled for so long, since it was or since the last gy_wanted_restart_clock() */
    int pauses;               /* open */
} gy_wanted_report;

gy_wanted_report gy_wanted_get_report(void);

/* ---- Say. All that return an int return 0 or a gilyield_error, and then nothing has changed. ---- */

/* *news is set when it was not enabled before. */
int gy_wanted_enable(const gilyield_options *options, bool *news);

/* True if it was enabled. */
bool gy_wanted_disable(void);

int gy_wanted_configure(const gilyield_options *options);

/*
 * There is an application object: the environment decides, unless the API has. True when enabled now; *news as above. Without
 * GILYIELD in the environment the other variables are not read, and nothing is said about them: most processes that inherit the
 * preload are not targets.
 */
bool gy_wanted_enable_by_environment(bool *news);

/* Each returns how many pauses are open now; *last is set when this closed the last one. */
int gy_wanted_pause(void);
int gy_wanted_resume(bool *last);

void gy_wanted_restart_clock(void);

/* This process is a child of one with an application. */
void gy_wanted_note_child(void);

/* True once, after an environment with GILYIELD_STATS=1 was read. */
bool gy_wanted_takes_summary(void);

/* True once, after an environment with GILYIELD_WATCH_MS or GILYIELD_TRACE was read. */
bool gy_wanted_takes_seeing(int *watch_ms, int *trace_seconds);

#endif

/* SPDX-License-Identifier: MIT */
#include "api/summary.h"

#include "gilyield/gilyield.h"
#include "loop/loop.h"
#include "loop/stats.h"
#include "os/log.h"
#include "settings/wanted.h"
#include "trace/stallwords.h"
#include "trace/watch.h"

#include <stdlib.h>

enum { WORST_PLACES = 10 };

static void print_place(const gilyield_stall *place, int number, void *data)
{
    (void)number;
    (void)data;
    char cause[sizeof place->text];
    gy_words_say_cause(place, cause, sizeof cause);
    gy_log(GILYIELD_LOG_ERROR, "late %llu times, %.3f s in all, longest %.3f s: %s", (unsigned long long)place->count,
           (double)place->total_ns / 1e9, (double)place->longest_ns / 1e9, cause);
}

static void print_summary(void)
{
    if (gy_wanted_in_child()) {
        return;
    }
    gilyield_stats s = {.size = sizeof s};
    gy_stats_read(&gy_loop_stats, &s);
    s.elapsed_ns = gy_wanted_get_report().elapsed_ns;
    /* Asked for, so it is written at any log level. */
    gy_log(GILYIELD_LOG_ERROR,
           "summary: %.1f s, %llu yields (%llu in ticks, %llu in waits), %llu hand-overs, %llu skipped, GIL given away %.1f s, "
           "taken back in p50 %.3f p99 %.3f max %.3f ms, longest GUI wait %.3f ms",
           (double)s.elapsed_ns / 1e9, (unsigned long long)s.yields, (unsigned long long)(s.yields - s.waits),
           (unsigned long long)s.waits, (unsigned long long)s.handovers, (unsigned long long)s.skipped,
           (double)s.released_ns / 1e9, (double)s.reacquire_p50_ns / 1e6, (double)s.reacquire_p99_ns / 1e6,
           (double)s.reacquire_max_ns / 1e6, (double)s.gui_wait_max_ns / 1e6);
    gy_watch_places(WORST_PLACES, print_place, NULL);
}

void gy_summary_arrange(void)
{
    if (gy_wanted_takes_summary()) {
        atexit(print_summary);
    }
}

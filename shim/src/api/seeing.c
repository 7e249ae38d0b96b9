/* SPDX-License-Identifier: MIT */
/* Stall reports and the timeline, as the environment asks for them. */
#include "api/seeing.h"

#include "os/clock.h"
#include "os/environment.h"
#include "os/log.h"
#include "os/threads.h"
#include "settings/wanted.h"
#include "trace/account.h"
#include "trace/export.h"
#include "trace/trace.h"
#include "trace/watch.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_NS (UINT64_C(50) * GY_NS_PER_MS)

static char trace_path[1024];
static atomic_bool written;

static void write_trace(void)
{
    if (atomic_exchange(&written, true) || gy_wanted_in_child()) {
        return;
    }
    gy_trace_stop();
    if (gy_export(trace_path) != 0) {
        gy_log(GILYIELD_LOG_ERROR, "GILYIELD_TRACE=%s: the file cannot be written: %s", trace_path, strerror(errno));
    }
}

/* The seconds count from the first turn of the event loop: an application may take longer than that to start. */
static void *write_trace_later(void *seconds)
{
    while (!atomic_load(&gy_trace_has_turn) && atomic_load(&gy_trace_on)) {
        gy_clock_monotonic.sleep(LOOK_NS);
    }
    uint64_t until = gy_clock_monotonic.now() + (uintptr_t)seconds * GY_NS_PER_S;
    for (uint64_t now = gy_clock_monotonic.now(); now < until; now = gy_clock_monotonic.now()) {
        gy_clock_monotonic.sleep(until - now);
    }
    write_trace();
    return NULL;
}

static void start_trace(int seconds)
{
    if (gy_trace_start() != 0) {
        gy_log(GILYIELD_LOG_ERROR, "GILYIELD_TRACE: there is no memory for it");
        return;
    }
    gy_account_count_until(gy_clock_monotonic.now());
    /* What ends before its time is written, too. */
    atexit(write_trace);
    if (seconds != 0) {
        gy_threads_start("gilyield-trace", write_trace_later, (void *)(uintptr_t)seconds);
    }
}

void gy_seeing_arrange(void)
{
    int watch_ms, trace_seconds;
    if (!gy_wanted_takes_seeing(&watch_ms, &trace_seconds)) {
        return;
    }
    const gilyield_watch_options options = {.size = sizeof options, .threshold_ms = watch_ms};
    if (watch_ms != 0 && gy_watch_start(&options) != 0) {
        gy_log(GILYIELD_LOG_ERROR, "GILYIELD_WATCH_MS: the GUI thread cannot be watched here");
    }
    if (gy_environment_get("GILYIELD_TRACE", trace_path, sizeof trace_path) && *trace_path) {
        start_trace(trace_seconds);
    }
}

/* SPDX-License-Identifier: MIT */
/* A shim without Qt: it knows options, keeps them and pauses in plain variables and has fixed figures, for the tests of the
 * Python module. */
#define GILYIELD_BUILDING
#include <gilyield/gilyield.h>

#include "settings/options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SINCE_UNIX_MS 1700000000000 /* 2023-11-14 22:13:20 UTC */

/* Protected by the GIL: only Python calls us. */
static gilyield_options current;
static int running;
static int pauses, watch_ms;
static gilyield_stats figures;

/* What the tests set: they want to see it come out at the other end. */
GILYIELD_API int stub_state = GILYIELD_STATE_RUNNING;
GILYIELD_API int stub_host = GILYIELD_HOST_HOLDS;
GILYIELD_API int stub_start_error;
GILYIELD_API int stub_starts;

static void fill_figures(void)
{
    figures = (gilyield_stats){
        .size = sizeof figures,
        .ticks = 1000,
        .waits = 204,
        .yields = 1204,
        .handovers = 1190,
        .skipped = 3,
        .alone = 7,
        .released_ns = UINT64_C(9000000000),
        .reacquire_p50_ns = 50000,
        .reacquire_p99_ns = 3300000,
        .reacquire_max_ns = 120400000,
        .reacquire_ns = 600000000,
        .gui_wait_max_ns = 125400000,
        .gui_wait_ns = 3000000000,
        .elapsed_ns = UINT64_C(12000000000),
    };
}

int gilyield_check_options(const gilyield_options *options, char *text, size_t size)
{
    return gy_options_check(options, text, size);
}

/* One can see who has spoken. */
int gilyield_set_option(gilyield_options *options, const char *name, const char *value, char *text, size_t size)
{
    char sentence[512];
    int error = gy_options_set(options, name, value, sentence, sizeof sentence);
    if (error != 0)
        snprintf(text, size, "stub: %s", sentence);
    return error;
}

const char *gilyield_word(const char *member, int value)
{
    static const char *const states[] = {"dormant", "armed", "running"};
    static const char *const hosts[] = {"unknown", "no-python", "holds", "releases"};
    if (strcmp(member, "state") == 0)
        return states[value];
    if (strcmp(member, "host") == 0)
        return value < 4 ? hosts[value] : NULL;
    return gy_options_word(member, value);
}

int gilyield_configure(const gilyield_options *options)
{
    int error = gilyield_check_options(options, NULL, 0);
    if (error != 0)
        return error;
    current = gy_options_merge(*options, current);
    return 0;
}

int gilyield_start(const gilyield_options *options)
{
    if (stub_start_error != 0)
        return stub_start_error;
    current = gy_options_default();
    int error = gilyield_configure(options);
    if (error != 0)
        return error;
    stub_starts++;
    running = 1;
    fill_figures();
    return 0;
}

int gilyield_stop(void)
{
    running = 0;
    return 0;
}

int gilyield_is_enabled(void)
{
    return running;
}

int gilyield_pause(void)
{
    return ++pauses;
}

int gilyield_resume(void)
{
    if (pauses > 0)
        pauses--;
    return pauses;
}

int gilyield_get_status(gilyield_status *status)
{
    *status = (gilyield_status){
        .size = status->size,
        .state = running ? stub_state : GILYIELD_STATE_DORMANT,
        .host = stub_host,
        .mode = current.mode,
        .interval_ms = current.interval_ms,
        .slice_ms = current.slice_ms,
        .priority = current.priority,
        .switch_us = current.switch_us,
        .log_level = current.log_level,
        .paused = pauses,
        .on_gui_thread = 1,
        .since_unix_ms = running ? SINCE_UNIX_MS : 0,
        .wait = "glib",
        .wait_reason = "the GUI thread runs the GLib dispatcher",
        .priority_active = "switch-interval",
        .priority_reason = "caf\xc3\xa9 stub",
        .qt_version = "5.15.8",
        .dispatcher = "QStubDispatcher",
        .python_version = "3.11.2",
        .watch_ms = watch_ms,
    };
    return 0;
}

int gilyield_get_stats(gilyield_stats *stats)
{
    *stats = figures;
    return 0;
}

void gilyield_reset_stats(void)
{
    memset(&figures, 0, sizeof figures);
}

int gilyield_post(void (*function)(void *data), void *data)
{
    function(data);
    return 0;
}

int gilyield_post_or_drop(void (*function)(void *data), void (*dropped)(void *data), void *data)
{
    (void)dropped;
    return gilyield_post(function, data);
}

uintptr_t gilyield_gui_thread(void)
{
    return 0;
}

int gilyield_loop_level(void)
{
    return 0;
}

const char *gilyield_strerror(int error)
{
    switch (error) {
#define X(name, value, text)                                                                                                     \
    case value:                                                                                                                  \
        return text;
        GILYIELD_ERROR_MAP(X)
#undef X
    }
    return error == 0 ? "success" : "unknown error";
}

const char *gilyield_version(void)
{
    return "9.8.7";
}

int gilyield_watch(const gilyield_watch_options *options)
{
    if (options->threshold_ms == 60000) {
        errno = ENOSPC;
        return GILYIELD_E_FILE;
    }
    watch_ms = options->threshold_ms;
    static const gilyield_stall stall = {.size = sizeof stall,
                                         .kind = GILYIELD_STALL_GIL,
                                         .line = 12,
                                         .ns = 412000000,
                                         .count = 1,
                                         .file = "/app/f.py",
                                         .thread = "hog",
                                         .text =
                                             "the GUI thread was late for its events by 412 ms: it waited\n    called from x\n"};
    if (options->on_stall != NULL)
        options->on_stall(&stall, options->data);
    return 0;
}

void gilyield_unwatch(void)
{
    watch_ms = 0;
}

int gilyield_get_stalls(gilyield_stall *stalls, size_t size, int most)
{
    if (size != sizeof *stalls || most < 1)
        return GILYIELD_E_SIZE;
    stalls[0] =
        (gilyield_stall){.size = size,
                         .kind = GILYIELD_STALL_PYTHON,
                         .line = 7,
                         .ns = 300000000,
                         .count = 3,
                         .total_ns = 900000000,
                         .longest_ns = 310000000,
                         .file = "/app/g.py",
                         .function = "slot",
                         .text = "the GUI thread was late for its events by 300 ms: it ran Python, at /app/g.py:7, in slot\n"};
    return 1;
}

int gilyield_get_threads(gilyield_thread *threads, size_t size, int most)
{
    if (size != sizeof *threads || most < 2)
        return GILYIELD_E_SIZE;
    threads[0] = (gilyield_thread){.size = size,
                                   .ident = 1,
                                   .native_id = 11,
                                   .on_gui = 1,
                                   .holds = 1,
                                   .now_ns = 50000,
                                   .seen_ns = 1000000000,
                                   .held_ns = 100000000,
                                   .name = "GUI thread"};
    threads[1] = (gilyield_thread){.size = size,
                                   .ident = 2,
                                   .native_id = 12,
                                   .waits = 1,
                                   .computes = 1,
                                   .now_ns = 2000000,
                                   .seen_ns = 1000000000,
                                   .held_ns = 800000000,
                                   .waited_ns = 100000000,
                                   .waits_count = 5,
                                   .name = "worker"};
    return 2;
}

static int traces;

int gilyield_trace_start(void)
{
    return traces++ == 0 ? 0 : GILYIELD_E_TRACING;
}

/* The disk is full; nothing is written. */
int gilyield_trace_stop(const char *path)
{
    traces = 0;
    errno = ENOSPC;
    return path != NULL && strstr(path, "full") != NULL ? GILYIELD_E_FILE : 0;
}

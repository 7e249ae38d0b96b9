/* SPDX-License-Identifier: MIT */
/*
 * The public C API, and nothing else. It can be called from any thread at any time, so it only notes what is wanted and tells the
 * loop, which does it on the GUI thread.
 */
#include "gilyield/gilyield.h"

#include "api/layout.h"
#include "api/seeing.h"
#include "api/summary.h"
#include "gil/unheard.h"
#include "loop/loop.h"
#include "loop/stats.h"
#include "os/clock.h"
#include "python/python.h"
#include "qt/qt.h"
#include "settings/options.h"
#include "settings/wanted.h"
#include "trace/account.h"
#include "trace/export.h"
#include "trace/figures.h"
#include "trace/trace.h"
#include "trace/watch.h"
#include "trace/who.h"

#include <stddef.h>
#include <string.h>

int gilyield_check_options(const gilyield_options *options, char *text, size_t size)
{
    return gy_options_check(options, text, text ? size : 0);
}

int gilyield_set_option(gilyield_options *options, const char *name, const char *value, char *text, size_t size)
{
    if (!options || !name || !value) {
        return GILYIELD_E_NULL_ARGUMENT;
    }
    return gy_options_set(options, name, value, text, text ? size : 0);
}

const char *gilyield_word(const char *member, int value)
{
    static const char *const STATES[] = {"dormant", "armed", "running"};
    static const char *const HOSTS[] = {"unknown", "no-python", "holds", "releases"};
    if (!member || value < 0) {
        return NULL;
    }
    if (strcmp(member, "state") == 0) {
        return value <= GILYIELD_STATE_RUNNING ? STATES[value] : NULL;
    }
    if (strcmp(member, "host") == 0) {
        return value <= GILYIELD_HOST_RELEASES ? HOSTS[value] : NULL;
    }
    return gy_options_word(member, value);
}

int gilyield_start(const gilyield_options *options)
{
    bool news;
    int error = gy_wanted_enable(options, &news);
    if (error) {
        return error;
    }
    if (news) {
        gy_stats_reset(&gy_loop_stats);
    }
    gy_summary_arrange();
    gy_seeing_arrange();
    gy_loop_tell();
    return 0;
}

int gilyield_stop(void)
{
    if (gy_wanted_disable() && !gy_wanted_in_child()) {
        gy_loop_halt();
        gy_loop_tell();
    }
    return 0;
}

int gilyield_is_enabled(void)
{
    return gy_wanted_get_report().enabled;
}

int gilyield_configure(const gilyield_options *options)
{
    int error = gy_wanted_configure(options);
    if (!error) {
        gy_summary_arrange();
        if (gilyield_is_enabled()) {
            gy_loop_tell();
        }
    }
    return error;
}

int gilyield_pause(void)
{
    return gy_wanted_pause();
}

int gilyield_resume(void)
{
    bool last;
    int open = gy_wanted_resume(&last);
    if (last && gilyield_is_enabled()) {
        gy_qt_wake(); /* the event loop may be blocked with the GIL held */
    }
    return open;
}

/*
 * The layouts that were published first, 0.1's and those of what came with 0.2, which callers may say by a `size` of 0: up to the
 * end of the member that was the last one then.
 */
#define END_OF(type, member) (offsetof(type, member) + sizeof(((type *)NULL)->member))
#define FIRST_STATUS         END_OF(gilyield_status, python_version)
#define FIRST_STATS          END_OF(gilyield_stats, elapsed_ns)
#define FIRST_STALL          END_OF(gilyield_stall, text)
#define FIRST_THREAD         END_OF(gilyield_thread, name)
#define FIRST_WATCH          END_OF(gilyield_watch_options, data)

/* Nothing was put in front of them or between. */
_Static_assert(FIRST_STATS == sizeof(size_t) + 14 * sizeof(uint64_t), "gilyield_stats has changed before its end");
_Static_assert(sizeof(void *) != 8 || FIRST_STATUS == 112, "gilyield_status has changed before its end");
_Static_assert(sizeof(void *) != 8 || FIRST_STALL == 4672, "gilyield_stall has changed before its end");
_Static_assert(sizeof(void *) != 8 || FIRST_THREAD == 168, "gilyield_thread has changed before its end");
_Static_assert(sizeof(void *) != 8 || FIRST_WATCH == 40, "gilyield_watch_options has changed before its end");

int gilyield_get_status(gilyield_status *status)
{
    if (!status) {
        return GILYIELD_E_NULL_ARGUMENT;
    }
    gy_wanted_report wanted = gy_wanted_get_report();
    gy_loop_report loop = gy_loop_get_report();
    int running = loop.running ? GILYIELD_STATE_RUNNING : GILYIELD_STATE_ARMED;
    const gilyield_status full = {
        .size = sizeof full,
        .state = wanted.enabled ? running : GILYIELD_STATE_DORMANT,
        .host = loop.host,
        .mode = wanted.options.mode,
        .interval_ms = wanted.options.interval_ms,
        .slice_ms = wanted.options.slice_ms,
        .priority = wanted.options.priority,
        .switch_us = wanted.options.switch_us,
        .log_level = wanted.options.log_level,
        .paused = wanted.pauses,
        .on_gui_thread = gy_qt_on_gui_thread(),
        .since_unix_ms = wanted.since_unix_ms,
        .wait = loop.wait,
        .wait_reason = loop.wait_reason,
        .priority_active = loop.priority,
        .priority_reason = loop.priority_reason,
        .qt_version = gy_qt_version(),
        .dispatcher = loop.dispatcher,
        .python_version = gy_python_version(),
        .watch_ms = gy_watch_threshold_ms(),
        .limit = wanted.enabled && loop.running ? gy_unheard_limit() : "",
    };
    return gy_layout_fill(status, &full, FIRST_STATUS, sizeof full);
}

int gilyield_get_stats(gilyield_stats *stats)
{
    if (!stats) {
        return GILYIELD_E_NULL_ARGUMENT;
    }
    gilyield_stats full = {.size = sizeof full};
    gy_stats_read(&gy_loop_stats, &full);
    full.elapsed_ns = gy_wanted_get_report().elapsed_ns;
    return gy_layout_fill(stats, &full, FIRST_STATS, sizeof full);
}

void gilyield_reset_stats(void)
{
    gy_stats_reset(&gy_loop_stats);
    gy_wanted_restart_clock();
    gy_watch_reset();
    gy_figures_reset(gy_clock_monotonic.now());
}

int gilyield_watch(const gilyield_watch_options *options)
{
    const gilyield_watch_options defaults = {.size = sizeof defaults};
    options = options ? options : &defaults;
    if (gy_wanted_in_child()) {
        return GILYIELD_E_CHILD_PROCESS;
    }
    int error = options->size != 0 && options->size < FIRST_WATCH ? GILYIELD_E_SIZE : gy_watch_start(options);
    if (!error && gilyield_is_enabled()) {
        gy_loop_tell();
    }
    return error;
}

void gilyield_unwatch(void)
{
    gy_watch_stop();
}

static void put_place(const gilyield_stall *place, int number, void *array)
{
    gy_layout_put(array, number, place);
}

int gilyield_get_stalls(gilyield_stall *stalls, size_t size, int most)
{
    gy_layout_array array;
    int error = gy_layout_begin(&array, stalls, size, FIRST_STALL, sizeof *stalls);
    return error ? error : gy_watch_places(most, put_place, &array);
}

static gilyield_thread as_thread(const gy_figures *figures)
{
    gilyield_thread thread = {
        .size = sizeof thread,
        .ident = figures->self,
        .native_id = figures->id,
        .on_gui = figures->self == gy_qt_gui_thread(),
        .holds = figures->holds,
        .waits = figures->waits,
        .computes = figures->held_ns + figures->waited_ns > figures->seen_ns / 2,
        .now_ns = figures->now_ns,
        .seen_ns = figures->seen_ns,
        .held_ns = figures->held_ns,
        .waited_ns = figures->waited_ns,
        .longest_hold_ns = figures->longest_hold_ns,
        .longest_wait_ns = figures->longest_wait_ns,
        .takes = figures->takes,
        .waits_count = figures->waits_count,
    };
    memcpy(thread.name, figures->name, sizeof thread.name);
    return thread;
}

int gilyield_get_threads(gilyield_thread *threads, size_t size, int most)
{
    gy_layout_array array;
    int count = 0, error = gy_layout_begin(&array, threads, size, FIRST_THREAD, sizeof *threads);
    uint64_t now = gy_clock_monotonic.now();
    gy_account_count_until(now + GY_ACCOUNT_LEASE_NS);
    for (int i = 1; !error && !gy_wanted_in_child() && i < GY_WHO_MAX && count < most; i++) {
        gy_figures figures;
        if (gy_figures_get((uint16_t)i, now, &figures)) {
            const gilyield_thread thread = as_thread(&figures);
            gy_layout_put(&array, count++, &thread);
        }
    }
    return error ? error : count;
}

int gilyield_trace_start(void)
{
    if (gy_wanted_in_child()) {
        return GILYIELD_E_CHILD_PROCESS;
    }
    int error = gy_trace_start();
    if (error) {
        return error;
    }
    gy_account_count_until(gy_clock_monotonic.now());
    if (gilyield_is_enabled()) {
        gy_loop_tell();
    }
    return 0;
}

int gilyield_trace_stop(const char *path)
{
    bool recorded = gy_trace_stop();
    if (!path) {
        return 0;
    }
    if (gy_wanted_in_child()) {
        return GILYIELD_E_CHILD_PROCESS;
    }
    return recorded ? gy_export(path) : GILYIELD_E_NO_TRACE;
}

static int post(void (*function)(void *data), void (*dropped)(void *data), void *data, bool survives_quit)
{
    if (!function) {
        return GILYIELD_E_NULL_ARGUMENT;
    }
    return gy_wanted_in_child() ? GILYIELD_E_CHILD_PROCESS : gy_qt_post(function, dropped, data, survives_quit);
}

int gilyield_post(void (*function)(void *data), void *data)
{
    return post(function, NULL, data, true);
}

int gilyield_post_or_drop(void (*function)(void *data), void (*dropped)(void *data), void *data)
{
    return post(function, dropped, data, false);
}

uintptr_t gilyield_gui_thread(void)
{
    return gy_wanted_in_child() ? 0 : gy_qt_gui_thread();
}

int gilyield_loop_level(void)
{
    return !gy_wanted_in_child() && gy_qt_on_gui_thread() ? gy_qt_loop_level() : 0;
}

const char *gilyield_strerror(int error)
{
    switch (error) {
    case 0:
        return "success";
#define X(name, value, text)                                                                                                     \
    case value:                                                                                                                  \
        return text;
        GILYIELD_ERROR_MAP(X)
#undef X
    default:
        return "unknown error";
    }
}

#define TEXT_OF(x) #x
#define TEXT(x)    TEXT_OF(x)

const char *gilyield_version(void)
{
    return TEXT(GILYIELD_VERSION_MAJOR) "." TEXT(GILYIELD_VERSION_MINOR) "." TEXT(GILYIELD_VERSION_PATCH);
}

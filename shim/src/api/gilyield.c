/* SPDX-License-Identifier: MIT */
/*
 * The public C API: what is wanted, by whom, and errors. It can be called from any thread at any time, so it only notes what is
 * wanted and tells the GUI thread; loop.c does the rest there.
 */
#include "gilyield/gilyield.h"

#include "api/options.h"
#include "api/stats.h"
#include "loop/loop.h"
#include "os/clock.h"
#include "os/log.h"
#include "preload/preload.h"
#include "python/python.h"
#include "qt/qt.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

extern char **environ;

/* Protects `wanted`. Never held while the GIL is taken, nor during a call into Qt. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    bool environment_read;
    gy_environment environment;
    bool enabled;
    bool decided;             /* the API has said whether to run: the environment no longer does */
    gilyield_options options; /* complete once the environment was read */
    int64_t since_unix_ms;
} wanted;

static atomic_int pauses;
static atomic_uint_least64_t stats_since, stats_until; /* CLOCK_MONOTONIC ns; until: 0 while enabled */
static atomic_bool in_child;                           /* forked from a process that had an application */

static void complain(const char *sentence)
{
    gy_log(GILYIELD_LOG_ERROR, "%s", sentence);
}

static void print_summary(void)
{
    if (atomic_load(&in_child)) {
        return;
    }
    gilyield_stats s = {.size = sizeof s};
    gilyield_get_stats(&s);
    char line[512];
    snprintf(line, sizeof line,
             "summary: %.1f s, %llu yields (%llu in ticks, %llu in waits), %llu hand-overs, %llu skipped, GIL given away %.1f s, "
             "taken back in p50 %.3f p99 %.3f max %.3f ms, longest GUI wait %.3f ms",
             (double)s.elapsed_ns / 1e9, (unsigned long long)s.yields, (unsigned long long)(s.yields - s.waits),
             (unsigned long long)s.waits, (unsigned long long)s.handovers, (unsigned long long)s.skipped,
             (double)s.released_ns / 1e9, (double)s.reacquire_p50_ns / 1e6, (double)s.reacquire_p99_ns / 1e6,
             (double)s.reacquire_max_ns / 1e6, (double)s.gui_wait_max_ns / 1e6);
    /* Asked for, so it is written at any log level. */
    gy_log(GILYIELD_LOG_ERROR, "%s", line);
}

static void before_fork(void)
{
    pthread_mutex_lock(&lock);
    gy_qt_before_fork();
}

static void parent_after_fork(void)
{
    gy_qt_after_fork();
    pthread_mutex_unlock(&lock);
}

static void child_after_fork(void)
{
    parent_after_fork();
    if (gy_qt_has_application()) {
        atomic_store(&in_child, true);
    }
}

static void register_fork_handlers(void)
{
    pthread_atfork(before_fork, parent_after_fork, child_after_fork);
}

static void watch_forks(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, register_fork_handlers);
}

/* The caller holds `lock`. */
static void read_environment(void)
{
    watch_forks();
    if (wanted.environment_read) {
        return;
    }
    wanted.environment_read = true;
    wanted.environment = gy_options_from_environment(environ, complain);
    wanted.options = gy_options_merge(wanted.options, gy_options_merge(wanted.environment.options, gy_options_default()));
    gy_log_set_level(wanted.options.log_level);
    if (wanted.environment.stats_at_exit) {
        atexit(print_summary);
    }
}

/* The caller holds `lock`. */
static void enable(void)
{
    if (wanted.enabled) {
        return;
    }
    wanted.enabled = true;
    gy_stats_reset(&gy_loop_stats);
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    wanted.since_unix_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    atomic_store(&stats_since, gy_clock_monotonic.now());
    atomic_store(&stats_until, 0);
}

/* Lets the GUI thread act on what is wanted: at once if this is it. */
static void tell_gui_thread(void)
{
    if (gy_qt_on_gui_thread()) {
        gy_loop_apply();
    } else {
        gy_qt_wake();
    }
}

bool gy_wanted(gilyield_options *options)
{
    pthread_mutex_lock(&lock);
    bool enabled = wanted.enabled && !atomic_load(&in_child);
    *options = wanted.options;
    pthread_mutex_unlock(&lock);
    return enabled;
}

bool gy_may_yield(void)
{
    return atomic_load_explicit(&pauses, memory_order_relaxed) == 0 && !atomic_load_explicit(&in_child, memory_order_relaxed);
}

/* Most processes that this library is preloaded into are not meant: those get no word and no work. */
static bool environment_speaks(void)
{
    const char *value = getenv("GILYIELD");
    return value && *value && strcmp(value, "0") != 0;
}

void gy_on_application(void)
{
    if (gy_preload_clean_environment()) {
        gy_python_copy_variable("LD_PRELOAD");
    }
    watch_forks();
    pthread_mutex_lock(&lock);
    if (!wanted.decided && environment_speaks()) {
        read_environment();
        if (wanted.environment.enabled) {
            enable();
        }
    }
    bool enabled = wanted.enabled;
    pthread_mutex_unlock(&lock);
    if (enabled) {
        tell_gui_thread();
    }
}

int gilyield_check_options(const gilyield_options *options, char *text, size_t size)
{
    return gy_options_check(options, text, text ? size : 0);
}

int gilyield_start(const gilyield_options *options)
{
    int error = gy_options_check(options, NULL, 0);
    if (error) {
        return error;
    }
    if (atomic_load(&in_child)) {
        return GILYIELD_E_CHILD_PROCESS;
    }
    pthread_mutex_lock(&lock);
    read_environment();
    if (wanted.environment.strict && wanted.environment.bad) {
        error = GILYIELD_E_STRICT;
    } else {
        wanted.options = gy_options_merge(gy_options_import(options), wanted.options);
        gy_log_set_level(wanted.options.log_level);
        wanted.decided = true;
        enable();
    }
    pthread_mutex_unlock(&lock);
    if (!error) {
        tell_gui_thread();
    }
    return error;
}

int gilyield_stop(void)
{
    pthread_mutex_lock(&lock);
    bool was_enabled = wanted.enabled;
    wanted.enabled = false;
    wanted.decided = true;
    wanted.since_unix_ms = 0;
    if (was_enabled) {
        atomic_store(&stats_until, gy_clock_monotonic.now());
    }
    pthread_mutex_unlock(&lock);
    if (was_enabled && !atomic_load(&in_child)) {
        gy_loop_halt();
        tell_gui_thread();
    }
    return 0;
}

int gilyield_is_enabled(void)
{
    pthread_mutex_lock(&lock);
    bool enabled = wanted.enabled;
    pthread_mutex_unlock(&lock);
    return enabled && !atomic_load(&in_child);
}

int gilyield_configure(const gilyield_options *options)
{
    if (!options) {
        return GILYIELD_E_NULL_ARGUMENT;
    }
    int error = gy_options_check(options, NULL, 0);
    if (error) {
        return error;
    }
    pthread_mutex_lock(&lock);
    read_environment();
    wanted.options = gy_options_merge(gy_options_import(options), wanted.options);
    gy_log_set_level(wanted.options.log_level);
    bool enabled = wanted.enabled;
    pthread_mutex_unlock(&lock);
    if (enabled && !atomic_load(&in_child)) {
        tell_gui_thread();
    }
    return 0;
}

int gilyield_pause(void)
{
    return atomic_fetch_add(&pauses, 1) + 1;
}

int gilyield_resume(void)
{
    int open = atomic_load(&pauses);
    while (open > 0 && !atomic_compare_exchange_weak(&pauses, &open, open - 1)) {
    }
    if (open == 1 && gilyield_is_enabled()) {
        gy_qt_wake(); /* the event loop may be blocked with the GIL held */
    }
    return open > 0 ? open - 1 : 0;
}

/* Copies what the caller's struct has room for and leaves its size member. All versions of a struct begin with `size`. */
static int fill(void *out, const void *full, size_t full_size)
{
    size_t size;
    memcpy(&size, out, sizeof size);
    size_t known = size == 0 ? full_size : size;
    if (known < full_size) {
        return GILYIELD_E_SIZE; /* there is one version of each so far */
    }
    memcpy((char *)out + sizeof size, (const char *)full + sizeof size, full_size - sizeof size);
    return 0;
}

int gilyield_get_status(gilyield_status *status)
{
    if (!status) {
        return GILYIELD_E_NULL_ARGUMENT;
    }
    gilyield_status full = {.size = sizeof full};
    pthread_mutex_lock(&lock);
    gilyield_options options = wanted.environment_read ? wanted.options : gy_options_default();
    bool enabled = wanted.enabled && !atomic_load(&in_child);
    full.since_unix_ms = enabled ? wanted.since_unix_ms : 0;
    pthread_mutex_unlock(&lock);
    gy_loop_report report = gy_loop_get_report();
    if (enabled) {
        full.state = report.running ? GILYIELD_STATE_RUNNING : GILYIELD_STATE_ARMED;
    }
    full.host = report.host;
    full.mode = options.mode;
    full.interval_ms = options.interval_ms;
    full.slice_ms = options.slice_ms;
    full.priority = options.priority;
    full.switch_us = options.switch_us;
    full.log_level = options.log_level;
    full.paused = atomic_load(&pauses);
    full.on_gui_thread = gy_qt_on_gui_thread();
    full.wait = report.wait;
    full.wait_reason = report.wait_reason;
    full.priority_active = report.priority;
    full.priority_reason = report.priority_reason;
    full.qt_version = gy_qt_version();
    full.dispatcher = report.dispatcher;
    full.python_version = gy_python_version();
    return fill(status, &full, sizeof full);
}

int gilyield_get_stats(gilyield_stats *stats)
{
    if (!stats) {
        return GILYIELD_E_NULL_ARGUMENT;
    }
    gilyield_stats full = {.size = sizeof full};
    gy_stats_read(&gy_loop_stats, &full);
    uint64_t since = atomic_load(&stats_since), until = atomic_load(&stats_until);
    if (since != 0) {
        uint64_t end = until ? until : gy_clock_monotonic.now();
        full.elapsed_ns = end > since ? end - since : 0;
    }
    return fill(stats, &full, sizeof full);
}

void gilyield_reset_stats(void)
{
    gy_stats_reset(&gy_loop_stats);
    if (atomic_load(&stats_since) != 0) {
        uint64_t now = gy_clock_monotonic.now();
        atomic_store(&stats_since, now);
        if (atomic_load(&stats_until) != 0) {
            atomic_store(&stats_until, now);
        }
    }
}

static int post(void (*function)(void *data), void (*dropped)(void *data), void *data, bool survives_quit)
{
    if (!function) {
        return GILYIELD_E_NULL_ARGUMENT;
    }
    return atomic_load(&in_child) ? GILYIELD_E_CHILD_PROCESS : gy_qt_post(function, dropped, data, survives_quit);
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
    return atomic_load(&in_child) ? 0 : gy_qt_gui_thread();
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

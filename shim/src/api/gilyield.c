/* SPDX-License-Identifier: MIT */
/*
 * The public C API, and nothing else. It can be called from any thread at any time, so it only notes what is wanted and tells the
 * loop, which does it on the GUI thread.
 */
#include "gilyield/gilyield.h"

#include "api/summary.h"
#include "loop/loop.h"
#include "loop/stats.h"
#include "python/python.h"
#include "qt/qt.h"
#include "settings/options.h"
#include "settings/wanted.h"

#include <string.h>

int gilyield_check_options(const gilyield_options *options, char *text, size_t size)
{
    return gy_options_check(options, text, text ? size : 0);
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
    gilyield_options options;
    return gy_wanted(&options);
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
    };
    return fill(status, &full, sizeof full);
}

int gilyield_get_stats(gilyield_stats *stats)
{
    if (!stats) {
        return GILYIELD_E_NULL_ARGUMENT;
    }
    gilyield_stats full = {.size = sizeof full};
    gy_stats_read(&gy_loop_stats, &full);
    full.elapsed_ns = gy_wanted_get_report().elapsed_ns;
    return fill(stats, &full, sizeof full);
}

void gilyield_reset_stats(void)
{
    gy_stats_reset(&gy_loop_stats);
    gy_wanted_restart_clock();
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

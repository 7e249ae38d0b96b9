/* SPDX-License-Identifier: MIT */
#include "settings/wanted.h"

#include "os/clock.h"
#include "os/environment.h"
#include "os/fork.h"
#include "os/log.h"
#include "os/sync.h"
#include "settings/options.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Protects `wanted`. Never held while the GIL is taken, nor during a call into Qt. */
static gy_static_mutex lock;
static struct {
    bool environment_read;
    gy_environment environment;
    bool enabled;
    bool decided;             /* the API has said whether to run: the environment no longer does */
    gilyield_options options; /* complete once the environment was read */
    int64_t since_unix_ms;
    uint64_t since, until; /* monotonic ns; since: 0 if it was never enabled, until: 0 while it is */
} wanted;

static atomic_int pauses;
static atomic_bool in_child;

static void before_fork(void)
{
    gy_mutex_lock(gy_mutex_of(&lock));
}

static void after_fork(void)
{
    gy_mutex_unlock(gy_mutex_of(&lock));
}

void gy_wanted_init(void)
{
    static const gy_fork_handlers handlers = {before_fork, after_fork, after_fork};
    gy_fork_watch(GY_FORK_WANTED, &handlers);
}

static void complain(const char *sentence)
{
    gy_log(GILYIELD_LOG_ERROR, "%s", sentence);
}

/* The caller holds `lock`, as for all of these up to the public ones. */
static void use_options(gilyield_options options)
{
    wanted.options = options;
    gy_log_set_level(options.log_level);
}

static void read_environment(void)
{
    if (wanted.environment_read) {
        return;
    }
    wanted.environment_read = true;
    gilyield_options said;
    wanted.environment = gy_options_from_environment(gy_environment_all(), &said, complain);
    use_options(gy_options_merge(wanted.options, gy_options_merge(said, gy_options_default())));
}

/* Most processes that inherit the preload are not targets. */
static bool environment_names_us(void)
{
    char value[4];
    return gy_environment_get("GILYIELD", value, sizeof value) && *value && strcmp(value, "0") != 0;
}

/* Whether the environment says so, as the API has not said anything. */
static bool environment_enables(void)
{
    if (wanted.decided || !environment_names_us()) {
        return false;
    }
    read_environment();
    return wanted.environment.enabled;
}

/* Returns whether it was not enabled before. */
static bool enable(void)
{
    if (wanted.enabled) {
        return false;
    }
    wanted.enabled = true;
    wanted.since_unix_ms = gy_clock_unix_ms();
    wanted.since = gy_clock_monotonic.now();
    wanted.until = 0;
    return true;
}

bool gy_wanted(gilyield_options *options)
{
    gy_mutex_lock(gy_mutex_of(&lock));
    bool enabled = wanted.enabled;
    *options = wanted.options;
    gy_mutex_unlock(gy_mutex_of(&lock));
    return enabled && !gy_wanted_in_child();
}

bool gy_wanted_may_yield(void)
{
    return atomic_load_explicit(&pauses, memory_order_relaxed) == 0 && !atomic_load_explicit(&in_child, memory_order_relaxed);
}

bool gy_wanted_in_child(void)
{
    return atomic_load(&in_child);
}

gy_wanted_report gy_wanted_get_report(void)
{
    gy_wanted_report report = {.pauses = atomic_load(&pauses)};
    gy_mutex_lock(gy_mutex_of(&lock));
    report.enabled = (wanted.enabled || environment_enables()) && !gy_wanted_in_child();
    report.options = wanted.environment_read ? wanted.options : gy_options_default();
    report.since_unix_ms = report.enabled ? wanted.since_unix_ms : 0;
    if (wanted.since != 0) {
        report.elapsed_ns = (wanted.until ? wanted.until : gy_clock_monotonic.now()) - wanted.since;
    }
    gy_mutex_unlock(gy_mutex_of(&lock));
    return report;
}

int gy_wanted_enable(const gilyield_options *options, bool *news)
{
    *news = false;
    int error = gy_options_check(options, NULL, 0);
    if (error) {
        return error;
    }
    if (gy_wanted_in_child()) {
        return GILYIELD_E_CHILD_PROCESS;
    }
    gy_mutex_lock(gy_mutex_of(&lock));
    read_environment();
    if (wanted.environment.strict && wanted.environment.bad) {
        error = GILYIELD_E_STRICT;
    } else {
        use_options(gy_options_merge(gy_options_import(options), wanted.options));
        wanted.decided = true;
        *news = enable();
    }
    gy_mutex_unlock(gy_mutex_of(&lock));
    return error;
}

bool gy_wanted_disable(void)
{
    gy_mutex_lock(gy_mutex_of(&lock));
    bool was_enabled = wanted.enabled;
    wanted.enabled = false;
    wanted.decided = true;
    wanted.since_unix_ms = 0;
    if (was_enabled) {
        wanted.until = gy_clock_monotonic.now();
    }
    gy_mutex_unlock(gy_mutex_of(&lock));
    return was_enabled;
}

int gy_wanted_configure(const gilyield_options *options)
{
    if (!options) {
        return GILYIELD_E_NULL_ARGUMENT;
    }
    int error = gy_options_check(options, NULL, 0);
    if (error) {
        return error;
    }
    gy_mutex_lock(gy_mutex_of(&lock));
    read_environment();
    use_options(gy_options_merge(gy_options_import(options), wanted.options));
    gy_mutex_unlock(gy_mutex_of(&lock));
    return 0;
}

bool gy_wanted_enable_by_environment(bool *news)
{
    *news = false;
    gy_mutex_lock(gy_mutex_of(&lock));
    *news = environment_enables() && enable();
    bool enabled = wanted.enabled;
    gy_mutex_unlock(gy_mutex_of(&lock));
    return enabled;
}

int gy_wanted_pause(void)
{
    return atomic_fetch_add(&pauses, 1) + 1;
}

int gy_wanted_resume(bool *last)
{
    int open = atomic_load(&pauses);
    while (open > 0 && !atomic_compare_exchange_weak(&pauses, &open, open - 1)) {
    }
    *last = open == 1;
    return open > 0 ? open - 1 : 0;
}

void gy_wanted_restart_clock(void)
{
    gy_mutex_lock(gy_mutex_of(&lock));
    if (wanted.since != 0) {
        wanted.since = gy_clock_monotonic.now();
        wanted.until = wanted.until ? wanted.since : 0;
    }
    gy_mutex_unlock(gy_mutex_of(&lock));
}

void gy_wanted_note_child(void)
{
    atomic_store(&in_child, true);
}

bool gy_wanted_takes_summary(void)
{
    gy_mutex_lock(gy_mutex_of(&lock));
    bool takes = wanted.environment.stats_at_exit;
    wanted.environment.stats_at_exit = false;
    gy_mutex_unlock(gy_mutex_of(&lock));
    return takes;
}

bool gy_wanted_takes_seeing(int *watch_ms, int *trace_seconds)
{
    gy_mutex_lock(gy_mutex_of(&lock));
    gy_environment *said = &wanted.environment;
    bool takes = wanted.enabled && (said->watch_ms != 0 || said->traces);
    *watch_ms = said->watch_ms;
    *trace_seconds = said->trace_seconds;
    if (takes) {
        said->watch_ms = 0;
        said->traces = false;
    }
    gy_mutex_unlock(gy_mutex_of(&lock));
    return takes;
}

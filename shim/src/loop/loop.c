/* SPDX-License-Identifier: MIT */
/*
 * The pace: what makes the GUI thread yield.
 *
 * WAIT   the event loop's wait is wrapped: the GIL is free while the loop blocks, and no timer is needed. In mode `auto` a tick
 *        is added while the loop has been too busy to wait for an interval.
 *
 * Where the wait is not wrapped:
 * FAST   the tick: other Python threads exist.
 * SLOW   this thread holds the GIL and no other Python thread exists. A new one can only come from code that runs in an event of
 *        the GUI thread, and every turn of the event loop looks; or from a foreign thread that enters Python by itself, which is
 *        why there is a timer at all.
 * TURNS  nothing could be released (no Python, or the host releases the GIL): no timer; every turn of the event loop looks.
 * QUIET  the application is about to quit or Python ends: as TURNS, until an event loop runs again.
 * OFF    dormant: nothing is connected, nothing ticks.
 */
#include "loop/loop.h"

#include "gil/gilqueue.h"
#include "loop/wait.h"
#include "loop/yielder.h"
#include "os/clock.h"
#include "os/log.h"
#include "python/prompt.h"
#include "python/python.h"
#include "qt/qt.h"
#include "settings/wanted.h"
#include "trace/pystack.h"
#include "trace/turns.h"
#include "trace/watch.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

enum { SLOW_MS = 500 };

typedef enum pace { PACE_OFF, PACE_QUIET, PACE_TURNS, PACE_SLOW, PACE_FAST, PACE_WAIT } pace;

static const char *const PACE_NAMES[] = {"off", "quiet", "turns", "slow", "fast", "wait"};

gy_stats gy_loop_stats;

/* GUI thread only. */
static struct {
    pace pace;
    gilyield_options options;
    gy_yielder yielder;
    bool queue_installed, python_met;
    const void *queue_in; /* the code of the CPython that it was installed in */
    bool ticking;         /* PACE_WAIT: the tick of a busy loop */
    bool seeing;          /* the event loop's waits are seen, and nothing is given away in them */
    uint64_t busy_since;  /* 0: the loop's last turn could wait */
} loop;

static atomic_bool halted;

/* Written on the GUI thread, read by any. */
static struct {
    atomic_bool running;
    atomic_int host;
    _Atomic(const char *) wait, wait_reason, priority, priority_reason, dispatcher;
} report = {.wait = "none", .wait_reason = "not running", .priority = "none", .priority_reason = "not running", .dispatcher = ""};

static void set_pace(pace next)
{
    if (next == loop.pace) {
        return;
    }
    loop.pace = next;
    gy_log(GILYIELD_LOG_DEBUG, "pace: %s", PACE_NAMES[next]);
    gy_qt_stop_timer();
    loop.ticking = false;
    loop.busy_since = 0;
    if (next == PACE_FAST) {
        gy_qt_start_timer(loop.options.interval_ms, false);
    } else if (next == PACE_SLOW) {
        gy_qt_start_timer(SLOW_MS, true);
    }
    gy_qt_watch_loop(next == PACE_QUIET || next == PACE_TURNS || next == PACE_SLOW);
    atomic_store(&report.running, next != PACE_OFF && next != PACE_QUIET);
}

static void set_host(gy_outcome outcome)
{
    int host = GILYIELD_HOST_HOLDS;
    if (outcome == GY_OUTCOME_NO_PYTHON) {
        host = GILYIELD_HOST_NO_PYTHON;
    } else if (outcome == GY_OUTCOME_NOT_HOLDING) {
        host = GILYIELD_HOST_RELEASES;
    }
    atomic_store_explicit(&report.host, host, memory_order_relaxed);
}

static pace pace_after(gy_outcome outcome)
{
    switch (outcome) {
    case GY_OUTCOME_NO_PYTHON:
    case GY_OUTCOME_NOT_HOLDING:
        return PACE_TURNS;
    case GY_OUTCOME_ALONE:
        return PACE_SLOW;
    default:
        return PACE_FAST;
    }
}

static void remove_queue(void)
{
    loop.yielder.queue->remove();
    loop.yielder.queue = &gy_gilqueue_none;
    loop.queue_installed = false;
    loop.python_met = false;
    atomic_store(&report.priority, gy_gilqueue_none.name);
    atomic_store(&report.priority_reason, "not running");
}

static void install_queue(void)
{
    const char *reason;
    loop.yielder.queue = gy_gilqueue_install(loop.yielder.python, &loop.options, gy_clock_monotonic.now(), &reason);
    loop.queue_installed = true;
    loop.queue_in = gy_python_code_address();
    if (loop.pace == PACE_WAIT) {
        loop.yielder.queue->polls(false); /* each wait says when it begins and ends */
    }
    atomic_store(&report.priority, loop.yielder.queue->name);
    atomic_store(&report.priority_reason, reason);
}

/*
 * Before each look at what could be given away, and before the event loop runs: what a script starts there is in line, too. In a
 * CPython that is yet to be initialised, so that this thread is first from its first moment on.
 */
static void meet_python(void)
{
    bool initialized;
    if (loop.python_met || !gy_python_expect(&initialized)) {
        return;
    }
    if (loop.queue_installed && loop.queue_in != gy_python_code_address()) {
        remove_queue(); /* there is another, after all */
    }
    bool early = loop.options.priority == GILYIELD_PRIORITY_GUI && gy_gilqueue_gui.before_python;
    if (!loop.queue_installed && (initialized || early)) {
        install_queue();
    }
    loop.python_met = initialized;
    if (initialized) {
        (void)gy_pystack_open(); /* threads that a script starts before the event loop runs have names, too */
    }
}

static bool may_yield(void)
{
    return gy_wanted_may_yield() && !atomic_load_explicit(&halted, memory_order_relaxed);
}

/* The tick runs only while the loop is too busy to wait. */
static void watch_busy(bool busy)
{
    if (!busy) {
        loop.busy_since = 0;
        if (loop.ticking) {
            loop.ticking = false;
            gy_qt_stop_timer();
        }
        return;
    }
    if (loop.ticking || loop.options.mode != GILYIELD_MODE_AUTO) {
        return;
    }
    uint64_t now = gy_clock_monotonic.now();
    if (loop.busy_since == 0) {
        loop.busy_since = now;
    } else if (now - loop.busy_since > (uint64_t)loop.options.interval_ms * GY_NS_PER_MS) {
        loop.ticking = true;
        gy_qt_start_timer(loop.options.interval_ms, false);
    }
}

static int wait_or_yield(gy_poll *poll)
{
    if (!may_yield()) {
        return poll->block(poll);
    }
    meet_python();
    bool busy;
    int ready = gy_yielder_poll(&loop.yielder, poll, &busy);
    set_host(loop.yielder.seen);
    watch_busy(busy);
    return ready;
}

/* A poll that tells when the loop wakes: before the GUI thread takes the GIL back, since its events wait for that, too. */
typedef struct seen_poll {
    gy_poll base;
    gy_poll *poll;
} seen_poll;

static int seen_look(gy_poll *base)
{
    gy_poll *poll = ((seen_poll *)base)->poll;
    int ready = poll->look(poll);
    if (ready != 0) {
        gy_turn_begins();
    }
    return ready;
}

static int seen_block(gy_poll *base)
{
    gy_poll *poll = ((seen_poll *)base)->poll;
    int ready = poll->block(poll);
    gy_turn_begins();
    return ready;
}

static int on_wait(gy_poll *poll)
{
    gy_turns_be_ready();
    if (!gy_turns_seen()) {
        return wait_or_yield(poll);
    }
    if (poll->elsewhere) {
        return wait_or_yield(poll); /* a handler waits, and events with it */
    }
    if (!poll->may_block && gy_turn_is_next()) {
        return wait_or_yield(poll);
    }
    seen_poll seen = {{seen_look, seen_block, poll->may_block, false}, poll};
    gy_turn_ends();
    return wait_or_yield(&seen.base);
}

/* The same where nothing is to be given away in the wait. */
static int on_seen_wait(gy_poll *poll)
{
    gy_turns_be_ready();
    if (!gy_turns_seen() || poll->elsewhere) {
        return poll->block(poll);
    }
    seen_poll seen = {{seen_look, seen_block, poll->may_block, false}, poll};
    gy_turn_ends();
    return seen.base.block(&seen.base);
}

static void report_wait(const gy_wait *wait, const char *reason)
{
    atomic_store(&report.wait, wait->name);
    atomic_store(&report.wait_reason, reason);
}

static void remove_waits(void)
{
    gy_wait_remove();
    loop.seeing = false;
    report_wait(&gy_wait_none, "not running");
}

/* True if the event loop's own wait is wrapped. */
static bool install_waits(void)
{
    const gy_wait *wait = &gy_wait_none;
    const char *reason = "mode timer was asked for";
    if (loop.options.mode != GILYIELD_MODE_TIMER) {
        wait = gy_wait_install(on_wait, &reason);
    }
    report_wait(wait, reason);
    return wait != &gy_wait_none;
}

/* Where the waits are not wrapped already, and somebody wants to see the turns of the event loop. */
static void see_waits(void)
{
    if (loop.seeing || !gy_turns_seen() || atomic_load(&report.wait) != gy_wait_none.name) {
        return;
    }
    const char *reason;
    loop.seeing = true;
    if (gy_wait_install(on_seen_wait, &reason) == &gy_wait_none) {
        gy_turns_told(false);
        gy_log(GILYIELD_LOG_WARN, "watch and trace: the turns of the event loop cannot be seen: %s", reason);
    }
}

static void on_python_exit(void);

static void begin(void)
{
    gy_python_set_exit_callback(on_python_exit);
    gy_yielder_init(&loop.yielder, &gy_python_process, &gy_clock_monotonic, &loop.options, &gy_loop_stats);
    atomic_store(&report.priority_reason, "there is no Python yet");
    atomic_store(&report.dispatcher, gy_qt_dispatcher());
    set_pace(install_waits() ? PACE_WAIT : PACE_TURNS);
    gy_turns_told(true);
    see_waits();
    if (may_yield()) {
        meet_python();
    }
}

static void end(pace next)
{
    remove_waits();
    remove_queue();
    set_pace(next);
    if (next != PACE_TURNS) { /* else it begins anew at once */
        gy_turns_told(false);
    }
    if (next == PACE_OFF) {
        gy_qt_release();
    }
}

/* GUI thread. */
static void apply(void)
{
    gilyield_options options;
    if (!gy_wanted(&options)) {
        if (loop.pace != PACE_OFF) {
            end(PACE_OFF);
            gy_log(GILYIELD_LOG_INFO, "stopped");
        }
        return;
    }
    atomic_store(&halted, false);
    if (loop.pace != PACE_OFF) {
        if (memcmp(&options, &loop.options, sizeof options) == 0) {
            if (loop.pace > PACE_QUIET && may_yield()) {
                meet_python();
            }
            see_waits();
            return;
        }
        end(PACE_TURNS);
    }
    loop.options = options;
    begin();
    gy_log(GILYIELD_LOG_INFO, "running in %s", gy_qt_dispatcher());
}

void gy_loop_tell(void)
{
    if (gy_qt_on_gui_thread()) {
        apply();
    } else {
        gy_qt_wake();
    }
}

void gy_loop_halt(void)
{
    atomic_store(&halted, true);
}

/* Python's atexit, on the thread that finalises. What belongs to the GUI thread is undone there. */
static void on_python_exit(void)
{
    gy_watch_python_exits();
    if (!gy_qt_on_gui_thread()) {
        gy_qt_wake();
    } else if (loop.pace > PACE_QUIET) {
        end(PACE_QUIET);
    }
}

void gy_loop_on_wake(void)
{
    apply();
}

bool gy_loop_on_about_to_quit(void)
{
    if (gy_python_at_prompt()) {
        return false;
    }
    if (loop.pace > PACE_QUIET) {
        end(PACE_QUIET);
    }
    return true;
}

void gy_loop_on_application_gone(void)
{
    if (loop.pace != PACE_OFF) {
        remove_waits();
        remove_queue();
        gy_turns_told(false);
        loop.pace = PACE_OFF;
        atomic_store(&report.running, false);
    }
}

void gy_loop_on_tick(void)
{
    gy_stats_count(&gy_loop_stats.ticks);
    gy_trace_event(GY_EVENT_TICK, 0);
    if (!may_yield()) {
        return;
    }
    meet_python();
    if (loop.pace == PACE_WAIT) {
        gy_yielder_pay(&loop.yielder);
        return;
    }
    gy_outcome outcome = gy_yielder_tick(&loop.yielder);
    set_host(outcome);
    set_pace(pace_after(outcome));
}

void gy_loop_on_turn(void)
{
    if (!may_yield()) {
        return;
    }
    if (loop.pace == PACE_QUIET) {
        if (gy_qt_loop_level() > 0 && loop.yielder.python->gil() != GY_GIL_NO_PYTHON) {
            begin();
        }
        return;
    }
    meet_python();
    gy_outcome outcome = gy_yielder_look(&loop.yielder);
    set_host(outcome);
    set_pace(pace_after(outcome));
}

gy_loop_report gy_loop_get_report(void)
{
    gy_loop_report result = {
        .running = atomic_load(&report.running),
        .host = atomic_load(&report.host),
        .wait = atomic_load(&report.wait),
        .wait_reason = atomic_load(&report.wait_reason),
        .priority = atomic_load(&report.priority),
        .priority_reason = atomic_load(&report.priority_reason),
        .dispatcher = atomic_load(&report.dispatcher),
    };
    return result;
}

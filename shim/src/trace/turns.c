/* SPDX-License-Identifier: MIT */
#include "trace/turns.h"

#include "gilyield/gilyield.h"
#include "os/clock.h"
#include "os/log.h"
#include "os/sync.h"
#include "os/threads.h"
#include "python/python.h"
#include "qt/qt.h"
#include "trace/account.h"
#include "trace/bell.h"
#include "trace/names.h"
#include "trace/pystack.h"
#include "trace/who.h"

#include <errno.h>

/* The GUI thread alone writes these, but for the watcher's 0. */
static struct {
    atomic_uint_least64_t since; /* the turn's beginning; 0: the loop waits */
    atomic_uint_least64_t ended; /* the end of the turn that is known to be late; 0: it goes on */
    atomic_uint turns;
    atomic_uintptr_t self;
    atomic_uint_least16_t index;
    atomic_int id;
} gui;
atomic_bool gy_turns_ready;
static bool told;                          /* of its turns; GUI thread */
static atomic_bool can_read;               /* Python's stacks can be read */
static atomic_bool begin_rings, end_rings; /* the watcher wants to be woken by the next turn; at the end of this one */
static atomic_uintptr_t python_code;       /* an address in CPython */

void gy_turns_get_ready(void)
{
    int saved_errno = errno;
    atomic_store(&gui.self, gy_thread_self());
    atomic_store(&gui.id, gy_threads_id());
    uint16_t index = gy_who_am_i();
    gy_account_enter();
    gy_names_set(index, GY_NAME_OF_GUI);
    atomic_store(&gui.index, index);
    if (gy_python_process.gil() == GY_GIL_NO_PYTHON) {
        errno = saved_errno;
        return; /* once more at the next turn */
    }
    const char *obstacle = gy_pystack_open();
    if (obstacle && atomic_load(&gy_watch_on)) {
        gy_log(GILYIELD_LOG_WARN, "watch: lines of Python cannot be told: %s", obstacle);
    }
    atomic_store(&can_read, !obstacle);
    atomic_store(&python_code, (uintptr_t)gy_python_code_address());
    atomic_store(&gy_turns_ready, true);
    errno = saved_errno;
}

static void ring(void)
{
    gy_bell_lock();
    gy_bell_ring();
    gy_bell_unlock();
}

void gy_turn_begins_seen(void)
{
    bool traced = atomic_load_explicit(&gy_trace_on, memory_order_relaxed);
    uint64_t now = traced ? gy_trace_now() : gy_clock_recent(); /* most turns are short: a stall is seen a tick too long */
    gy_trace(GY_EVENT_TURN_BEGIN, now, 0);
    if (traced) {
        atomic_store_explicit(&gy_trace_has_turn, true, memory_order_relaxed);
    }
    gy_turns_be_ready();
    if (!atomic_load_explicit(&gy_watch_on, memory_order_relaxed)) {
        return;
    }
    unsigned turns = atomic_load_explicit(&gui.turns, memory_order_relaxed);
    atomic_store_explicit(&gui.turns, turns + 1, memory_order_relaxed); /* one writer */
    atomic_store(&gui.since, now);
    if (atomic_load(&begin_rings)) {
        ring();
    }
}

static void end_turn(void)
{
    if (atomic_load_explicit(&gui.since, memory_order_relaxed) == 0) {
        return;
    }
    /* A stall that is noticed at this very moment ends with the watcher's next look. */
    bool late = atomic_load_explicit(&end_rings, memory_order_acquire);
    if (late) {
        atomic_store_explicit(&gui.ended, gy_trace_now(), memory_order_relaxed);
    }
    atomic_store_explicit(&gui.since, 0, memory_order_release);
    if (late) {
        ring();
    }
}

void gy_turn_ends_seen(void)
{
    gy_trace_event(GY_EVENT_TURN_END, 0);
    end_turn();
}

/* The watcher never sleeps for good in the midst of turns, so need not be woken. */
bool gy_turn_is_next(void)
{
    if (atomic_load_explicit(&gui.since, memory_order_relaxed) == 0 || atomic_load_explicit(&end_rings, memory_order_relaxed) ||
        atomic_load_explicit(&gy_trace_on, memory_order_relaxed)) {
        return false;
    }
    unsigned turns = atomic_load_explicit(&gui.turns, memory_order_relaxed);
    atomic_store_explicit(&gui.turns, turns + 1, memory_order_relaxed);
    atomic_store_explicit(&gui.since, gy_clock_recent(), memory_order_release);
    return true;
}

void gy_turns_told(bool now_told)
{
    if (now_told == told) {
        return;
    }
    told = now_told;
    if (!told) {
        end_turn();
    } else if (atomic_load(&gy_watch_on)) {
        gy_bell_lock();
        gy_turns_begin_within();
        gy_bell_ring();
        gy_bell_unlock();
    }
}

void gy_turns_begin_within(void)
{
    if (gy_qt_on_gui_thread() && told && gy_qt_loop_level() > 0) {
        gy_turns_get_ready();
        atomic_fetch_add(&gui.turns, 1);
        atomic_store(&gui.since, gy_trace_now());
    }
}

gy_turn gy_turn_now(void)
{
    unsigned number = atomic_load(&gui.turns);
    return (gy_turn){atomic_load(&gui.since), number};
}

bool gy_turn_goes_on(gy_turn turn)
{
    return atomic_load(&gui.since) == turn.since && atomic_load(&gui.turns) == turn.number;
}

void gy_turn_begin_rings(bool rings)
{
    atomic_store(&begin_rings, rings);
}

void gy_turn_end_rings(bool rings)
{
    if (rings) {
        atomic_store(&gui.ended, 0);
    }
    atomic_store(&end_rings, rings);
}

uint64_t gy_turn_noted_end(void)
{
    return atomic_load(&gui.ended);
}

void gy_turns_forget(void)
{
    atomic_store(&gui.since, 0);
}

gy_gui_thread gy_turns_gui_thread(void)
{
    return (gy_gui_thread){atomic_load(&gui.id), atomic_load(&gui.self), atomic_load(&gui.index)};
}

bool gy_turns_can_read(void)
{
    return atomic_load(&can_read);
}

void gy_turns_read_later(void)
{
    atomic_store(&can_read, false);
    atomic_store(&gy_turns_ready, false);
}

uintptr_t gy_turns_python_code(void)
{
    return atomic_load(&python_code);
}

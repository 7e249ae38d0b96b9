/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_TURNS_H
#define GILYIELD_TURNS_H

#include "os/compiler.h"
#include "trace/trace.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * What the GUI thread notes for those who look at it: who it is, and the turns of its event loop. A turn is the time from when
 * the loop has events until it is about to wait again. A note costs a few stores; while nobody looks, two loads.
 */

/* ---- GUI thread, with or without the GIL ---- */

/* Somebody looks at the turns. Any thread. */
static inline bool gy_turns_seen(void)
{
    return atomic_load_explicit(&gy_trace_on, memory_order_relaxed) || atomic_load_explicit(&gy_watch_on, memory_order_relaxed);
}

/* The GUI thread and its Python are known, so that the threads' names and lines can be read. */
extern atomic_bool gy_turns_ready;

void gy_turns_get_ready(void);

/* The event loop is about to wait. */
static inline void gy_turns_be_ready(void)
{
    if (GY_UNLIKELY(!atomic_load_explicit(&gy_turns_ready, memory_order_relaxed))) {
        gy_turns_get_ready();
    }
}

/* What gy_turn_begins() and gy_turn_ends() do while somebody looks. */
void gy_turn_begins_seen(void);
void gy_turn_ends_seen(void);

/* The event loop has events, or looks whether it has. */
static inline void gy_turn_begins(void)
{
    if (GY_UNLIKELY(gy_turns_seen())) {
        gy_turn_begins_seen();
    }
}

/* The event loop has no more events and is about to wait, or to look. */
static inline void gy_turn_ends(void)
{
    if (GY_UNLIKELY(gy_turns_seen())) {
        gy_turn_ends_seen();
    }
}

/* One turn has ended and the next begins, without a wait: true if that is noted so. False: note the two by themselves. */
bool gy_turn_is_next(void);

/* The turns of the event loop are told from now on, or are not told any more: the turn that goes on is then taken as over. */
void gy_turns_told(bool told);

/* ---- For the watcher: any thread ---- */

typedef struct gy_turn {
    uint64_t since; /* 0: the loop waits */
    unsigned number;
} gy_turn;

gy_turn gy_turn_now(void);

/* It is still that turn, or that wait. */
bool gy_turn_goes_on(gy_turn turn);

/* The beginning of the next turn rings the bell, or does not any more. */
void gy_turn_begin_rings(bool rings);

/* The same of the end of this one; when that was is noted, too. */
void gy_turn_end_rings(bool rings);

/* The end that was noted, 0 if there was none. */
uint64_t gy_turn_noted_end(void);

/* The turn that goes on, if one does, is of no interest. */
void gy_turns_forget(void);

/* If this is the GUI thread, within a turn: that begins anew, so that what it does from now on counts. */
void gy_turns_begin_within(void);

typedef struct gy_gui_thread {
    int id;         /* in the kernel */
    uintptr_t self; /* pthread_self() */
    uint16_t index; /* see who.h */
} gy_gui_thread;

gy_gui_thread gy_turns_gui_thread(void);

/* Whether Python's stacks can be read. */
bool gy_turns_can_read(void);

/* They cannot be read until the event loop waits. */
void gy_turns_read_later(void);

/* An address in CPython's code, 0 as long as there is none. */
uintptr_t gy_turns_python_code(void);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_WATCH_H
#define GILYIELD_WATCH_H

#include "gilyield/gilyield.h"
#include "os/compiler.h"
#include "trace/account.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Stall reports: a thread of our own looks, without the GIL, what the GUI thread does when it is late for its events. It sleeps
 * while the GUI thread waits for events.
 */

/* The largest threshold_ms. */
enum { GY_WATCH_MOST_MS = 60000 };

/* Starts it, or changes what it does. 0 or a gilyield_error. Any thread. */
int gy_watch_start(const gilyield_watch_options *options);

/* No report is begun any more. Does not wait for one that is being made. Any thread. */
void gy_watch_stop(void);

/*
 * The turns of the event loop are told from now on, or are not told any more: the turn that goes on is then taken as over. GUI
 * thread.
 */
void gy_watch_loop(bool told);

/* Python ends: nothing of it is looked at or called any more. Any thread. */
void gy_watch_python_exits(void);

/* The GUI thread and its Python are known, so that the threads' names and lines can be read. */
extern atomic_bool gy_watch_ready;

void gy_watch_get_ready(void);

/* The event loop is about to wait. GUI thread, with or without the GIL. */
static inline void gy_watch_on_wait(void)
{
    if (GY_UNLIKELY(!atomic_load_explicit(&gy_watch_ready, memory_order_relaxed))) {
        gy_watch_get_ready();
    }
}

/* Somebody looks at the turns. */
static inline bool gy_turns_seen(void)
{
    return atomic_load_explicit(&gy_trace_on, memory_order_relaxed) || atomic_load_explicit(&gy_watch_on, memory_order_relaxed);
}

/* What gy_turn_begins() and gy_turn_ends() do while somebody looks. */
void gy_turn_begins_seen(void);
void gy_turn_ends_seen(void);

/* The event loop has events, or looks whether it has. GUI thread, with or without the GIL. */
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

/* How late the GUI thread has to be; 0: nothing watches. Any thread. */
int gy_watch_threshold_ms(void);

/*
 * Gives the places where the GUI thread was late to `take`, those of the longest total time first, numbered from 0, at most
 * `most`. Returns how many. `take` is called with a lock held that the watcher wants. Any thread.
 */
int gy_watch_places(int most, void (*take)(const gilyield_stall *place, int number, void *data), void *data);

/* Forgets them. */
void gy_watch_reset(void);

/* The first line of a report by its number, "" if it is too long ago. */
void gy_watch_headline(uint32_t number, char *text, size_t size);

#endif

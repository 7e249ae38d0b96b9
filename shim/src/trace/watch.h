/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_WATCH_H
#define GILYIELD_WATCH_H

#include "gilyield/gilyield.h"

#include <stddef.h>
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

/* Python ends: nothing of it is looked at or called any more. Any thread. */
void gy_watch_python_exits(void);

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

/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_LINESPIN_H
#define GILYIELD_LINESPIN_H

#include "gil/gilstate.h"

#include <stdbool.h>
#include <stdint.h>

/* Spinning for a GIL that comes soon, instead of sleeping; making way. The calling thread is in line, and has the GIL's mutex. */

/* The GUI thread has dropped the GIL for a moment, and would run now, on this processor, if the calling thread did not. */
bool gy_line_is_in_the_way(void);

/* Is it soon that the GIL comes to the calling thread, so that to sleep would take longer? Until when is it worth while? */
uint64_t gy_line_spin_end(const gy_waiter *self, uint64_t now);

/*
 * Lets go of the mutex and spins, as the only background thread that does: until the GIL is this thread's to take, or another
 * thread is to spin instead, or `until`, which each hold of a quick holder puts off.
 */
void gy_line_spin(gy_waiter *self, gy_mutex *mutex, uint64_t until);

/*
 * The calling thread was perhaps woken for a free GIL on the processor of the one that dropped it, which is off to sleep and not
 * there yet: lets that one go first, and lets go of the mutex meanwhile.
 */
void gy_line_make_way(const gy_waiter *self, gy_mutex *mutex);

#endif

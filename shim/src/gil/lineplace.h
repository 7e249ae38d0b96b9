/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_LINEPLACE_H
#define GILYIELD_LINEPLACE_H

#include "gil/gilstate.h"

#include <stdbool.h>
#include <stdint.h>

/* The places in line, and who is woken there. The calling thread has the GIL's mutex. */

/*
 * Takes its place: whose lock the GUI thread waits for before all others, then class 2, then who was interrupted within a turn,
 * as if a turn less had been had.
 */
void gy_line_take_place(gy_waiter *self, uint64_t now);

/* Somebody may have to be woken then: see gy_line_wake_first(). */
void gy_line_leave_place(gy_waiter *self);

/* The GIL, which is free, is on its way to another thread. */
bool gy_line_is_anothers(const gy_waiter *self);

/* NULL: nobody. */
void gy_line_wake(gy_waiter *waiter);

/* Whoever is first in line is to look at `when` at the latest. */
void gy_line_look_by(uint64_t when);

/*
 * A background thread has taken what the GUI thread has dropped outside of its loop's wait: if that is blocked, those that came
 * back by themselves are of class 2 whatever they have had, and look.
 */
void gy_line_gui_is_away(void);

/*
 * The GUI thread waits for a lock: its owner, if in line, is first. Who is first looks, and who of those that came back by
 * themselves came last.
 */
void gy_line_gui_in_lock(const gy_account *owner);

/*
 * Wakes the first in line, as `active` has changed. While it is false whoever leaves the line wakes the next, so that nobody has
 * the mutex for longer the more there are.
 */
void gy_line_wake_first(void);

#endif

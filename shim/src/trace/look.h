/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_LOOK_H
#define GILYIELD_LOOK_H

#include "trace/stall.h"
#include "trace/turns.h"

#include <stdbool.h>

/* Looks at the GUI thread from outside, and at whoever has the GIL that it waits for. The watcher only, without a lock. */

/* One look, which may take milliseconds. False: the turn was over before anything of it was seen. */
bool gy_look_at(gy_turn turn, gy_look *seen);

/* Another stall is looked at from now on. */
void gy_look_begin(void);

/* The event loop waits, and has since before this: what the GUI thread has called is what has called the event loop. */
void gy_look_note_base(gy_turn wait);

/* What has called the event loop is not known. */
void gy_look_forget_base(void);

#endif

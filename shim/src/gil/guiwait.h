/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_GUIWAIT_H
#define GILYIELD_GUIWAIT_H

#include "gil/gilstate.h"

#include <stdbool.h>
#include <stdint.h>

/* How the GUI thread waits for the GIL, and what it lends of it. With the GIL's mutex. */

/* As gy_gilorder_wait(), for the GUI thread. */
bool gy_gui_wait(gy_mutex *mutex);

/* The GUI thread has taken the GIL while others want it. */
void gy_gui_took(uint64_t now);

/* The GUI thread, which had the GIL, drops it. */
void gy_gui_dropped(uint64_t now);

/* The GUI thread's loop waits: if nobody was in its way for long, its time slice is the kernel's again. Without the mutex. */
void gy_gui_polls(void);

/* The GUI thread has taken what it had lent. */
void gy_gui_has_it_back(uint64_t now);

/* It lends it for so long that the calling thread may have it again after a short gap: nobody else is there, and it watches. */
bool gy_gui_lends(uint64_t now);

/* How long a class-2 thread may have the GIL at `now`, in the midst of a handler. Below 0: it may not, for so long. */
int64_t gy_gui_budget(uint64_t now);

/* The GUI thread's condition variable. */
extern gy_cond gy_gui_cond;

#endif

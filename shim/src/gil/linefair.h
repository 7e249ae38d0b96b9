/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_LINEFAIR_H
#define GILYIELD_LINEFAIR_H

#include "gil/gilstate.h"

#include <stdbool.h>
#include <stdint.h>

/* Who of those that wait has had less than its part. The calling thread has the GIL's mutex. */

/*
 * The calling thread comes for the GIL: what it has saved or owes is kept within limits. To be called also when it finds it free:
 * who has been away for long would be owed all that time, and those in line before it would wait for as long.
 */
void gy_line_comes(uint64_t now);

/*
 * The calling thread, which is not in line, has had less than its part, or it takes nothing from anybody but the GUI thread. Its
 * part is what those that compute have had in the mean. Where none does it is virtual time; unless another has had so much less
 * that this one has to wait for it, although both have had less than their part: two threads that hand something to each other
 * want the GIL one at a time, so together they have the parts of two, and must not have all of it.
 */
bool gy_line_has_lag(uint64_t now);

/* By how much the holder has had more than the calling thread. One that is not known has had enough. */
int64_t gy_line_behind(uint64_t now);

/* When a thread that came back by itself and has had its part is of class 2 again. */
uint64_t gy_line_class_time(const gy_waiter *self, uint64_t now);

#endif

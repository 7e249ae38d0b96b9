/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_LINEWAIT_H
#define GILYIELD_LINEWAIT_H

#include "gil/gilstate.h"

#include <stdbool.h>
#include <stdint.h>

/* How background threads wait for the GIL. With its mutex, which is let go of meanwhile. */

/* As gy_gilorder_wait(), for all but the GUI thread. */
bool gy_line_wait(gy_mutex *mutex, uint64_t switch_ns);

/*
 * The calling thread was asked to drop the GIL and has, and waits here, in line, for what CPython has it wait for elsewhere: so
 * it does not come back just in the moment in which whom it made room for lets go of the GIL for some nanoseconds.
 */
void gy_line_wait_relieved(gy_mutex *mutex);

#endif

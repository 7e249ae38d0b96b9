/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_LINETIMES_H
#define GILYIELD_LINETIMES_H

#include "gil/gilstate.h"

#include <stdbool.h>
#include <stdint.h>

/* When those who wait ask for the GIL, and when they look. The calling thread has the GIL's mutex. */

/* When the first in line looks at the latest, whoever has the GIL. */
uint64_t gy_line_due(uint64_t now);

/* When the calling thread, which is first in line, is to ask the holder to drop the GIL. */
uint64_t gy_line_ask_time(const gy_waiter *self, uint64_t now);

/* When the calling thread, which is not first in line, is expected to be first and to ask. */
uint64_t gy_line_expected_time(const gy_waiter *self, uint64_t now);

/*
 * When the calling thread, which is not first in line, asks all the same. Nobody has taken the GIL for so long: the first may be
 * of another interpreter than the holder, which CPython 3.9 to 3.12 does not tell of its request.
 */
uint64_t gy_line_unanswered_time(void);

#endif

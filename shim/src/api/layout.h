/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_LAYOUT_H
#define GILYIELD_LAYOUT_H

#include <stddef.h>

/*
 * The public structs grow at their end, and all begin with a size_t: how much of it the caller knows, 0 if it is the layout that
 * was published first. This keeps the promise for those that are filled here; settings/options.h does for what comes in.
 */

/*
 * Copies what the caller's struct `out` has room for from `full`, without the size member, and leaves the rest. 0, or
 * GILYIELD_E_SIZE, and nothing is written, if that is less than `first_size`.
 */
int gy_layout_fill(void *out, const void *full, size_t first_size, size_t full_size);

#endif

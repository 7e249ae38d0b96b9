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

/* The caller's array of structs, which are as far apart as they are large for him. */
typedef struct gy_layout_array {
    char *items;
    size_t size, full_size;
} gy_layout_array;

/* `size` is what the caller says: 0 means `first_size`. 0, GILYIELD_E_NULL_ARGUMENT or GILYIELD_E_SIZE. */
int gy_layout_begin(gy_layout_array *array, void *items, size_t size, size_t first_size, size_t full_size);

/* Copies what the item has room for, with a size member that says how much that is; more room stays as it is. */
void gy_layout_put(const gy_layout_array *array, int number, const void *full);

#endif

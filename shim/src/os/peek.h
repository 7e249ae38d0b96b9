/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_PEEK_H
#define GILYIELD_PEEK_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Copies `size` bytes of this process's memory that other threads may be changing or giving back: the kernel does it, which says
 * no where a plain read would crash. What it says may be of several moments. Any thread; errno may change.
 */
bool gy_peek(const void *from, void *to, size_t size);

#endif

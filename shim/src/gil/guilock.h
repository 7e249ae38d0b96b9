/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_GUILOCK_H
#define GILYIELD_GUILOCK_H

#include <stdbool.h>

/*
 * The GUI thread first in CPython's locks, and the owner of the one that it waits for first in the GIL's line. For
 * gilqueue_elf.c, which brings CPython's other calls; GUI thread only.
 */

/* False: CPython makes no calls that can be redirected. Nothing is changed then. */
bool gy_guilock_install(void);
void gy_guilock_remove(void);

/* In a forked child, whose only thread waits for nothing. */
void gy_guilock_after_fork(void);

#endif

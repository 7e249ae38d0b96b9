/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_BELL_H
#define GILYIELD_BELL_H

#include <stdbool.h>
#include <stdint.h>

/* The lock of what the watcher shares with other threads, and what it sleeps on. Any thread. */

/* False: there is no memory. With the lock. */
bool gy_bell_prepare(void);

/* The lock is held for moments only. */
void gy_bell_lock(void);
void gy_bell_unlock(void);

/* Wakes the watcher. With the lock. */
void gy_bell_ring(void);

/* Sleeps, with the lock let go, until the bell rings or it is `until`; 0: never. It may return for no reason. With the lock. */
void gy_bell_sleep(uint64_t until);

#endif

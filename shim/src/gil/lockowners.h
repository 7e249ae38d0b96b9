/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_LOCKOWNERS_H
#define GILYIELD_LOCKOWNERS_H

/*
 * Who has which of CPython's locks, and who waits for which. Written by each thread for itself, without a lock; of two that fall
 * on one place the last one counts. Threads are only compared, never followed: one may have ended. A wrong answer costs a place
 * in line. Any thread, with or without the GIL.
 */

struct gy_account;

/* The calling thread has taken the lock. */
void gy_lockowners_has(const void *lock);

/* The calling thread begins to sleep until it has the lock, or ends to. */
void gy_lockowners_waits(const void *lock);
void gy_lockowners_waited(void);

/*
 * Who has to go on that the lock is let go of: its owner, or the owner of the lock that this one waits for, and so on. NULL: not
 * known, or the calling thread itself, as with the lock on which it waits for an event.
 */
const struct gy_account *gy_lockowners_find(const void *lock);

#endif

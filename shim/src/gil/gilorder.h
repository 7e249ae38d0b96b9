/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_GILORDER_H
#define GILYIELD_GILORDER_H

#include "gil/share.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/*
 * In which order threads get the GIL: the rules behind gilqueue_elf.c, which brings CPython's calls here. Where nothing else is
 * said, the calling thread has the GIL's mutex; wait() lets go of it meanwhile, as a condition variable does.
 */

/* The calling thread, without the mutex, is the GUI thread from now on. False: there is no memory. */
bool gy_gilorder_begin(uint64_t interval_ns, uint64_t slice_ns);

/*
 * From now on nobody is kept waiting longer than CPython asks for, and whoever is in wait() is woken to wait anew. Takes the
 * mutex for a moment. On the GUI thread.
 */
void gy_gilorder_end(void);

/* In a forked child: none of the waiting threads is there. */
void gy_gilorder_after_fork(void);

/* Is the calling thread the GUI thread? Without the mutex. */
bool gy_gilorder_is_gui(void);

/* Nobody has taken the GIL yet since the account of it can be kept. */
void gy_gilorder_begin_account(void);

/*
 * Instead of pthread_cond_timedwait(): the calling thread wants the GIL, and `deadline`, of CLOCK_MONOTONIC or CLOCK_REALTIME, is
 * one switch interval away. Returns 0, also for no reason, or ETIMEDOUT, which has CPython ask for the GIL.
 */
int gy_gilorder_wait(pthread_mutex_t *mutex, const struct timespec *deadline);

/*
 * The calling thread has dropped the GIL because it was asked to, and is to wait until somebody has taken it. It has the mutex
 * under which that is signalled, not the GIL's. True: somebody has; false: it is not known to be soon, and pthread_cond_wait() is
 * due.
 */
bool gy_gilorder_await_taken(pthread_mutex_t *mutex);

/* The calling thread has taken the GIL. It has the mutex of gy_gilorder_await_taken(), too. */
void gy_gilorder_taken(void);

/* The calling thread has dropped the GIL. Returns the variable to signal: `gil_cond` if it may be anybody's, NULL for none. */
pthread_cond_t *gy_gilorder_dropped(pthread_cond_t *gil_cond);

/* How many threads but the GUI thread wait for the GIL. Any thread, without the mutex. */
int gy_gilorder_waiting(void);

/* How often threads other than the GUI thread have taken the GIL. Any thread, without the mutex. */
uint64_t gy_gilorder_takes(void);

/* The account of who had the GIL. On the GUI thread while it has the GIL, without the mutex. */
const gy_share *gy_gilorder_share(void);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_INTERRUPT_H
#define GILYIELD_INTERRUPT_H

#include <stdbool.h>

/*
 * Has a thread of this process do something in the midst of what it computes, by a signal. Twins: interrupt_linux.c,
 * interrupt_none.c, which cannot. Any thread, without any lock that `function` or a signal handler of the application may want.
 * errno is kept.
 *
 * The signal is SIGURG: it is ignored where nobody minds it, debuggers pass it on, and whoever minds it expects it for no reason.
 * A handler that the application had before still gets all signals but ours. Over one that it sets later none is set.
 */

/*
 * `function` runs on the thread with that number soon, in a signal handler; or not at all, for example when the thread blocks the
 * signal. A thread that is not running is left alone, so that no system call is cut short. Always the same `function`. 20 us.
 */
void gy_interrupt(int thread, void (*function)(void));

/* False: gy_interrupt() reaches nobody, on this system or since the application has a handler of its own for the signal. */
bool gy_interrupt_works(void);

/* The signal is the application's again, unless that has taken it already. */
void gy_interrupt_end(void);

/* In a forked child: a thread that had a lock is not there. */
void gy_interrupt_after_fork(void);

#endif

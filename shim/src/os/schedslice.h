/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_SCHEDSLICE_H
#define GILYIELD_SCHEDSLICE_H

/*
 * Short time slices in the kernel's scheduler, for the GUI thread and for threads that need little.
 *
 * A thread that wakes up may find its processor taken by a thread that computes, and then waits for up to a tick of the kernel,
 * 4 ms, before it can even ask for the GIL; the kernel does not always look for a free processor. Since Linux 6.12 a thread of
 * SCHED_OTHER may ask for a slice of its own length (sched_setattr(2), sched_runtime; include/uapi/linux/sched/types.h): with a
 * short one it interrupts those with a longer one, and gets no more in all. It needs no privilege and can be taken back. On older
 * kernels nothing of this does anything.
 *
 * Any thread, with or without the GIL. errno is kept.
 */

/* Asks for a short slice for the calling thread. Only if its policy and its slice are the default ones. */
void gy_schedslice_shorten(void);

/* Gives the calling thread the default slice back. Harmless when it was not shortened. */
void gy_schedslice_lengthen(void);

/* Gives all threads the default slice back. */
void gy_schedslice_restore(void);

/* Threads inherit it. Gives the calling thread the default slice if it has the short one and did not ask for it. */
void gy_schedslice_disinherit(void);

/* The same in a forked child, which has nothing to restore. */
void gy_schedslice_after_fork(void);

#endif

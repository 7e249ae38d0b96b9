/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_SCHEDSLICE_H
#define GILYIELD_SCHEDSLICE_H

/*
 * The GUI thread's time slice in the kernel's scheduler.
 *
 * A GUI thread that wakes up may find every processor taken by a thread that computes, and then waits for up to a tick of the
 * kernel, 4 ms, before it can even ask for the GIL. Since Linux 6.12 a thread of SCHED_OTHER may ask for a slice of its own
 * length (sched_setattr(2), sched_runtime; include/uapi/linux/sched/types.h): with a short one it runs sooner, and no more in
 * all. It needs no privilege and can be taken back. On older kernels nothing of this does anything.
 */

/* Asks for a short slice for the calling thread. Only if its policy and its slice are the default ones. */
void gy_schedslice_shorten(void);

/* Gives that thread the default slice back. Any thread. Harmless when nothing was shortened. */
void gy_schedslice_restore(void);

/* Threads inherit it. Gives the calling thread the default slice if it has the short one and did not ask for it. */
void gy_schedslice_disinherit(void);

/* The same in a forked child, which has nothing to restore. */
void gy_schedslice_after_fork(void);

#endif

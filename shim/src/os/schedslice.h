/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_SCHEDSLICE_H
#define GILYIELD_SCHEDSLICE_H

/*
 * The GUI thread's place in the kernel's queue.
 *
 * A GUI thread that wakes up may find every processor taken by a thread that computes, and then waits for up to a tick of the
 * kernel, 4 ms, before it can even ask for the GIL. Since Linux 6.12 a thread may say how long its turns at the processor have
 * to be (sched_setattr(2), sched_runtime of SCHED_OTHER; include/uapi/linux/sched/types.h): a short turn comes sooner, and is no
 * more time in all. It needs no privilege and can be taken back. On older kernels nothing of this does anything.
 */

/* Ask for short turns for the calling thread. Only if its policy and its turns are the default ones. */
void gy_schedslice_shorten(void);

/* Give that thread the turns that it had. Any thread. Harmless when nothing was shortened. */
void gy_schedslice_restore(void);

/* Threads inherit. Give the calling thread default turns if it has the short ones and is not the thread that asked for them. */
void gy_schedslice_disinherit(void);

/* The same in a forked child, which has nothing to restore. */
void gy_schedslice_after_fork(void);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_FAIRCLOCK_H
#define GILYIELD_FAIRCLOCK_H

#include <stdbool.h>
#include <stdint.h>

/*
 * How much of the GIL each background thread has had beside its part: the arithmetic behind gilorder.c, without threads, locks
 * and clocks. The words are those of fair schedulers:
 *
 * virtual time     how long a thread would have had the GIL by now that always wanted it and got exactly its part. While n
 *                  threads want it, it goes on by 1/n of the time for which they had it.
 *
 * virtual runtime  how long a thread has had the GIL, on the same scale.
 *
 * lag              virtual time less virtual runtime: above 0, the thread has had less than its part. It is kept within limits
 *                  for a thread that comes back by itself: who slept for an hour may not have the GIL for an hour, and who kept
 *                  it for an hour, in C, is not kept waiting for one. One that computes owes more: on a busy machine the kernel
 *                  puts holders aside for several turns, and equal threads are to stay equal.
 *                  Threads that want the GIL one at a time, as they hand something to each other, count as one, so virtual time
 *                  is too fast beside them, and those that compute are behind. So what a thread has saved or owes is measured
 *                  from these, and what they are owed is not cut.
 *
 * Newborn threads have one account together until each has had GY_NEWBORN_NS: threads that are born, run for a moment and end,
 * one after the other without end, have the part of one. Times are nanoseconds.
 */
#define GY_MOST_SAVED_NS UINT64_C(2000000)  /* above 0 */
#define GY_MOST_DEBT_NS  UINT64_C(4000000)  /* below 0 */
#define GY_ASKED_DEBT_NS UINT64_C(20000000) /* likewise, if it was asked to drop the GIL */
#define GY_NEWBORN_NS    UINT64_C(1000000)

typedef struct gy_runtime {
    uint64_t virtual_ns; /* virtual runtime */
    uint64_t newborn_ns; /* what it had as a newborn; GY_NEWBORN_NS and more: it has an account of its own */
} gy_runtime;

typedef struct gy_fairclock {
    uint64_t virtual_ns; /* virtual time */
    uint64_t newborn_ns; /* virtual runtime of the newborn threads' account */
} gy_fairclock;

/*
 * The calling thread comes to wait: its virtual runtime is brought within limits, and returned. `by_itself`: it was not
 * interrupted. `most_debt_ns`: what it owes at most. `least_ns` is the least virtual runtime of those that compute (0, or more
 * than virtual time: nobody does).
 */
uint64_t gy_fairclock_arrive(gy_fairclock *clock, gy_runtime *runtime, bool by_itself, uint64_t most_debt_ns, uint64_t least_ns);

/* A thread has had the GIL for `ns` while `wanting` threads wanted it, itself included. */
void gy_fairclock_charge(gy_fairclock *clock, gy_runtime *runtime, uint64_t ns, unsigned wanting);

/* Its lag when virtual time has gone on by `ahead_ns`. */
int64_t gy_fairclock_lag(const gy_fairclock *clock, const gy_runtime *runtime, uint64_t ahead_ns);

#endif

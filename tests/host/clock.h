/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_TESTHOST_CLOCK_H
#define GILYIELD_TESTHOST_CLOCK_H

#include <cstdint>
#include <ctime>

/* Nanoseconds of one of the system's clocks. Any thread. */
inline int64_t clockNs(clockid_t clock)
{
    timespec now;
    clock_gettime(clock, &now);
    return int64_t(now.tv_sec) * 1000000000 + now.tv_nsec;
}

inline int64_t monotonicNs()
{
    return clockNs(CLOCK_MONOTONIC);
}

/* Processor time of the calling thread: a load measured with it stays the same amount of work when the machine is busy. */
inline int64_t threadCpuNs()
{
    return clockNs(CLOCK_THREAD_CPUTIME_ID);
}

/* Keeps the processor busy for `ns` of this thread's processor time. */
inline void spinCpu(int64_t ns)
{
    const int64_t end = threadCpuNs() + ns;
    while (threadCpuNs() < end) {
    }
}

#endif

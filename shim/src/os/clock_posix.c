/* SPDX-License-Identifier: MIT */
#include "os/clock.h"

#include <time.h>

#ifdef CLOCK_MONOTONIC_COARSE
#define RECENT CLOCK_MONOTONIC_COARSE
#else
#define RECENT CLOCK_MONOTONIC
#endif

static uint64_t read_clock(clockid_t clock)
{
    struct timespec ts;
    clock_gettime(clock, &ts);
    return (uint64_t)ts.tv_sec * GY_NS_PER_S + (uint64_t)ts.tv_nsec;
}

static uint64_t monotonic_now(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

uint64_t gy_clock_recent(void)
{
    return read_clock(RECENT);
}

static void monotonic_sleep(uint64_t ns)
{
    struct timespec ts = {(time_t)(ns / GY_NS_PER_S), (long)(ns % GY_NS_PER_S)};
    nanosleep(&ts, NULL);
}

static uint64_t thread_used(void)
{
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

const gy_clock gy_clock_monotonic = {monotonic_now, monotonic_sleep, thread_used};

const uint64_t gy_clock_shortest_wait_ns = 0;

int64_t gy_clock_unix_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

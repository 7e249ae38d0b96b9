/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_CLOCK_H
#define GILYIELD_CLOCK_H

#include <stdint.h>

#define GY_NS_PER_US UINT64_C(1000)
#define GY_NS_PER_MS UINT64_C(1000000)
#define GY_NS_PER_S  UINT64_C(1000000000)

/* A clock as a table, so that the policy can be tested with a fake one. Any thread, with or without the GIL. */
typedef struct gy_clock {
    uint64_t (*now)(void);      /* nanoseconds since some fixed point, never running backwards */
    void (*sleep)(uint64_t ns); /* really sleeps; may return early on a signal */
    uint64_t (*used)(void);     /* nanoseconds of processor the calling thread has had; where that is not known well, as `now` */
} gy_clock;

extern const gy_clock gy_clock_monotonic;

/* The shortest time-out that a wait for a lock can have here; what is asked for below that becomes none. 0: any is possible. */
extern const uint64_t gy_clock_shortest_wait_ns;

/* What gy_clock_monotonic.now() was at the system's last tick, 1 to 10 ms ago at most; a fifth of the cost. POSIX only. */
uint64_t gy_clock_recent(void);

/* Milliseconds since 1970. */
int64_t gy_clock_unix_ms(void);

#endif

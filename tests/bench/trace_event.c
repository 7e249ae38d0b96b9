/* SPDX-License-Identifier: MIT */
/* What one event of the timeline costs the thread that it happens to: nanoseconds, medians of 21 rounds. */
#include "trace/trace.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS = 21, EVENTS = 1000000 };

static int compare(const void *one, const void *other)
{
    double difference = *(const double *)one - *(const double *)other;
    return (difference > 0) - (difference < 0);
}

static double median_of(void (*put)(uint32_t number))
{
    double figures[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t begin = gy_trace_now();
        for (uint32_t i = 0; i < EVENTS; i++) {
            put(i);
        }
        figures[round] = (double)(gy_trace_now() - begin) / EVENTS;
    }
    qsort(figures, ROUNDS, sizeof *figures, compare);
    return figures[ROUNDS / 2];
}

static void put_with_time(uint32_t number)
{
    gy_trace(GY_EVENT_TAKE, number + 1, number);
}

static void put(uint32_t number)
{
    gy_trace_event(GY_EVENT_TAKE, number);
}

int main(void)
{
    double off = median_of(put);
    if (gy_trace_start() != 0) {
        return 1;
    }
    double given = median_of(put_with_time), read = median_of(put);
    printf("off %.1f ns; on, with the time at hand %.1f ns; on, with a look at the clock %.1f ns\n", off, given, read);
    return 0;
}

/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_STATS_H
#define GILYIELD_STATS_H

#include "gilyield/gilyield.h"

#include <stdatomic.h>
#include <stdint.h>

/*
 * Counters and a latency histogram. The GUI thread writes, any thread reads and resets, nobody locks: each number is an atomic of
 * its own, so a reader may see one yield half counted, and a reset beside a write may keep that one write.
 */

/* Buckets of 1/16 of an octave: a percentile is at most 6 % too high. The last bucket begins above 9 minutes. */
enum { GY_STATS_SUB = 16, GY_STATS_BUCKETS = GY_STATS_SUB * 37 };

/* X(name) for the figures of GILYIELD_STATS_MAP that are kept here, nothing for those that are worked out. */
#define GY_STATS_IF_COUNTED(X, name) X(name)
#define GY_STATS_IF_DERIVED(X, name)

typedef struct gy_stats {
#define GY_X(name, kind, text) GY_STATS_IF_##kind(GY_STATS_MEMBER, name)
#define GY_STATS_MEMBER(name)  atomic_uint_least64_t name;
    GILYIELD_STATS_MAP(GY_X)
#undef GY_STATS_MEMBER
#undef GY_X
    atomic_uint_least64_t histogram[GY_STATS_BUCKETS]; /* times to take the GIL back */
} gy_stats;

static inline void gy_stats_count(atomic_uint_least64_t *counter)
{
    atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

/* One taking back of the GIL, `ns` long. */
void gy_stats_reacquired(gy_stats *stats, uint64_t ns);

/* A time in which the GIL was given away. */
void gy_stats_released(gy_stats *stats, uint64_t ns);

/* A time in which a yield kept the GUI thread from its own work. */
void gy_stats_gui_waited(gy_stats *stats, uint64_t ns);

void gy_stats_reset(gy_stats *stats);

/* Fills all of `out` but `size` and `elapsed_ns`, which is known to settings/wanted.h. */
void gy_stats_read(gy_stats *stats, gilyield_stats *out);

#endif

/* SPDX-License-Identifier: MIT */
#include "loop/stats.h"

#include "os/compiler.h"

static void add(atomic_uint_least64_t *counter, uint64_t value)
{
    atomic_fetch_add_explicit(counter, value, memory_order_relaxed);
}

static uint64_t get(atomic_uint_least64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static void raise_to(atomic_uint_least64_t *counter, uint64_t value)
{
    uint_least64_t seen = get(counter);
    while (value > seen &&
           !atomic_compare_exchange_weak_explicit(counter, &seen, value, memory_order_relaxed, memory_order_relaxed)) {
    }
}

/* Below GY_STATS_SUB a bucket is one nanosecond; above, each octave has GY_STATS_SUB of them. */
static unsigned bucket_of(uint64_t ns)
{
    if (ns < GY_STATS_SUB) {
        return (unsigned)ns;
    }
    unsigned shift = GY_HIGHEST_BIT(ns) - 4U;
    unsigned bucket = shift * GY_STATS_SUB + (unsigned)(ns >> shift);
    return bucket < GY_STATS_BUCKETS ? bucket : GY_STATS_BUCKETS - 1;
}

static uint64_t bucket_end(unsigned bucket)
{
    if (bucket < GY_STATS_SUB) {
        return bucket;
    }
    unsigned shift = bucket / GY_STATS_SUB - 1;
    return ((uint64_t)(bucket - shift * GY_STATS_SUB + 1) << shift) - 1;
}

static uint64_t percentile(gy_stats *stats, uint64_t count, uint64_t max, unsigned percent)
{
    uint64_t rank = (count * percent + 99) / 100, seen = 0;
    for (unsigned i = 0; i < GY_STATS_BUCKETS && rank > 0; i++) {
        seen += get(&stats->histogram[i]);
        if (seen >= rank) {
            uint64_t end = i + 1 < GY_STATS_BUCKETS ? bucket_end(i) : max; /* the last bucket has no end */
            return end < max ? end : max;
        }
    }
    return max;
}

void gy_stats_reacquired(gy_stats *stats, uint64_t ns)
{
    add(&stats->histogram[bucket_of(ns)], 1);
    add(&stats->reacquire_ns, ns);
    raise_to(&stats->reacquire_max_ns, ns);
}

void gy_stats_released(gy_stats *stats, uint64_t ns)
{
    add(&stats->released_ns, ns);
}

void gy_stats_gui_waited(gy_stats *stats, uint64_t ns)
{
    add(&stats->gui_wait_ns, ns);
    raise_to(&stats->gui_wait_max_ns, ns);
}

void gy_stats_reset(gy_stats *stats)
{
#define RESET(name)         atomic_store_explicit(&stats->name, 0, memory_order_relaxed);
#define X(name, kind, text) GY_STATS_IF_##kind(RESET, name)
    GILYIELD_STATS_MAP(X)
#undef X
#undef RESET
    for (unsigned i = 0; i < GY_STATS_BUCKETS; i++) {
        atomic_store_explicit(&stats->histogram[i], 0, memory_order_relaxed);
    }
}

void gy_stats_read(gy_stats *stats, gilyield_stats *out)
{
#define READ(name)          out->name = get(&stats->name);
#define X(name, kind, text) GY_STATS_IF_##kind(READ, name)
    GILYIELD_STATS_MAP(X)
#undef X
#undef READ
    uint64_t count = 0;
    for (unsigned i = 0; i < GY_STATS_BUCKETS; i++) {
        count += get(&stats->histogram[i]);
    }
    out->reacquire_p50_ns = percentile(stats, count, out->reacquire_max_ns, 50);
    out->reacquire_p99_ns = percentile(stats, count, out->reacquire_max_ns, 99);
}

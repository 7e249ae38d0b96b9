/* SPDX-License-Identifier: MIT */
#include "gil/gaps.h"

/* A short gap may take twice as long as usual, and this much longer: less than it costs that the GIL changes hands for it. */
#define MORE_NS (UINT64_C(3) * UINT64_C(1000))

enum { BITS = 2, PER_BYTE = 8 / BITS, MOST = (1 << BITS) - 1, LONG = 2 };

static unsigned shift(const gy_gaps *gaps)
{
    return gaps->last % PER_BYTE * BITS;
}

static unsigned counter(const gy_gaps *gaps)
{
    return gaps->counters[gaps->last / PER_BYTE] >> shift(gaps) & MOST;
}

static void set_counter(gy_gaps *gaps, unsigned value)
{
    uint8_t *byte = &gaps->counters[gaps->last / PER_BYTE];
    *byte = (uint8_t)((*byte & ~((unsigned)MOST << shift(gaps))) | value << shift(gaps));
}

void gy_gaps_add(gy_gaps *gaps, uint64_t ns)
{
    bool is_long = ns >= GY_SHORT_GAP_NS;
    unsigned before = counter(gaps);
    set_counter(gaps, is_long ? (before < MOST ? before + 1 : MOST) : before > 0 ? before - 1 : 0);
    gaps->last = (uint8_t)(gaps->last << 1 | is_long);
    if (!is_long) {
        gaps->short_ns = gy_gaps_usual(gaps->short_ns, ns);
    }
}

uint64_t gy_gaps_grace(const gy_gaps *gaps)
{
    return gaps->short_ns != 0 && counter(gaps) < LONG ? 2 * gaps->short_ns + MORE_NS : 0;
}

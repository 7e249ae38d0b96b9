/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_GAPS_H
#define GILYIELD_GAPS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * How long a thread stays away when it drops the GIL by itself, and what is to be expected of the next time: plain arithmetic,
 * without threads, locks and clocks. A program makes its calls in the same order again and again, such as a server, which
 * receives, sends, sends and waits; so whether the next stay is short is told by which of the last eight were, as a processor
 * predicts a branch (Yeh and Patt, two-level adaptive training). One counter for each thing that these can have been.
 */
typedef struct gy_gaps {
    uint64_t short_ns;    /* how long a short one usually is; 0: none was seen */
    uint8_t last;         /* a bit for each of the last eight, the newest the lowest: it was long */
    uint8_t counters[64]; /* 256 of two bits: 2 and 3, a long one follows */
} gy_gaps;

/* Up to this a gap is short, and over before the GIL can have changed hands twice. */
#define GY_SHORT_GAP_NS (UINT64_C(10) * UINT64_C(1000))

/* What takes usually `usual` took `now` this time, in ns: what it takes usually from now on. 0: it is the first. */
static inline uint64_t gy_gaps_usual(uint64_t usual, uint64_t now)
{
    return usual == 0 ? now : (3 * usual + now) / 4;
}

/* One was so long. */
void gy_gaps_add(gy_gaps *gaps, uint64_t ns);

/* How long to wait for the end of one that begins now, ns. 0: it is not worth it, a long one is expected. */
uint64_t gy_gaps_grace(const gy_gaps *gaps);

#endif

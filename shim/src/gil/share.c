/* SPDX-License-Identifier: MIT */
#include "gil/share.h"

enum { MOST_SLICES = 4 };

void gy_share_init(gy_share *share, uint64_t interval_ns, uint64_t slice_ns, bool holding, uint64_t now)
{
    *share = (gy_share){.interval_ns = interval_ns, .slice_ns = slice_ns, .since = now, .holding = holding};
}

static uint64_t elapsed(const gy_share *share, uint64_t now)
{
    return now > share->since ? now - share->since : 0;
}

/* The deficit that holding the GIL for so long makes: what the others are to get for it. */
static uint64_t deficit(const gy_share *share, uint64_t held_ns)
{
    /* Before the product can overflow the deficit is at its limit: an interval is at most 10 s, and four of them count. */
    uint64_t counted = held_ns < MOST_SLICES * share->interval_ns ? held_ns : MOST_SLICES * share->interval_ns;
    return (uint64_t)((double)counted / (double)share->interval_ns * (double)share->slice_ns);
}

void gy_share_took(gy_share *share, uint64_t now)
{
    if (share->holding) {
        return;
    }
    share->given_ns += elapsed(share, now);
    if (share->given_ns >= share->slice_ns && share->given_ns >= deficit(share, share->held_ns)) {
        share->held_ns = 0;
        share->given_ns = 0;
    }
    share->holding = true;
    share->since = now;
}

void gy_share_put_aside(gy_share *share, uint64_t ns, uint64_t now)
{
    if (share->holding) {
        uint64_t most = elapsed(share, now);
        share->since += ns < most ? ns : most;
    }
}

void gy_share_released(gy_share *share, uint64_t now)
{
    if (!share->holding) {
        return;
    }
    share->held_ns += elapsed(share, now);
    share->holding = false;
    share->since = now;
}

uint64_t gy_share_owed(const gy_share *share, uint64_t now)
{
    uint64_t held = share->held_ns + (share->holding ? elapsed(share, now) : 0);
    uint64_t given = share->given_ns + (share->holding ? 0 : elapsed(share, now));
    uint64_t due = held >= share->interval_ns ? deficit(share, held) : 0;
    return due > given ? due - given : 0;
}

void gy_share_clear_deficit(gy_share *share, uint64_t now)
{
    share->held_ns = 0;
    share->given_ns = 0;
    share->since = now;
}

uint64_t gy_share_hold_end(const gy_share *share)
{
    if (!share->holding) {
        return UINT64_MAX;
    }
    uint64_t left = share->held_ns < share->interval_ns ? share->interval_ns - share->held_ns : 0;
    return share->since + left;
}

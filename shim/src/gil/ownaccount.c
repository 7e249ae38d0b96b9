/* SPDX-License-Identifier: MIT */
#include "gil/ownaccount.h"

#include "gil/share.h"
#include "os/clock.h"

/* Nothing is owed before gy_ownaccount_begin(). */
static gy_share account = {.interval_ns = UINT64_MAX};

void gy_ownaccount_begin(const gilyield_options *options, uint64_t now)
{
    gy_share_init(&account, (uint64_t)options->interval_ms * GY_NS_PER_MS, (uint64_t)options->slice_ms * GY_NS_PER_MS, true, now);
}

void gy_ownaccount_released(uint64_t now)
{
    gy_share_released(&account, now);
}

void gy_ownaccount_reacquired(uint64_t now)
{
    gy_share_took(&account, now);
}

uint64_t gy_ownaccount_owed(uint64_t now)
{
    return gy_share_owed(&account, now);
}

void gy_ownaccount_declined(uint64_t now)
{
    gy_share_clear_deficit(&account, now);
}

void gy_ownaccount_polls(bool begins)
{
    (void)begins;
}

int gy_ownaccount_waiting(void)
{
    return -1;
}

uint64_t gy_ownaccount_takes(void)
{
    return 0;
}

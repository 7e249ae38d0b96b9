/* SPDX-License-Identifier: MIT */
#include "gil/fairclock.h"

static bool newborn(const gy_runtime *runtime)
{
    return runtime->newborn_ns < GY_NEWBORN_NS;
}

static uint64_t within(uint64_t value, uint64_t middle)
{
    uint64_t least = middle > GY_MOST_LAG_NS ? middle - GY_MOST_LAG_NS : 0;
    uint64_t most = middle + GY_MOST_LAG_NS;
    return value < least ? least : value > most ? most : value;
}

uint64_t gy_fairclock_arrive(gy_fairclock *clock, gy_runtime *runtime)
{
    if (newborn(runtime)) {
        clock->newborn_ns = within(clock->newborn_ns, clock->virtual_ns);
        runtime->virtual_ns = clock->newborn_ns;
    } else {
        runtime->virtual_ns = within(runtime->virtual_ns, clock->virtual_ns);
    }
    return runtime->virtual_ns;
}

void gy_fairclock_charge(gy_fairclock *clock, gy_runtime *runtime, uint64_t ns, unsigned wanting)
{
    if (newborn(runtime)) {
        clock->newborn_ns += ns;
        runtime->newborn_ns += ns;
    }
    runtime->virtual_ns += ns;
    clock->virtual_ns += ns / (wanting ? wanting : 1);
}

int64_t gy_fairclock_lag(const gy_fairclock *clock, const gy_runtime *runtime, uint64_t ahead_ns)
{
    return (int64_t)(clock->virtual_ns + ahead_ns) - (int64_t)runtime->virtual_ns;
}

/* SPDX-License-Identifier: MIT */
#include "gil/fairclock.h"

static bool newborn(const gy_runtime *runtime)
{
    return runtime->newborn_ns < GY_NEWBORN_NS;
}

static uint64_t within(uint64_t value, uint64_t least, uint64_t most)
{
    return value < least ? least : value > most ? most : value;
}

uint64_t gy_fairclock_arrive(gy_fairclock *clock, gy_runtime *runtime, bool by_itself, uint64_t most_debt_ns, uint64_t least_ns)
{
    uint64_t from = least_ns != 0 && least_ns < clock->virtual_ns ? least_ns : clock->virtual_ns;
    uint64_t least = by_itself && from > GY_MOST_SAVED_NS ? from - GY_MOST_SAVED_NS : 0;
    uint64_t most = from + most_debt_ns;
    if (newborn(runtime)) {
        clock->newborn_ns = within(clock->newborn_ns, least, most);
        runtime->virtual_ns = clock->newborn_ns;
    } else {
        runtime->virtual_ns = within(runtime->virtual_ns, least, most);
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

/* SPDX-License-Identifier: MIT */
/* Windows has no fork(). */
#include "os/fork.h"

bool gy_fork_watch(gy_fork_place place, const gy_fork_handlers *handlers)
{
    (void)place;
    (void)handlers;
    return true;
}

bool gy_fork_parent_has(const void *address)
{
    (void)address;
    return false;
}

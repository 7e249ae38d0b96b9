/* SPDX-License-Identifier: MIT */
/* The GUI thread queues for the GIL like every other thread. */
#include "gil/gilqueue.h"

#include "gil/ownaccount.h"

#include <stddef.h>

static const char *install(const gy_python *python, const gilyield_options *options, uint64_t now)
{
    (void)python;
    gy_ownaccount_begin(options, now);
    return NULL;
}

static void nothing(void)
{
}

const gy_gilqueue gy_gilqueue_none = {
    .name = "none",
    .install = install,
    .remove = nothing,
    .before_release = nothing,
    .after_release = gy_ownaccount_released,
    .after_reacquire = gy_ownaccount_reacquired,
    .polls = gy_ownaccount_polls,
    .waiting = gy_ownaccount_waiting,
    .takes = gy_ownaccount_takes,
    .owed = gy_ownaccount_owed,
    .declined = gy_ownaccount_declined,
};

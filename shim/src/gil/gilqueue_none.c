/* SPDX-License-Identifier: MIT */
/* The GUI thread queues for the GIL like every other thread. */
#include "gil/gilqueue.h"

#include <stddef.h>

static const char *install(const gy_python *python, uint64_t interval_ns, uint64_t slice_ns, unsigned switch_us)
{
    (void)python;
    (void)interval_ns;
    (void)slice_ns;
    (void)switch_us;
    return NULL;
}

static void nothing(void)
{
}

static int unknown(void)
{
    return -1;
}

static uint64_t no_takes(void)
{
    return 0;
}

static const gy_share *no_share(void)
{
    return NULL;
}

const gy_gilqueue gy_gilqueue_none = {"none", install, nothing, nothing, nothing, unknown, no_takes, no_share};

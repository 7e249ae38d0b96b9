/* SPDX-License-Identifier: MIT */
/* The event loop's wait is not wrapped: there are ticks alone. */
#include "loop/wait.h"

#include <stddef.h>

static const char *install(gy_wait_handler handler)
{
    (void)handler;
    return NULL;
}

static void remove_nothing(void)
{
}

const gy_wait gy_wait_none = {
    .name = "none",
    .reason = "no way is known to wrap this event dispatcher's wait",
    .install = install,
    .remove = remove_nothing,
};

/* SPDX-License-Identifier: MIT */
#include "gil/gilqueue.h"

#include "os/log.h"

#include <stddef.h>

/* In the order of enum gilyield_priority, which is that of what they can do. */
static const gy_gilqueue *const WAYS[] = {&gy_gilqueue_gui, &gy_gilqueue_switch_interval, &gy_gilqueue_none, NULL};

const gy_gilqueue *gy_gilqueue_install(const gy_python *python, const gilyield_options *options, uint64_t now,
                                       const char **reason)
{
    if (gy_python_free_threaded()) {
        /* No queue, and no wait that a switch interval would shorten. */
        *reason = "this CPython is built without a GIL";
        return &gy_gilqueue_none;
    }
    *reason = "as asked for";
    for (size_t i = (size_t)options->priority - GILYIELD_PRIORITY_GUI; WAYS[i]; i++) {
        const char *obstacle = WAYS[i]->install(python, options, now);
        if (!obstacle) {
            return WAYS[i];
        }
        gy_log(GILYIELD_LOG_INFO, "priority %s cannot be had: %s", WAYS[i]->name, obstacle);
        *reason = obstacle;
    }
    return &gy_gilqueue_none;
}

/* SPDX-License-Identifier: MIT */
#include "loop/wait.h"

#include "os/log.h"
#include "qt/qt.h"

#include <stddef.h>

static unsigned installed; /* GUI thread only: a bit for each of gy_wait_ways */

const gy_wait *gy_wait_install(gy_wait_handler handler, const char **reason)
{
    const gy_wait *chosen = &gy_wait_none;
    const char *first_obstacle = NULL;
    bool found = false;
    for (unsigned i = 0; gy_wait_ways[i]; i++) {
        const gy_wait *way = gy_wait_ways[i];
        bool is_the_loops = !found && (!way->dispatcher || gy_qt_dispatcher_inherits(way->dispatcher));
        if (!is_the_loops && !way->elsewhere) {
            continue;
        }
        const char *obstacle = way->install(handler);
        if (!obstacle) {
            installed |= 1U << i;
        }
        if (is_the_loops && !obstacle) {
            chosen = way;
            found = true;
        } else if (is_the_loops && !first_obstacle) {
            first_obstacle = obstacle;
        }
    }
    *reason = first_obstacle ? first_obstacle : chosen->reason;
    return chosen;
}

void gy_wait_remove(void)
{
    for (unsigned i = 0; gy_wait_ways[i]; i++) {
        if (installed & 1U << i) {
            gy_wait_ways[i]->remove();
        }
    }
    installed = 0;
}

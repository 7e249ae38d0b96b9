/* SPDX-License-Identifier: MIT */
#include "os/fork.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

static _Atomic(const gy_fork_handlers *) watched[GY_FORK_PLACES];

/* What before() has called, so that a place that is registered meanwhile by another thread does not unlock what it has not
 * locked. */
static _Thread_local const gy_fork_handlers *forking[GY_FORK_PLACES];

static void before(void)
{
    for (int place = 0; place < GY_FORK_PLACES; place++) {
        forking[place] = atomic_load(&watched[place]);
        if (forking[place] && forking[place]->before) {
            forking[place]->before();
        }
    }
}

static void parent(void)
{
    for (int place = GY_FORK_PLACES - 1; place >= 0; place--) {
        if (forking[place] && forking[place]->parent) {
            forking[place]->parent();
        }
    }
}

static void child(void)
{
    for (int place = GY_FORK_PLACES - 1; place >= 0; place--) {
        if (forking[place] && forking[place]->child) {
            forking[place]->child();
        }
    }
}

static bool registered;

static void register_handlers(void)
{
    registered = pthread_atfork(before, parent, child) == 0;
}

bool gy_fork_watch(gy_fork_place place, const gy_fork_handlers *handlers)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, register_handlers);
    atomic_store(&watched[place], handlers);
    return registered;
}

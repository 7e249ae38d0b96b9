/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_FORK_H
#define GILYIELD_FORK_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What has to be done around fork(), in one order: a child process has one thread, and must not inherit a lock that a thread it
 * does not have was holding. before() is called in the order of the places, the other two in the reverse order, so that the
 * order is also the one in which locks may be nested, the outermost first.
 */
typedef enum gy_fork_place {
    GY_FORK_PROCESS, /* no lock: notes that this is a child, when all locks are free again */
    GY_FORK_WANTED,
    GY_FORK_QT,
    GY_FORK_GIL,
    GY_FORK_WATCH,
    GY_FORK_PLACES
} gy_fork_place;

/* Each may be NULL. Called on the thread that forks, child() in the child process. */
typedef struct gy_fork_handlers {
    void (*before)(void);
    void (*parent)(void);
    void (*child)(void);
} gy_fork_handlers;

/* `handlers` is static. Calling it again with the same changes nothing. False if there is no memory. Any thread. */
bool gy_fork_watch(gy_fork_place place, const gy_fork_handlers *handlers);

/*
 * Whether this process was forked, without an exec since, by one that still lives and has the object of `address` (a file) in it.
 * For a library that was not there to see the fork. False where the system does not say. Any thread.
 */
bool gy_fork_parent_has(const void *address);

#ifdef __cplusplus
}
#endif

#endif

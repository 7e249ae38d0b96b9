/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_SYNC_H
#define GILYIELD_SYNC_H

#include "os/compiler.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * What threads that wait for each other need from the system. Twins: sync_linux.c, sync_win32.c. Any thread, with or without the
 * GIL. No function here sets errno or the thread's last error.
 */

/* A mutex that CPython made, or we: a pthread_mutex_t on POSIX, an SRWLOCK on Windows. Only pointers to it exist. */
typedef struct gy_mutex gy_mutex;

/* False: it has been destroyed, where the system can tell. */
bool gy_mutex_lock(gy_mutex *mutex);
bool gy_mutex_try_lock(gy_mutex *mutex);
void gy_mutex_unlock(gy_mutex *mutex);

/* A mutex of ours in static memory: zero-initialised, as it is then, nobody has it. */
typedef union gy_static_mutex {
    void *alignment;
    unsigned char bytes[64];
} gy_static_mutex;

static inline gy_mutex *gy_mutex_of(gy_static_mutex *mutex)
{
    return (gy_mutex *)(void *)mutex;
}

/* A condition variable of ours. Each thread that waits has its own, so that a signal has one addressee. */
typedef union gy_cond {
    void *alignment;
    unsigned char bytes[64];
} gy_cond;

/* False: there is no memory. */
bool gy_cond_init(gy_cond *cond);
void gy_cond_destroy(gy_cond *cond);
void gy_cond_signal(gy_cond *cond);

/* Waits with the mutex let go, until gy_clock_monotonic is `deadline_ns`. Returns false when it is; true also for no reason. */
bool gy_cond_wait_until(gy_cond *cond, gy_mutex *mutex, uint64_t deadline_ns);

/* What tells a thread from all others that live. Never 0. */
typedef uintptr_t gy_thread;

gy_thread gy_thread_self(void);

/* The processor that the calling thread runs on; it may be another one a moment later. */
int gy_processor(void);

/* May this process use more than one processor? If not, to spin is to wait for oneself. */
bool gy_several_processors(void);

/* Lets whoever waits for this processor have it first. Costs a fraction of a microsecond where nobody does. */
void gy_give_way(void);

/* Tells the processor that the calling thread spins. */
static inline void gy_relax(void)
{
    GY_RELAX();
}

#endif

/* SPDX-License-Identifier: MIT */
#include "os/clock.h"
#include "os/sync.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <time.h>

_Static_assert(sizeof(pthread_mutex_t) <= sizeof(gy_static_mutex), "a gy_static_mutex is too small");
_Static_assert(sizeof(pthread_cond_t) <= sizeof(gy_cond), "a gy_cond is too small");
_Static_assert(_Alignof(pthread_cond_t) <= _Alignof(gy_cond), "a gy_cond is not aligned");

static pthread_mutex_t *posix_mutex(gy_mutex *mutex)
{
    return (pthread_mutex_t *)mutex;
}

static pthread_cond_t *posix_cond(gy_cond *cond)
{
    return (pthread_cond_t *)cond;
}

bool gy_mutex_lock(gy_mutex *mutex)
{
    return pthread_mutex_lock(posix_mutex(mutex)) == 0;
}

bool gy_mutex_try_lock(gy_mutex *mutex)
{
    return pthread_mutex_trylock(posix_mutex(mutex)) == 0;
}

void gy_mutex_unlock(gy_mutex *mutex)
{
    pthread_mutex_unlock(posix_mutex(mutex));
}

bool gy_cond_init(gy_cond *cond)
{
    pthread_condattr_t monotonic;
    if (pthread_condattr_init(&monotonic) != 0) {
        return false;
    }
    bool done =
        pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0 && pthread_cond_init(posix_cond(cond), &monotonic) == 0;
    pthread_condattr_destroy(&monotonic);
    return done;
}

void gy_cond_destroy(gy_cond *cond)
{
    pthread_cond_destroy(posix_cond(cond));
}

void gy_cond_signal(gy_cond *cond)
{
    pthread_cond_signal(posix_cond(cond));
}

bool gy_cond_wait_until(gy_cond *cond, gy_mutex *mutex, uint64_t deadline_ns)
{
    struct timespec deadline = {(time_t)(deadline_ns / GY_NS_PER_S), (long)(deadline_ns % GY_NS_PER_S)};
    return pthread_cond_timedwait(posix_cond(cond), posix_mutex(mutex), &deadline) != ETIMEDOUT;
}

gy_thread gy_thread_self(void)
{
    return (gy_thread)pthread_self();
}

int gy_processor(void)
{
    return sched_getcpu();
}

bool gy_several_processors(void)
{
    cpu_set_t processors;
    return sched_getaffinity(0, sizeof processors, &processors) == 0 && CPU_COUNT(&processors) > 1;
}

void gy_give_way(void)
{
    sched_yield();
}

/* SPDX-License-Identifier: MIT */
#include "os/clock.h"
#include "os/sync.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

_Static_assert(sizeof(pthread_mutex_t) <= sizeof(gy_static_mutex), "a gy_static_mutex is too small");
_Static_assert(sizeof(atomic_uint) == 4, "a futex has 32 bits");
_Static_assert(sizeof(atomic_uint) <= sizeof(gy_cond), "a gy_cond is too small");

static pthread_mutex_t *posix_mutex(gy_mutex *mutex)
{
    return (pthread_mutex_t *)mutex;
}

/* How often it was signalled: what a futex waits for a change of. */
static atomic_uint *signals_of(gy_cond *cond)
{
    return (atomic_uint *)(void *)cond;
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

/*
 * Not pthread's: there, whoever comes back from a wait leaves the mutex marked as one that others sleep for, and the next to let
 * go of it makes a system call for nobody.
 */
bool gy_cond_init(gy_cond *cond)
{
    atomic_init(signals_of(cond), 0);
    return true;
}

void gy_cond_destroy(gy_cond *cond)
{
    (void)cond;
}

void gy_cond_signal(gy_cond *cond)
{
    int saved = errno;
    atomic_fetch_add_explicit(signals_of(cond), 1, memory_order_relaxed);
    syscall(SYS_futex, signals_of(cond), FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    errno = saved;
}

/* The kernel's timespec of this system call, which is not the library's where time_t is longer than a long. */
typedef struct deadline {
    long seconds, nanoseconds;
} deadline;

bool gy_cond_wait_until(gy_cond *cond, gy_mutex *mutex, uint64_t deadline_ns)
{
    int saved = errno;
    unsigned seen = atomic_load_explicit(signals_of(cond), memory_order_relaxed);
    uint64_t seconds = deadline_ns / GY_NS_PER_S;
    deadline until = {seconds < LONG_MAX ? (long)seconds : LONG_MAX, (long)(deadline_ns % GY_NS_PER_S)};
    gy_mutex_unlock(mutex);
    long woken = syscall(SYS_futex, signals_of(cond), FUTEX_WAIT_BITSET_PRIVATE, seen, &until, NULL, FUTEX_BITSET_MATCH_ANY);
    bool in_time = woken == 0 || errno != ETIMEDOUT;
    gy_mutex_lock(mutex);
    errno = saved;
    return in_time;
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

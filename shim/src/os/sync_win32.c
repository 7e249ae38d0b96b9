/* SPDX-License-Identifier: MIT */
#include "os/clock.h"
#include "os/sync.h"

#include <windows.h>

_Static_assert(sizeof(SRWLOCK) <= sizeof(gy_static_mutex), "a gy_static_mutex is too small");
_Static_assert(sizeof(CONDITION_VARIABLE) <= sizeof(gy_cond), "a gy_cond is too small");

static PSRWLOCK lock_of(gy_mutex *mutex)
{
    return (PSRWLOCK)(void *)mutex;
}

static PCONDITION_VARIABLE variable_of(gy_cond *cond)
{
    return (PCONDITION_VARIABLE)(void *)cond;
}

bool gy_mutex_lock(gy_mutex *mutex)
{
    AcquireSRWLockExclusive(lock_of(mutex));
    return true;
}

bool gy_mutex_try_lock(gy_mutex *mutex)
{
    return TryAcquireSRWLockExclusive(lock_of(mutex)) != 0;
}

void gy_mutex_unlock(gy_mutex *mutex)
{
    ReleaseSRWLockExclusive(lock_of(mutex));
}

bool gy_cond_init(gy_cond *cond)
{
    InitializeConditionVariable(variable_of(cond));
    return true;
}

void gy_cond_destroy(gy_cond *cond)
{
    (void)cond; /* Windows keeps nothing for it */
}

void gy_cond_signal(gy_cond *cond)
{
    WakeConditionVariable(variable_of(cond));
}

bool gy_cond_wait_until(gy_cond *cond, gy_mutex *mutex, uint64_t deadline_ns)
{
    uint64_t now = gy_clock_monotonic.now();
    uint64_t left_ms = deadline_ns > now ? (deadline_ns - now + GY_NS_PER_MS - 1) / GY_NS_PER_MS : 0;
    DWORD timeout_ms = left_ms < INFINITE ? (DWORD)left_ms : INFINITE - 1;
    DWORD last_error = GetLastError();
    bool woken = SleepConditionVariableSRW(variable_of(cond), lock_of(mutex), timeout_ms, 0) != 0;
    SetLastError(last_error);
    return woken;
}

gy_thread gy_thread_self(void)
{
    return (gy_thread)GetCurrentThreadId();
}

int gy_processor(void)
{
    return (int)GetCurrentProcessorNumber();
}

bool gy_several_processors(void)
{
    DWORD_PTR process, machine;
    return GetProcessAffinityMask(GetCurrentProcess(), &process, &machine) && (process & (process - 1)) != 0;
}

void gy_give_way(void)
{
    SwitchToThread();
}

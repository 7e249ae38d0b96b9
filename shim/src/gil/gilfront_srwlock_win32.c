/* SPDX-License-Identifier: MIT */
/*
 * CPython since 3.13: the GIL is a condition variable and an SRW lock, the same shape as on POSIX (see gilqueue_elf.c). Its
 * variable is the one in _PyRuntime that is waited on with a time-out; what is signalled in there besides is the one for "taken".
 */
#include "gil/gilfront_win32.h"

#include "gil/gilorder.h"
#include "os/clock.h"

#include <stdatomic.h>
#include <stddef.h>
#include <windows.h>

typedef BOOL(WINAPI *sleep_function)(PCONDITION_VARIABLE, PSRWLOCK, DWORD, ULONG);
typedef VOID(WINAPI *wake_function)(PCONDITION_VARIABLE);

static gy_redirect sleep_redirect, wake_redirect; /* GUI thread only */
static sleep_function sleep_original = SleepConditionVariableSRW;
static wake_function wake_original = WakeConditionVariable;

static atomic_bool active; /* false: the hooks are plain passes */
static uintptr_t begin, end;
static _Atomic(PCONDITION_VARIABLE) gil_cond; /* NULL until learnt */
static PCONDITION_VARIABLE learnt_before;     /* what that was before the hooks went away. GUI thread only */

static bool in_runtime(PCONDITION_VARIABLE cond)
{
    return (uintptr_t)cond >= begin && (uintptr_t)cond < end;
}

/*
 * The caller has the GIL's lock, as in all that follow. Whoever waits on the variable since before we came is to wait anew, in
 * our line.
 */
static void learn(PCONDITION_VARIABLE cond)
{
    WakeAllConditionVariable(cond);
    gy_gilorder_begin_account();
    atomic_store_explicit(&gil_cond, cond, memory_order_release);
}

static bool is_gil(PCONDITION_VARIABLE cond)
{
    if (!atomic_load_explicit(&gil_cond, memory_order_relaxed)) {
        learn(cond);
    }
    return atomic_load_explicit(&gil_cond, memory_order_relaxed) == cond;
}

static BOOL WINAPI hook_sleep(PCONDITION_VARIABLE cond, PSRWLOCK lock, DWORD timeout_ms, ULONG flags)
{
    if (!atomic_load_explicit(&active, memory_order_acquire) || !in_runtime(cond)) {
        return sleep_original(cond, lock, timeout_ms, flags);
    }
    gy_mutex *mutex = (gy_mutex *)(void *)lock;
    DWORD last_error = GetLastError();
    if (timeout_ms == INFINITE) {
        bool known = atomic_load_explicit(&gil_cond, memory_order_acquire) != NULL; /* and so who takes the GIL is counted */
        return known && gy_gilorder_await_taken(mutex) ? TRUE : sleep_original(cond, lock, timeout_ms, flags);
    }
    if (!is_gil(cond)) {
        return sleep_original(cond, lock, timeout_ms, flags);
    }
    bool timed_out = gy_gilorder_wait(mutex, (uint64_t)timeout_ms * GY_NS_PER_MS);
    bool gui_has_it = timed_out && gy_gilorder_share()->holding;
    if (gui_has_it) {
        gy_gilfront_demand();
    }
    SetLastError(timed_out ? ERROR_TIMEOUT : last_error);
    return !timed_out;
}

static VOID WINAPI hook_wake(PCONDITION_VARIABLE cond)
{
    PCONDITION_VARIABLE known = atomic_load_explicit(&gil_cond, memory_order_relaxed);
    bool counts = known && in_runtime(cond) && atomic_load_explicit(&active, memory_order_acquire);
    if (counts && cond != known) {
        gy_gilorder_taken();
    } else if (counts && !gy_gilorder_dropped()) {
        return; /* our own rules have woken whoever is next */
    }
    wake_original(cond);
}

static bool install(uintptr_t runtime, uintptr_t runtime_end)
{
    sleep_function sleep = hook_sleep;
    wake_function wake = hook_wake;
    PCONDITION_VARIABLE known = atomic_load(&gil_cond);
    begin = runtime;
    end = runtime_end;
    learnt_before = known ? known : learnt_before;
    atomic_store(&gil_cond, NULL);
    if (!gy_gilfront_redirect(&sleep_redirect, "SleepConditionVariableSRW", &sleep, &sleep_original) ||
        !gy_gilfront_redirect(&wake_redirect, "WakeConditionVariable", &wake, &wake_original)) {
        return false;
    }
    atomic_store(&active, true);
    return true;
}

static void learn_again(void)
{
    if (learnt_before && in_runtime(learnt_before)) {
        learn(learnt_before);
    }
}

static void go_on(bool gui_has_it)
{
    gy_gilorder_go_on(learn_again, gui_has_it);
}

static void remove_hooks(void)
{
    atomic_store(&active, false);
    gy_redirect_remove(&sleep_redirect);
    gy_redirect_remove(&wake_redirect);
}

/* The hooks have changed nothing of CPython's. */
static void settle(void)
{
}

static bool learnt(void)
{
    return atomic_load_explicit(&gil_cond, memory_order_acquire) != NULL;
}

const gy_gilfront gy_gilfront_srwlock = {install, go_on, remove_hooks, settle, learnt};

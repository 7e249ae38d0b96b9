/* SPDX-License-Identifier: MIT */
/*
 * The GUI thread first in CPython's GIL queue.
 *
 * The queue. A thread that wants the GIL waits in pthread_cond_timedwait() on the GIL's condition variable, under the GIL's
 * mutex, for a switch interval at a time; each time that runs out it asks the holder to drop the GIL. The holder drops it under
 * the same mutex and signals the variable, which wakes whoever is first. Under that mutex, too, a thread that takes the GIL
 * signals a second variable, for a holder that was asked and now waits to be relieved (Python/ceval_gil.c, all versions from 3.8
 * on). With n busy threads the GUI thread waits for its turn behind all of them.
 *
 * The change. The four calls (the lock of the mutex, the wait for the GIL, the wait to be relieved, the signal) leave the object
 * that holds CPython through slots of its global offset table. These are redirected, so that what a thread does on the GIL's
 * variable depends on who it is: gilorder.c has the rules, and says why no wake-up is lost. No struct of CPython is read or
 * written, but for the request to drop the GIL (droprequest.c).
 *
 * Which variables. The GIL of the main interpreter lies inside the exported object _PyRuntime. Its variable is the one in there
 * that is signalled first when the GUI thread gives the GIL away, and the only one that is waited on with a timeout; so it is
 * learnt when either happens, and known from then on, also when the hooks come back after they were away. The variable signalled
 * in there besides is the one for "taken". Everything else, GILs that sub-interpreters have of their own included, passes
 * straight through.
 */
#include "gil/gilqueue.h"

#include "gil/calm.h"
#include "gil/gilorder.h"
#include "gil/gilstate.h"
#include "gil/guilock.h"
#include "os/clock.h"
#include "os/compiler.h"
#include "os/fork.h"
#include "os/log.h"
#include "os/redirect.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <time.h>

typedef int (*signal_function)(pthread_cond_t *);
typedef int (*lock_function)(pthread_mutex_t *);
typedef int (*wait_function)(pthread_cond_t *, pthread_mutex_t *);
typedef int (*timedwait_function)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);

static gy_redirect lock_redirect, signal_redirect, wait_redirect, timedwait_redirect; /* GUI thread only */
static lock_function lock_original;
static signal_function signal_original;
static wait_function wait_original;
static timedwait_function timedwait_original;

static atomic_bool active;             /* false: the hooks are plain passes */
static uintptr_t runtime, runtime_end; /* _PyRuntime; written before `active` is set */

static _Atomic(pthread_cond_t *) gil_cond; /* NULL until learnt */
static pthread_cond_t *learnt;             /* what that last was; under the GIL's mutex */
static atomic_bool releasing;              /* the GUI thread is in PyEval_SaveThread() */

static bool in_runtime(const pthread_cond_t *cond)
{
    return (uintptr_t)cond >= runtime && (uintptr_t)cond < runtime_end;
}

/* The caller has the GIL's mutex. Whoever waits on the variable since before we came is to wait anew, in our line. */
static pthread_cond_t *learn(pthread_cond_t *cond)
{
    pthread_cond_broadcast(cond);
    gy_gilorder_begin_account();
    learnt = cond;
    atomic_store_explicit(&gil_cond, cond, memory_order_release);
    return cond;
}

/*
 * A deadline that is longer ago is of another clock; one that is further away counts as so far, so that the turns of thousands of
 * threads together still are a number. Seconds.
 */
enum { LATE_S = 60, FOREVER_S = 1000000 };

/*
 * CPython measures the GIL's wait with the monotonic clock where it can, and with the wall clock elsewhere, by which no deadline
 * lies in the past. A program may set an interval of centuries, to have none.
 */
static uint64_t time_left(const struct timespec *deadline)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (deadline->tv_sec < now.tv_sec - LATE_S) {
        clock_gettime(CLOCK_MONOTONIC, &now);
    }
    int64_t seconds = (int64_t)(deadline->tv_sec - now.tv_sec);
    int64_t left = (seconds < FOREVER_S ? seconds : FOREVER_S) * (int64_t)GY_NS_PER_S + (deadline->tv_nsec - now.tv_nsec);
    return left > 0 ? (uint64_t)left : 0;
}

static int hook_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *deadline)
{
    if (!atomic_load_explicit(&active, memory_order_acquire)) {
        return timedwait_original(cond, mutex, deadline);
    }
    pthread_cond_t *known = atomic_load_explicit(&gil_cond, memory_order_relaxed);
    if (cond != known && in_runtime(cond)) {
        known = learn(cond);
    }
    if (cond != known) {
        return timedwait_original(cond, mutex, deadline);
    }
    return gy_gilorder_wait((gy_mutex *)mutex, time_left(deadline)) ? ETIMEDOUT : 0;
}

/* Who takes the GIL is counted once its variable is known. Before, to let go of the mutex here could miss the signal. */
static int hook_wait(pthread_cond_t *cond, pthread_mutex_t *mutex)
{
    bool known = atomic_load_explicit(&active, memory_order_acquire) && in_runtime(cond) &&
                 atomic_load_explicit(&gil_cond, memory_order_acquire);
    return known && gy_gilorder_await_taken((gy_mutex *)mutex) ? 0 : wait_original(cond, mutex);
}

static int signal_with_others(pthread_cond_t *cond)
{
    if (!atomic_load_explicit(&active, memory_order_acquire)) {
        return signal_original(cond);
    }
    pthread_cond_t *known = atomic_load_explicit(&gil_cond, memory_order_relaxed);
    if (!known && in_runtime(cond) && atomic_load_explicit(&releasing, memory_order_relaxed) && gy_gilorder_is_gui()) {
        known = learn(cond);
    }
    if (known && cond == known) {
        return gy_gilorder_dropped() ? signal_original(cond) : 0;
    }
    if (known && in_runtime(cond)) {
        gy_gilorder_taken();
    }
    return signal_original(cond);
}

/*
 * A loop of short calls comes here twice for each of them. While it is calm nobody waits on either variable: not on the GIL's, as
 * since that is known all wait in line; not on the other, as who waits there was the last that has taken the GIL.
 */
static int hook_signal(pthread_cond_t *cond)
{
    pthread_cond_t *known = atomic_load_explicit(&gil_cond, memory_order_relaxed);
    if (atomic_load_explicit(&active, memory_order_acquire) && known &&
        (cond == known ? gy_calm_dropped() : in_runtime(cond) && gy_calm_taken())) {
        return 0;
    }
    return signal_with_others(cond);
}

/* On offer to the GUI thread, or it was when all this ended. */
static void arrived(pthread_mutex_t *mutex, int result)
{
    if (result == 0 && atomic_load_explicit(&active, memory_order_acquire) &&
        atomic_load_explicit(&gil_cond, memory_order_relaxed)) {
        gy_gilorder_arrived((gy_mutex *)mutex);
    }
}

/* The GIL's is mostly had for less than a sleep for it takes, and a loop of short calls locks it a million times a second. */
static int lock(pthread_mutex_t *mutex)
{
    if ((gy_mutex *)mutex != atomic_load_explicit(&gy_order.mutex, memory_order_relaxed)) {
        return lock_original(mutex);
    }
    gy_gil_lock((gy_mutex *)mutex);
    return 0;
}

static int hook_lock(pthread_mutex_t *mutex)
{
    int result = lock(mutex);
    if (GY_UNLIKELY(gy_own.gives_turn || atomic_load_explicit(&gy_order.on_offer, memory_order_relaxed))) {
        arrived(mutex, result);
    }
    return result;
}

static void child_after_fork(void)
{
    /* The child's GIL starts anew, and its only thread may not be the GUI thread. */
    atomic_store(&active, false);
    gy_gilorder_after_fork();
    gy_guilock_after_fork();
}

static bool find_runtime(void)
{
    const void *address = gy_python_symbol("_PyRuntime");
    Dl_info info;
    const ElfW(Sym) *symbol = NULL;
    if (!address || !dladdr1(address, &info, (void **)&symbol, RTLD_DL_SYMENT) || !symbol || symbol->st_size == 0) {
        return false;
    }
    runtime = (uintptr_t)address;
    runtime_end = runtime + symbol->st_size;
    return true;
}

static void learn_again(void)
{
    if (learnt && in_runtime(learnt)) {
        learn(learnt);
    }
}

static bool redirect(gy_redirect *to, const char *symbol, const void *hook, void *original)
{
    return gy_redirect_install(to, gy_python_code_address(), symbol, hook, original);
}

static bool redirect_all(void)
{
    signal_function signal = hook_signal;
    wait_function wait = hook_wait;
    timedwait_function timedwait = hook_timedwait;
    return redirect(&signal_redirect, "pthread_cond_signal", &signal, &signal_original) &&
           redirect(&wait_redirect, "pthread_cond_wait", &wait, &wait_original) &&
           redirect(&timedwait_redirect, "pthread_cond_timedwait", &timedwait, &timedwait_original);
}

static void remove_hooks(void)
{
    atomic_store(&active, false);
    gy_redirect_remove(&signal_redirect);
    gy_redirect_remove(&wait_redirect);
    gy_redirect_remove(&timedwait_redirect);
    gy_redirect_remove(&lock_redirect);
    gy_guilock_remove();
    gy_gilorder_end();
}

static const char *install(const gy_python *python, const gilyield_options *options, uint64_t now)
{
    (void)now;
    if (!find_runtime()) {
        return "this CPython does not export _PyRuntime";
    }
    static const gy_fork_handlers fork_handlers = {.child = child_after_fork};
    if (!gy_fork_watch(GY_FORK_GIL, &fork_handlers) ||
        !gy_gilorder_begin((uint64_t)options->interval_ms * GY_NS_PER_MS, (uint64_t)options->slice_ms * GY_NS_PER_MS)) {
        return "there is no memory for it";
    }
    atomic_store(&gil_cond, NULL);
    if (!redirect_all()) {
        remove_hooks();
        return "CPython's calls of pthread_cond_signal, _wait and _timedwait cannot be redirected";
    }
    atomic_store(&active, true);
    gy_gilorder_go_on(learn_again, python->gil() == GY_GIL_HELD);
    lock_function lock_hook = hook_lock;
    if (!redirect(&lock_redirect, "pthread_mutex_lock", &lock_hook, &lock_original)) {
        gy_log(GILYIELD_LOG_INFO,
               "CPython's calls of pthread_mutex_lock cannot be redirected: threads may take what the GUI thread is to have");
    }
    if (!gy_guilock_install()) {
        gy_log(
            GILYIELD_LOG_INFO,
            "CPython's calls of sem_post, _wait and _trywait cannot be redirected: the GUI thread waits for its locks in line");
    }
    return NULL;
}

static void before_release(void)
{
    gy_gilorder_gui_polls(true);
    atomic_store_explicit(&releasing, true, memory_order_relaxed);
}

/* Its own calls have told gilorder.c when the GIL changed hands. */
static void after_release(uint64_t now)
{
    (void)now;
}

static void after_reacquire(uint64_t now)
{
    (void)now;
    gy_gilorder_gui_polls(false);
    atomic_store_explicit(&releasing, false, memory_order_relaxed);
}

/* Nothing is known before CPython's calls have come here once; where they never do, nothing ever is. */
static int waiting(void)
{
    return atomic_load_explicit(&gil_cond, memory_order_relaxed) ? gy_gilorder_waiting() : -1;
}

static uint64_t owed(uint64_t now)
{
    return atomic_load_explicit(&gil_cond, memory_order_acquire) ? gy_gilorder_owed(now) : 0;
}

/* Who waits is known: nobody declines. */
static void declined(uint64_t now)
{
    (void)now;
}

const gy_gilqueue gy_gilqueue_gui = {
    .name = "gui",
    .before_python = true,
    .install = install,
    .remove = remove_hooks,
    .before_release = before_release,
    .after_release = after_release,
    .after_reacquire = after_reacquire,
    .polls = gy_gilorder_gui_polls,
    .waiting = waiting,
    .takes = gy_gilorder_takes,
    .owed = owed,
    .declined = declined,
};

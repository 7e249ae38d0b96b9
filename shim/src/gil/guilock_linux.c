/* SPDX-License-Identifier: MIT */
/*
 * The GUI thread first in CPython's locks.
 *
 * The queue. Up to 3.13.0 a lock of CPython, which threading.Lock, RLock, Condition, Event, queue, logging and each file object
 * are made of, is a POSIX semaphore of value 0 or 1. A thread that finds it taken drops the GIL, sleeps in sem_wait(), and wants
 * the GIL again when it has the lock. Sleepers are woken in order of arrival. So the GUI thread waits for the owner, which has to
 * get the GIL to go on, behind all that compute; then for all that came to the lock before it, each of which has to get the GIL,
 * too.
 *
 * The change. CPython's calls of sem_wait(), sem_clockwait() or sem_timedwait(), sem_trywait() and sem_post() are redirected, in
 * the one object that holds CPython. The last to take each lock is remembered (lockowners.c): while the GUI thread waits for the
 * lock, that thread is first in the GIL's line (lineplace.c); or, if it sleeps for another lock, the one that has that. The GUI
 * thread sleeps on a word of its own, `grant`, and whoever posts what it waits for gives it to the GUI thread: to others it looks
 * as if that had been quicker.
 *
 * Why none is lost. `wanted` goes from the semaphore to NULL once, by whoever gives or by the GUI thread that has had enough, and
 * who does it knows that he did. A post that comes between the GUI thread's last try and its `wanted` is seen by its try after
 * that; a post that looked before `wanted` was set looks again after. One that does not come this way (its call was under way
 * while the hooks came; another object shares a semaphore with the one that holds CPython) is seen by a try at the end of a nap.
 * Naps become longer, up to a tenth of a second. Each that ends without the lock counts as an interruption by a signal, for which
 * CPython looks then: one may have come while this thread was between two of them.
 *
 * From 3.13.1 on (issue 117721) a threading.Lock is a byte, and its sleepers are in CPython's parking lot, each with a semaphore
 * on its stack. Who has the lock is not known there, and who comes first is the parking lot's to say, so the GUI thread keeps its
 * place in it: naps are long, and CPython looks for signals only when one has ended a nap, or after ten of them.
 */
#include "gil/guilock.h"

#include "gil/gilorder.h"
#include "gil/gilstate.h"
#include "gil/lockowners.h"
#include "os/clock.h"
#include "os/redirect.h"
#include "python/python.h"

#include <errno.h>
#include <linux/futex.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

typedef int (*sem_function)(sem_t *);
typedef int (*timedwait_function)(sem_t *, const struct timespec *);
typedef int (*clockwait_function)(sem_t *, clockid_t, const struct timespec *);

static gy_redirect post_redirect, wait_redirect, trywait_redirect, timedwait_redirect, clockwait_redirect; /* GUI thread only */
static sem_function post_original, wait_original, trywait_original;
static timedwait_function timedwait_original;
static clockwait_function clockwait_original;

static atomic_bool active; /* false: the hooks are plain passes */

#define LEAST_NAP_NS GY_NS_PER_MS
#define MOST_NAP_NS  (UINT64_C(100) * GY_NS_PER_MS)

/* The longest naps in a row of one that is parked, before it looks for signals and goes to the end of its queue. */
enum { PARKED_NAPS = 10 };

/* The parking lot's part of the stack is at most so far up from sem_wait(); a semaphore on the heap is not that near. */
#define NEAR_IN_STACK 4096

/* ---- Giving ---- */

static _Atomic(sem_t *) wanted; /* the GUI thread waits for it; NULL: for none, or it has been given */

enum { GRANT_AWAITED, GRANT_SLEPT_FOR, GRANT_GIVEN };
static atomic_uint grant;
/*
 * The GUI thread was given its lock so long ago and has not gone on. The kernel's EEVDF (Linux 6.6) puts nobody aside for one
 * that has had more of the processor, by however little, and looks again at its next tick only, up to 4 ms later.
 */
#define LATE_NS (4 * GY_SPIN_NS)

static atomic_uint_least64_t given_at;
enum { NOWHERE = -2 };                /* which gy_processor() never says */
static atomic_int waits_on = NOWHERE; /* the processor on which the GUI thread began to look and to sleep for the grant */

static void give(void)
{
    gy_gilorder_gui_given();
    atomic_store_explicit(&given_at, gy_clock_monotonic.now(), memory_order_relaxed);
    bool gives_way = true; /* the GUI thread, which looks or is about to sleep, has given way to this one */
    if (atomic_exchange(&grant, GRANT_GIVEN) == GRANT_SLEPT_FOR) {
        syscall(SYS_futex, &grant, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
        gives_way = atomic_load_explicit(&gy_order.giver_stays, memory_order_relaxed);
    }
    if (gives_way && atomic_load_explicit(&waits_on, memory_order_relaxed) == gy_processor()) {
        gy_give_way();
    }
}

static atomic_uint lookers; /* threads that may touch what the GUI thread waits for, or has just waited for */

/* The GUI thread waits for this no more. False: somebody else did that. */
static bool withdraw(sem_t *lock)
{
    return atomic_compare_exchange_strong(&wanted, &lock, NULL);
}

/*
 * The lock was posted, and the GUI thread may have come after the look before that and slept. As it waits for the lock nobody
 * destroys it, and until this is over it does not return.
 */
static void look_again(sem_t *lock)
{
    atomic_fetch_add(&lookers, 1);
    if (atomic_load(&wanted) == lock && trywait_original(lock) == 0) {
        if (withdraw(lock)) {
            give();
        } else {
            post_original(lock);
        }
    }
    atomic_fetch_sub(&lookers, 1);
}

static int hook_post(sem_t *lock)
{
    if (!atomic_load_explicit(&active, memory_order_acquire)) {
        return post_original(lock);
    }
    if (GY_UNLIKELY(atomic_load(&wanted) == lock) && withdraw(lock)) {
        give();
        return 0;
    }
    int result = post_original(lock);
    if (GY_UNLIKELY(atomic_load(&wanted) == lock)) {
        look_again(lock);
    }
    return result;
}

/* ---- Waiting ---- */

/* The calling thread begins or ends to sleep for a lock: who holds up the GUI thread may be another now. */
static void follow(void)
{
    /* What this thread has just noted is seen by the GUI thread, or `wanted` is seen here. */
    atomic_thread_fence(memory_order_seq_cst);
    const sem_t *lock = atomic_load(&wanted);
    if (GY_UNLIKELY(lock != NULL)) {
        atomic_fetch_add(&lookers, 1);
        const gy_account *owner = NULL;
        do {
            owner = gy_lockowners_find(lock);
            gy_gilorder_gui_owner(owner);
            atomic_thread_fence(memory_order_seq_cst);
        } while (atomic_load(&wanted) == lock && gy_lockowners_find(lock) != owner);
        atomic_fetch_sub(&lookers, 1);
    }
}

/* UINT64_MAX: for ever. */
static uint64_t time_left(clockid_t clock, const struct timespec *deadline)
{
    if (!deadline) {
        return UINT64_MAX;
    }
    struct timespec now;
    clock_gettime(clock, &now);
    if (deadline->tv_sec - now.tv_sec > INT32_MAX) {
        return UINT64_MAX;
    }
    int64_t left = (int64_t)(deadline->tv_sec - now.tv_sec) * (int64_t)GY_NS_PER_S + (deadline->tv_nsec - now.tv_nsec);
    return left > 0 ? (uint64_t)left : 0;
}

/* For some microseconds: what the lock's owner does with it is often over sooner than a thread is woken. */
static bool spin_for_grant(void)
{
    if (!atomic_load_explicit(&gy_order.may_spin, memory_order_relaxed)) {
        return false;
    }
    uint64_t until = gy_clock_monotonic.now() + GY_SPIN_NS;
    do {
        for (int i = 0; i < 8; i++) {
            gy_relax();
        }
        gy_give_way();
        if (atomic_load_explicit(&grant, memory_order_acquire) == GRANT_GIVEN) {
            return true;
        }
    } while (gy_clock_monotonic.now() < until);
    return false;
}

/* Returns whether the lock was given within `ns`. *interrupted: a signal has ended the nap. */
static bool sleep_for_grant(uint64_t ns, bool *interrupted)
{
    unsigned state = GRANT_AWAITED;
    *interrupted = false;
    if (ns != 0 && (atomic_compare_exchange_strong(&grant, &state, GRANT_SLEPT_FOR) || state == GRANT_SLEPT_FOR)) {
        struct timespec length = {(time_t)(ns / GY_NS_PER_S), (long)(ns % GY_NS_PER_S)};
        *interrupted = syscall(SYS_futex, &grant, FUTEX_WAIT_PRIVATE, GRANT_SLEPT_FOR, &length, NULL, 0) != 0 && errno == EINTR;
    }
    return atomic_load(&grant) == GRANT_GIVEN;
}

/*
 * Whether it is the calling thread's own, on its stack: CPython's parking lot, in which the locks of 3.13.1 and later are waited
 * for. It has a queue: who comes back from it without the lock goes to the end.
 */
static bool is_parked(const sem_t *lock)
{
    uintptr_t frame = (uintptr_t)__builtin_frame_address(0);
    return (uintptr_t)lock - frame < NEAR_IN_STACK;
}

/* The GUI thread's, for the same lock again and again. */
static const sem_t *napped_for;
static uint64_t nap_ns;

static uint64_t next_nap(const sem_t *lock)
{
    nap_ns = napped_for != lock ? LEAST_NAP_NS : nap_ns < MOST_NAP_NS / 2 ? 2 * nap_ns : MOST_NAP_NS;
    napped_for = lock;
    return nap_ns;
}

/* `wanted` is the lock. Returns 0 when the GUI thread has it, or an error number. */
static int wait_for_grant(sem_t *lock, bool owned, clockid_t clock, const struct timespec *deadline)
{
    /* What nobody owns is an event. It may be that of a thread which has just been started, on this processor. */
    if (owned && napped_for != lock && spin_for_grant()) {
        return 0;
    }
    uint64_t nap = is_parked(lock) ? MOST_NAP_NS : next_nap(lock);
    bool had, goes_on;
    int naps = 0;
    do {
        uint64_t left = time_left(clock, deadline);
        bool interrupted;
        if (sleep_for_grant(left < nap ? left : nap, &interrupted)) {
            return 0;
        }
        had = trywait_original(lock) == 0;
        goes_on = is_parked(lock) && !had && !interrupted && left > nap && ++naps < PARKED_NAPS;
    } while (goes_on);
    if (withdraw(lock)) {
        return had ? 0 : time_left(clock, deadline) == 0 ? ETIMEDOUT : EINTR; /* a signal may have ended the nap */
    }
    if (had) {
        post_original(lock); /* two of them */
    }
    while (atomic_load_explicit(&grant, memory_order_acquire) != GRANT_GIVEN) {
        gy_give_way(); /* somebody is just about to */
    }
    return 0;
}

static bool was_given_late(void)
{
    return atomic_load_explicit(&grant, memory_order_relaxed) == GRANT_GIVEN &&
           gy_clock_monotonic.now() > atomic_load_explicit(&given_at, memory_order_relaxed) + LATE_NS;
}

/* As sem_clockwait(), or without a deadline as sem_wait(). */
static int wait_as_gui(sem_t *lock, clockid_t clock, const struct timespec *deadline)
{
    int saved_errno = errno, error = 0;
    if (trywait_original(lock) != 0) {
        const gy_account *owner = gy_lockowners_find(lock);
        atomic_store_explicit(&grant, GRANT_AWAITED, memory_order_relaxed);
        atomic_store_explicit(&waits_on, gy_processor(), memory_order_relaxed);
        atomic_store(&wanted, lock);
        bool free = trywait_original(lock) == 0;
        if (free && !withdraw(lock)) {
            post_original(lock); /* two of them */
            free = false;
        }
        if (!free) {
            gy_gilorder_gui_in_lock(owner);
            follow(); /* the owner may have gone to sleep for another lock after the look and before `wanted` */
            error = wait_for_grant(lock, owner != NULL, clock, deadline);
        }
        if (error == 0 && was_given_late()) {
            atomic_store_explicit(&gy_order.giver_stays, true, memory_order_relaxed);
        }
        atomic_store_explicit(&waits_on, NOWHERE, memory_order_relaxed);
        while (atomic_load(&lookers) != 0) {
            gy_give_way();
        }
        gy_gilorder_gui_out_of_lock(); /* also if it was free: a looker may have named an owner meanwhile */
    }
    if (error != EINTR && napped_for == lock) {
        napped_for = NULL; /* else it comes back; meanwhile CPython takes a lock to look for signals */
    }
    if (error == 0) {
        gy_lockowners_has(lock);
        errno = saved_errno;
        return 0;
    }
    errno = error;
    return -1;
}

static bool is_gui(void)
{
    return atomic_load_explicit(&active, memory_order_acquire) && gy_gilorder_is_gui();
}

static int noted(const sem_t *lock, int result)
{
    if (result == 0) {
        gy_lockowners_has(lock);
    }
    return result;
}

static int hook_trywait(sem_t *lock)
{
    return noted(lock, trywait_original(lock));
}

static void goes_to_sleep(const sem_t *lock)
{
    gy_lockowners_waits(lock);
    follow();
}

static int slept(const sem_t *lock, int result)
{
    int saved_errno = errno;
    gy_lockowners_waited();
    noted(lock, result);
    follow();
    errno = saved_errno;
    return result;
}

static int hook_wait(sem_t *lock)
{
    if (is_gui()) {
        return wait_as_gui(lock, CLOCK_MONOTONIC, NULL);
    }
    goes_to_sleep(lock);
    return slept(lock, wait_original(lock));
}

static int hook_timedwait(sem_t *lock, const struct timespec *deadline)
{
    if (is_gui()) {
        return wait_as_gui(lock, CLOCK_REALTIME, deadline);
    }
    goes_to_sleep(lock);
    return slept(lock, timedwait_original(lock, deadline));
}

static int hook_clockwait(sem_t *lock, clockid_t clock, const struct timespec *deadline)
{
    if (is_gui()) {
        return wait_as_gui(lock, clock, deadline);
    }
    goes_to_sleep(lock);
    return slept(lock, clockwait_original(lock, clock, deadline));
}

/* ---- Begin and end ---- */

static bool redirect(gy_redirect *to, const char *symbol, const void *hook, void *original)
{
    return gy_redirect_install(to, gy_python_code_address(), symbol, hook, original);
}

bool gy_guilock_install(void)
{
    sem_function post = hook_post, wait = hook_wait, trywait = hook_trywait;
    timedwait_function timedwait = hook_timedwait;
    clockwait_function clockwait = hook_clockwait;
    if (!redirect(&trywait_redirect, "sem_trywait", &trywait, &trywait_original) ||
        !redirect(&post_redirect, "sem_post", &post, &post_original) ||
        !redirect(&wait_redirect, "sem_wait", &wait, &wait_original)) {
        gy_guilock_remove();
        return false;
    }
    /* Each CPython has one of these two. */
    redirect(&clockwait_redirect, "sem_clockwait", &clockwait, &clockwait_original);
    redirect(&timedwait_redirect, "sem_timedwait", &timedwait, &timedwait_original);
    atomic_store(&active, true);
    return true;
}

void gy_guilock_remove(void)
{
    atomic_store(&active, false);
    gy_redirect_remove(&clockwait_redirect);
    gy_redirect_remove(&timedwait_redirect);
    gy_redirect_remove(&wait_redirect);
    gy_redirect_remove(&post_redirect);
    gy_redirect_remove(&trywait_redirect);
}

void gy_guilock_after_fork(void)
{
    atomic_store(&active, false);
    atomic_store(&wanted, NULL);
    atomic_store(&lookers, 0);
}

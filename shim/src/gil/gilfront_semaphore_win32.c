/* SPDX-License-Identifier: MIT */
/*
 * CPython up to 3.12: the GIL is a critical section and a condition variable that CPython makes itself, of a semaphore and a
 * count of the threads that wait (Include/internal/pycore_condvar.h, Python/ceval_gil.h):
 *
 *   wait     count++, leave the critical section, WaitForSingleObjectEx(semaphore, one switch interval), enter it again,
 *            and unless that returned WAIT_OBJECT_0, count--
 *   signal   if count > 0: count--, ReleaseSemaphore(semaphore)
 *
 * What differs from the shape that gilorder.c knows, and how it is bridged:
 *
 *   - The wait comes after the critical section was left. So gilorder.c gets a mutex of ours. A drop in between finds nobody in
 * line but knows that somebody is on the way there, and is kept for the first who comes.
 *   - Nobody is signalled if nobody waits, and who takes the GIL signals only if somebody waits for that. So drops and takes are
 *     seen by the critical sections: the GIL's is left by the thread that has the GIL when it drops it, and a second one, for
 *     "taken", is entered inside of it by whoever takes it. The holder is therefore always known.
 *   - The count has to stay right: for each ReleaseSemaphore() one wait has to return WAIT_OBJECT_0. Those that are kept from the
 *     semaphore are counted as tokens. A wait that ends well takes one; without one it says WAIT_TIMEOUT, which is always
 * allowed, and at worst makes CPython ask for the GIL. What is left in the end goes to the semaphore.
 *
 * Which critical sections. Of those in _PyRuntime, or behind it in the same section of the file, the one that is entered inside
 * of another belongs to "taken", and the other is the GIL's. The semaphore is what is waited on right after that was left, or
 * what is released in there by whoever drops the GIL.
 */
#include "gil/gilfront_win32.h"

#include "gil/gilorder.h"
#include "os/clock.h"
#include "os/compiler.h"

#include <stdatomic.h>
#include <stddef.h>
#include <windows.h>

typedef VOID(WINAPI *section_function)(LPCRITICAL_SECTION);
typedef DWORD(WINAPI *wait_function)(HANDLE, DWORD);
typedef DWORD(WINAPI *wait_ex_function)(HANDLE, DWORD, BOOL);
typedef BOOL(WINAPI *release_function)(HANDLE, LONG, LPLONG);

static gy_redirect enter_redirect, leave_redirect, wait_redirect, wait_ex_redirect, release_redirect; /* GUI thread only */
static section_function enter_original = EnterCriticalSection;
static section_function leave_original = LeaveCriticalSection;
static wait_function wait_original = WaitForSingleObject;
static wait_ex_function wait_ex_original = WaitForSingleObjectEx;
static release_function release_original = ReleaseSemaphore;

static atomic_bool active; /* false: the hooks are plain passes */
static uintptr_t begin, end;
static atomic_uint generation; /* counts installations: what threads remember from an earlier one is void */

/* NULL until learnt. */
static _Atomic(LPCRITICAL_SECTION) gil_section, taken_section;
static _Atomic(HANDLE) gil_semaphore;

/* What the sections were before the hooks went away. They stay where they are; a semaphore may be another. GUI thread only. */
static LPCRITICAL_SECTION gil_before, taken_before;

static DWORD holder; /* the thread that has the GIL, 0: none. Under the GIL's critical section */

/* Inside of the GIL's critical section where both are wanted. Protects what gilorder.c knows, and what follows. */
static gy_static_mutex mutex;
static LONG tokens;
static unsigned on_the_way; /* threads that have left the GIL's critical section to wait, and are not in line yet */
static unsigned kept;       /* drops that woke nobody, for those on the way */
static bool rouses;         /* threads may wait on the semaphore since before these rules were in force */

typedef struct steps {
    unsigned generation;
    LPCRITICAL_SECTION inside; /* the outermost critical section in _PyRuntime that this thread is in */
    bool changed;              /* it has taken or dropped the GIL in there */
    bool left;                 /* it has left the GIL's to wait for the GIL */
} steps;

GY_THREAD_LOCAL steps remembered;

static steps *own_steps(void)
{
    steps *own = &remembered;
    unsigned now = atomic_load_explicit(&generation, memory_order_relaxed);
    if (own->generation != now) {
        *own = (steps){.generation = now};
    }
    return own;
}

static bool in_runtime(LPCRITICAL_SECTION section)
{
    return (uintptr_t)section >= begin && (uintptr_t)section < end && atomic_load_explicit(&active, memory_order_acquire);
}

static gy_mutex *our_mutex(void)
{
    return gy_mutex_of(&mutex);
}

/* The thread has the GIL's critical section and the one for "taken". */
static void note_taken(steps *own)
{
    own->changed = true;
    holder = GetCurrentThreadId();
    gy_mutex_lock(our_mutex());
    gy_gilorder_taken();
    gy_mutex_unlock(our_mutex());
}

/*
 * The thread has the GIL's critical section and had the GIL. `offered` is how many waits CPython now expects to end well. Returns
 * whether that is the semaphore's business: who began to wait before we came waits there.
 */
static bool note_dropped(LONG offered)
{
    holder = 0;
    gy_mutex_lock(our_mutex());
    bool woke_nobody = gy_gilorder_dropped();
    bool others_wait_there = woke_nobody && on_the_way == 0;
    kept += woke_nobody && on_the_way > kept;
    /* Under the same lock: whoever was woken looks for a token as soon as it has that. */
    tokens += others_wait_there ? 0 : offered;
    gy_mutex_unlock(our_mutex());
    return others_wait_there;
}

/* The thread has the GIL's critical section, and is about to leave it to wait for the GIL. */
static void note_wait_begins(steps *own)
{
    own->left = true;
    gy_mutex_lock(our_mutex());
    on_the_way++;
    gy_mutex_unlock(our_mutex());
}

static void learn(LPCRITICAL_SECTION outer, LPCRITICAL_SECTION inner)
{
    gy_mutex_lock(our_mutex());
    gy_gilorder_begin_account();
    gy_mutex_unlock(our_mutex());
    atomic_store(&taken_section, inner);
    atomic_store(&gil_section, outer);
}

static VOID WINAPI hook_enter(LPCRITICAL_SECTION section)
{
    enter_original(section);
    if (!in_runtime(section)) {
        return;
    }
    DWORD last_error = GetLastError();
    steps *own = own_steps();
    own->left = false;
    if (!own->inside) {
        own->inside = section;
        own->changed = false;
    } else if (own->inside != section) {
        if (!atomic_load_explicit(&gil_section, memory_order_relaxed)) {
            learn(own->inside, section);
        }
        if (own->inside == atomic_load_explicit(&gil_section, memory_order_relaxed) &&
            section == atomic_load_explicit(&taken_section, memory_order_relaxed)) {
            note_taken(own);
        }
    }
    SetLastError(last_error);
}

static VOID WINAPI hook_leave(LPCRITICAL_SECTION section)
{
    if (in_runtime(section)) {
        DWORD last_error = GetLastError();
        steps *own = own_steps();
        bool is_gil = section == atomic_load_explicit(&gil_section, memory_order_acquire) && own->inside == section;
        if (is_gil && !own->changed) {
            if (holder == GetCurrentThreadId()) {
                note_dropped(0); /* CPython has seen nobody wait */
            } else {
                note_wait_begins(own);
            }
        }
        if (own->inside == section) {
            own->inside = NULL;
        }
        SetLastError(last_error);
    }
    leave_original(section);
}

/*
 * Whoever waits on the semaphore itself, for as long as the program's switch interval, is to wait anew, in line: one after the
 * other, as each that comes here wakes the next. Where it is free, nobody waits there. For CPython its waits end for no reason.
 */
static void rouse_one(void)
{
    HANDLE semaphore = atomic_load_explicit(&gil_semaphore, memory_order_relaxed);
    rouses = wait_original(semaphore, 0) != WAIT_OBJECT_0;
    release_original(semaphore, 1, NULL);
}

static DWORD wait_for_gil(DWORD timeout_ms)
{
    DWORD last_error = GetLastError();
    gy_mutex_lock(our_mutex());
    if (rouses) {
        rouse_one();
    }
    bool dropped = kept > 0;
    kept -= dropped;
    on_the_way -= on_the_way > 0;
    bool timed_out = !dropped && gy_gilorder_wait(our_mutex(), timeout_ms * GY_NS_PER_MS);
    bool gui_has_it = timed_out && gy_gilorder_share()->holding;
    bool token = !timed_out && tokens > 0;
    tokens -= token;
    gy_mutex_unlock(our_mutex());
    if (gui_has_it) {
        gy_gilfront_demand();
    }
    SetLastError(last_error);
    return token ? WAIT_OBJECT_0 : WAIT_TIMEOUT;
}

static void learn_semaphore(HANDLE handle)
{
    gy_mutex_lock(our_mutex());
    atomic_store(&gil_semaphore, handle);
    rouses = true;
    gy_mutex_unlock(our_mutex());
}

/* Is this the wait for the GIL? Then its semaphore is known from now on. */
static bool is_gil_wait(HANDLE handle, DWORD timeout_ms)
{
    HANDLE known = atomic_load_explicit(&gil_semaphore, memory_order_relaxed);
    if ((known && handle != known) || timeout_ms == INFINITE || !atomic_load_explicit(&active, memory_order_acquire) ||
        !atomic_load_explicit(&gil_section, memory_order_relaxed)) {
        return false;
    }
    steps *own = own_steps();
    bool is_gil = own->left;
    own->left = false;
    if (is_gil && !known) {
        learn_semaphore(handle);
    }
    return is_gil;
}

static DWORD WINAPI hook_wait(HANDLE handle, DWORD timeout_ms)
{
    return is_gil_wait(handle, timeout_ms) ? wait_for_gil(timeout_ms) : wait_original(handle, timeout_ms);
}

static DWORD WINAPI hook_wait_ex(HANDLE handle, DWORD timeout_ms, BOOL alertable)
{
    return is_gil_wait(handle, timeout_ms) ? wait_for_gil(timeout_ms) : wait_ex_original(handle, timeout_ms, alertable);
}

/* The calling thread is in the GIL's critical section to drop the GIL: all that it releases in there is the GIL's semaphore. */
static bool drops_gil(void)
{
    LPCRITICAL_SECTION gil = atomic_load_explicit(&gil_section, memory_order_acquire);
    const steps *own = own_steps();
    return gil && own->inside == gil && !own->changed && holder == GetCurrentThreadId();
}

static BOOL WINAPI hook_release(HANDLE handle, LONG count, LPLONG before)
{
    if (!atomic_load_explicit(&active, memory_order_acquire)) {
        return release_original(handle, count, before);
    }
    DWORD last_error = GetLastError();
    HANDLE known = atomic_load_explicit(&gil_semaphore, memory_order_relaxed);
    if (!known && drops_gil()) {
        learn_semaphore(handle);
        known = handle;
    }
    if (handle != known) {
        SetLastError(last_error);
        return release_original(handle, count, before);
    }
    bool drops_it = holder == GetCurrentThreadId();
    bool others_wait_there = !drops_it || note_dropped(count);
    own_steps()->changed = drops_it;
    SetLastError(last_error);
    return others_wait_there ? release_original(handle, count, before) : TRUE;
}

static bool redirect_all(void)
{
    section_function enter = hook_enter, leave = hook_leave;
    wait_function wait = hook_wait;
    wait_ex_function wait_ex = hook_wait_ex;
    release_function release = hook_release;
    /* Which of the two waits is called depends on the compiler's options. */
    bool waits = gy_gilfront_redirect(&wait_ex_redirect, "WaitForSingleObjectEx", &wait_ex, &wait_ex_original);
    waits = gy_gilfront_redirect(&wait_redirect, "WaitForSingleObject", &wait, &wait_original) || waits;
    return waits && gy_gilfront_redirect(&enter_redirect, "EnterCriticalSection", &enter, &enter_original) &&
           gy_gilfront_redirect(&leave_redirect, "LeaveCriticalSection", &leave, &leave_original) &&
           gy_gilfront_redirect(&release_redirect, "ReleaseSemaphore", &release, &release_original);
}

static bool install(uintptr_t runtime, uintptr_t runtime_end)
{
    LPCRITICAL_SECTION known = atomic_load(&gil_section);
    begin = runtime;
    end = runtime_end;
    if (known) {
        gil_before = known;
        taken_before = atomic_load(&taken_section);
    }
    atomic_store(&gil_section, NULL);
    atomic_store(&taken_section, NULL);
    atomic_store(&gil_semaphore, NULL);
    holder = 0;
    atomic_fetch_add(&generation, 1);
    bool done = redirect_all();
    atomic_store(&active, done);
    return done;
}

/* The GUI thread has the GIL, so that nobody else takes or drops it meanwhile. */
static void learn_again(void)
{
    gy_gilorder_begin_account();
    if (in_runtime(gil_before)) {
        holder = GetCurrentThreadId();
        atomic_store(&taken_section, taken_before);
        atomic_store(&gil_section, gil_before);
    }
}

/* Who has the GIL is to be known from the moment in which it is known which section is the GIL's. */
static void go_on(bool gui_has_it)
{
    gy_gilorder_go_on(gui_has_it ? learn_again : gy_gilorder_begin_account, gui_has_it);
}

static void remove_hooks(void)
{
    atomic_store(&active, false);
    gy_redirect_remove(&enter_redirect);
    gy_redirect_remove(&leave_redirect);
    gy_redirect_remove(&wait_redirect);
    gy_redirect_remove(&wait_ex_redirect);
    gy_redirect_remove(&release_redirect);
}

static void settle(void)
{
    HANDLE semaphore = atomic_load(&gil_semaphore);
    gy_mutex_lock(our_mutex());
    LONG left = tokens;
    tokens = 0;
    on_the_way = kept = 0;
    rouses = false;
    gy_mutex_unlock(our_mutex());
    if (left > 0 && semaphore) {
        release_original(semaphore, left, NULL);
    }
}

static bool learnt(void)
{
    return atomic_load_explicit(&gil_section, memory_order_acquire) != NULL;
}

const gy_gilfront gy_gilfront_semaphore = {install, go_on, remove_hooks, settle, learnt};

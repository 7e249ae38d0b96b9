/* SPDX-License-Identifier: MIT */
/*
 * Qt's event dispatcher on Windows waits in MsgWaitForMultipleObjectsEx(), called from Qt Core; the entry of that call in Qt
 * Core's import address table is redirected. Exact, since messages, timers, event notifiers and posted events are all dispatched
 * outside that call, with one exception.
 *
 * Completion routines. The wait is alertable: the completion routines of ReadFileEx() and WriteFileEx(), which Qt 5's pipes use
 * (QLocalSocket, QProcess), run inside it, and may call slots. While the GIL may be released such a routine is only noted; it
 * runs when the GIL is back, before the wait returns to Qt. So Qt's calls of those two functions are redirected as well. What Qt
 * had begun to read before that comes with Qt's own routine; in Qt 5 that only queues a signal, unless the other side has gone.
 *
 * Windows' own loops. MessageBox(), native dialogs, menus, drag and drop, moving a window run loops that bypass Qt's wait. A
 * thread that wants the GIL for longer than the GUI thread may hold it posts a message (gilqueue_win32.c), and its handler here
 * waits in the loop's place, until there is input for that loop or some milliseconds are over; as long as others use the GIL it
 * comes again.
 */
#include "gil/gilqueue.h"
#include "loop/wait.h"
#include "os/clock.h"
#include "os/redirect.h"
#include "os/window_win32.h"
#include "qt/qt.h"
#include "settings/wanted.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

typedef DWORD(WINAPI *wait_function)(DWORD, const HANDLE *, DWORD, DWORD, DWORD);
typedef BOOL(WINAPI *read_function)(HANDLE, LPVOID, DWORD, LPOVERLAPPED, LPOVERLAPPED_COMPLETION_ROUTINE);
typedef BOOL(WINAPI *write_function)(HANDLE, LPCVOID, DWORD, LPOVERLAPPED, LPOVERLAPPED_COMPLETION_ROUTINE);

/* Written on the GUI thread before the hooks are installed. */
static _Atomic(gy_wait_handler) handler; /* NULL: plain passes */
static atomic_ulong gui_thread;
static gy_redirect wait_redirect, read_redirect, write_redirect;
static wait_function wait_original = MsgWaitForMultipleObjectsEx;
static read_function read_original = ReadFileEx;
static write_function write_original = WriteFileEx;

static bool on_gui_thread(void)
{
    return atomic_load_explicit(&gui_thread, memory_order_relaxed) == GetCurrentThreadId();
}

/* ---- Completion routines. All on the GUI thread. ---- */

typedef struct completion {
    LPOVERLAPPED_COMPLETION_ROUTINE routine;
    DWORD error, bytes;
    LPOVERLAPPED overlapped;
} completion;

static completion *noted; /* has room for all that are outstanding */
static size_t capacity, noted_count, outstanding;
static unsigned blocking; /* waits, nested ones counted, in which the GIL may be released */

/* Qt has two routines. One that finds no place here is passed on as it is, and from then on nothing is released in the wait. */
enum { ROUTINES = 4 };
static LPOVERLAPPED_COMPLETION_ROUTINE routines[ROUTINES];
static bool out_of_places;

static void completed(unsigned place, DWORD error, DWORD bytes, LPOVERLAPPED overlapped)
{
    outstanding--;
    if (blocking > 0) {
        noted[noted_count++] = (completion){routines[place], error, bytes, overlapped};
    } else {
        routines[place](error, bytes, overlapped);
    }
}

#define ROUTINE(place)                                                                                                           \
    static void CALLBACK completed_##place(DWORD error, DWORD bytes, LPOVERLAPPED overlapped)                                    \
    {                                                                                                                            \
        completed(place, error, bytes, overlapped);                                                                              \
    }
ROUTINE(0)
ROUTINE(1)
ROUTINE(2)
ROUTINE(3)

/* What to hand to Windows instead of `routine`. */
static LPOVERLAPPED_COMPLETION_ROUTINE in_place_of(LPOVERLAPPED_COMPLETION_ROUTINE routine)
{
    static const LPOVERLAPPED_COMPLETION_ROUTINE ours[ROUTINES] = {completed_0, completed_1, completed_2, completed_3};
    for (unsigned i = 0; i < ROUTINES; i++) {
        if (!routines[i] || routines[i] == routine) {
            routines[i] = routine;
            return ours[i];
        }
    }
    out_of_places = true;
    return routine;
}

/* Room to note one more. */
static bool make_room(void)
{
    if (outstanding + noted_count < capacity) {
        return true;
    }
    size_t wanted = capacity ? 2 * capacity : 16;
    completion *more = realloc(noted, wanted * sizeof *more);
    if (more) {
        noted = more;
        capacity = wanted;
    }
    return more != NULL;
}

static void run_noted(void)
{
    /* Each may run an event loop, which notes and runs others. */
    while (noted_count > 0) {
        completion next = noted[0];
        noted_count--;
        memmove(noted, noted + 1, noted_count * sizeof *noted);
        next.routine(next.error, next.bytes, next.overlapped);
    }
}

/* An operation that is to end in `routine`. Fills what Windows is to get instead; false: there is no room to note its end. */
static bool begin_operation(LPOVERLAPPED_COMPLETION_ROUTINE *routine)
{
    if (!on_gui_thread() || !*routine) {
        return true;
    }
    if (!make_room()) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return false;
    }
    *routine = in_place_of(*routine);
    return true;
}

/* Counts an operation that has begun, and will end in a routine of ours. */
static BOOL begun(BOOL done, bool ours)
{
    outstanding += done && ours;
    return done;
}

static BOOL WINAPI hook_read(HANDLE file, LPVOID buffer, DWORD size, LPOVERLAPPED overlapped,
                             LPOVERLAPPED_COMPLETION_ROUTINE routine)
{
    LPOVERLAPPED_COMPLETION_ROUTINE ours = routine;
    return begin_operation(&ours) && begun(read_original(file, buffer, size, overlapped, ours), ours != routine);
}

static BOOL WINAPI hook_write(HANDLE file, LPCVOID buffer, DWORD size, LPOVERLAPPED overlapped,
                              LPOVERLAPPED_COMPLETION_ROUTINE routine)
{
    LPOVERLAPPED_COMPLETION_ROUTINE ours = routine;
    return begin_operation(&ours) && begun(write_original(file, buffer, size, overlapped, ours), ours != routine);
}

/* ---- Qt's wait ---- */

static uint64_t qt_waits; /* how often it has waited */

typedef struct win32_poll {
    gy_poll base;
    DWORD count;
    const HANDLE *handles;
    DWORD timeout_ms, wake_mask, flags;
    DWORD result, last_error;
} win32_poll;

static int wait_for(win32_poll *poll, DWORD timeout_ms)
{
    poll->result = wait_original(poll->count, poll->handles, timeout_ms, poll->wake_mask, poll->flags);
    poll->last_error = GetLastError();
    return poll->result != WAIT_TIMEOUT;
}

static int look(gy_poll *base)
{
    return wait_for((win32_poll *)base, 0);
}

static int block(gy_poll *base)
{
    win32_poll *poll = (win32_poll *)base;
    blocking++;
    int ready = wait_for(poll, poll->timeout_ms);
    blocking--;
    return ready;
}

static DWORD WINAPI hook_wait(DWORD count, const HANDLE *handles, DWORD timeout_ms, DWORD wake_mask, DWORD flags)
{
    gy_wait_handler handle = atomic_load_explicit(&handler, memory_order_acquire);
    if (!handle || !on_gui_thread() || out_of_places) {
        return wait_original(count, handles, timeout_ms, wake_mask, flags);
    }
    qt_waits++;
    win32_poll poll = {
        .base = {look, block, timeout_ms != 0, false},
        .count = count,
        .handles = handles,
        .timeout_ms = timeout_ms,
        .wake_mask = wake_mask,
        .flags = flags,
    };
    handle(&poll.base);
    run_noted();
    SetLastError(poll.last_error);
    return poll.result;
}

/* ---- In Windows' own loops. GUI thread but where said. ---- */

/* A loop that takes a message so soon after it was posted was waiting. */
#define IDLE_NS GY_NS_PER_MS
/* So soon after input, or when the loop may be Qt's, the GUI thread looks again. Windows makes more of it: a tick of its clock.
 */
enum { LATER_MS = 2 };
/* What an idle loop is kept from seeing for so long: handles that it waits for beside its messages. */
enum { MOST_MS = 16 };

static uint64_t qt_waits_then;         /* when on_demand() returned last */
static DWORD wait_ms;                  /* how long the next wait is, if the loop is idle */
static atomic_uint_least64_t asked_at; /* when on_demand() was posted again */
static HANDLE later;                   /* timer; NULL: none */

/* On a thread of the system's. */
static VOID CALLBACK on_later(PVOID data, BOOLEAN fired)
{
    (void)data;
    (void)fired;
    atomic_store(&asked_at, gy_clock_monotonic.now());
    gy_window_post(GY_MESSAGE_DEMAND);
}

static void forget_later(void)
{
    if (later) {
        DeleteTimerQueueTimer(NULL, later, NULL);
        later = NULL;
    }
}

static void ask_again(bool at_once)
{
    forget_later();
    if (at_once) {
        atomic_store(&asked_at, gy_clock_monotonic.now());
        gy_window_post(GY_MESSAGE_DEMAND);
    } else if (!CreateTimerQueueTimer(&later, NULL, on_later, NULL, LATER_MS, 0, WT_EXECUTEINTIMERTHREAD)) {
        later = NULL;
    }
}

/*
 * Waits in the place of a loop that is not Qt's. If it was posted by a thread that the GUI thread keeps waiting, the loop may be
 * Qt's after a long handler, or one that is busy: then it waits for a slice. Is it the loop's next look at its messages, and Qt
 * has not waited in between, then the loop idles, and the waits grow.
 */
static void on_demand(void)
{
    gy_wait_handler handle = atomic_load(&handler);
    gilyield_options options;
    uint64_t asked = atomic_exchange(&asked_at, 0);
    if (!handle || out_of_places || !gy_wanted(&options)) {
        return;
    }
    bool again = asked != 0;
    bool foreign = again && qt_waits == qt_waits_then;
    bool idle = foreign && gy_clock_monotonic.now() - asked < IDLE_NS;
    if (again && !idle) {
        /* Qt's own waits do better. A busy loop is asked when it has had its time, or idles. */
        if (foreign && gy_gilqueue_gui.waiting() > 0) {
            ask_again(false);
        }
        return;
    }
    DWORD slice_ms = (DWORD)options.slice_ms;
    wait_ms = !idle ? slice_ms : wait_ms < MOST_MS ? 2 * wait_ms : wait_ms;
    uint64_t takes = gy_gilqueue_gui.takes();
    win32_poll poll = {
        .base = {look, block, true, false},
        .timeout_ms = wait_ms,
        .wake_mask = QS_ALLINPUT,
        .flags = MWMO_INPUTAVAILABLE, /* not alertable: the loop in whose place this waits may not be */
    };
    gy_window_mute(GY_MESSAGE_DEMAND, true); /* it would be the input that ends the wait */
    int ready = handle(&poll.base);
    gy_window_mute(GY_MESSAGE_DEMAND, false);
    qt_waits_then = qt_waits;
    /* Input is for the loop, which goes on first. */
    if (gy_gilqueue_gui.takes() != takes || gy_gilqueue_gui.waiting() > 0) {
        ask_again(ready == 0 && idle);
    }
}

/* ---- Installation ---- */

static bool redirect(gy_redirect *to, const char *symbol, const void *hook, void *original)
{
    return gy_redirect_install(to, gy_qt_core_address(), symbol, hook, original);
}

static const char *install(gy_wait_handler wanted)
{
    wait_function wait = hook_wait;
    read_function read = hook_read;
    write_function write = hook_write;
    atomic_store(&gui_thread, GetCurrentThreadId());
    if (!redirect(&wait_redirect, "MsgWaitForMultipleObjectsEx", &wait, &wait_original)) {
        return "Qt Core's calls of MsgWaitForMultipleObjectsEx cannot be redirected";
    }
    /* Qt 6 calls neither. */
    redirect(&read_redirect, "ReadFileEx", &read, &read_original);
    redirect(&write_redirect, "WriteFileEx", &write, &write_original);
    gy_window_handle(GY_MESSAGE_DEMAND, on_demand);
    atomic_store(&handler, wanted);
    return NULL;
}

/* The two of the completion routines stay, as passes: an operation may be under way. */
static void remove_hooks(void)
{
    atomic_store(&handler, NULL);
    forget_later();
    gy_redirect_remove(&wait_redirect);
}

const gy_wait gy_wait_win32 = {
    .name = "win32",
    .dispatcher = "QEventDispatcherWin32",
    .reason = "the event dispatcher is Windows' own",
    .install = install,
    .remove = remove_hooks,
};

/* SPDX-License-Identifier: MIT */
/*
 * Qt on Windows. What has to happen on the GUI thread is posted to a message-only window of ours there (os/window_win32.h), which
 * is made when it is first needed: a dormant library makes one connection, to aboutToQuit, and nothing else. Which thread is the
 * GUI thread is noted when the application object is constructed.
 *
 * The library may be loaded before Qt is. The loader then tells of each module that comes, and Qt of the application object.
 */
#include "qt/qt.h"

#include "gilyield/gilyield.h"
#include "os/module_win32.h"
#include "os/sync.h"
#include "os/window_win32.h"
#include "qt/qt_core_win32.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <windows.h>

static const gy_qt_callbacks *callbacks;

/* Written when an application object comes and goes; GUI thread but where it was there before us. */
static _Atomic(const gy_qt_core *) qt;               /* NULL until Qt Core was met */
static _Atomic(gy_qt_object *) application;          /* NULL while there is none */
static atomic_ulong gui_thread;                      /* its system identifier, 0 while it is not known */
static gy_qt_connection quit, about_to_block, awake; /* GUI thread, but that any thread may make `quit` */
static gy_qt_slot quit_slot, about_to_block_slot, awake_slot;
static gy_qt_connection quit_waits, quit_turns; /* GUI thread, while `quit_level` is not 0 */
static gy_qt_slot quit_waits_slot, quit_turns_slot;
static int quit_level; /* GUI thread: how many loops ran at aboutToQuit, while they are about to end */
static HANDLE timer;   /* GUI thread */

typedef struct call {
    struct call *next;
    void (*function)(void *);
    void (*dropped)(void *);
    void *data;
    bool survives_quit;
} call;

static gy_static_mutex lock; /* protects all below. No call that could take the GIL is made under it */
static call *first_call, **last_call = &first_call;
static bool has_quit; /* aboutToQuit has come, and no event loop since */

static void lock_calls(void)
{
    gy_mutex_lock(gy_mutex_of(&lock));
}

static void unlock_calls(void)
{
    gy_mutex_unlock(gy_mutex_of(&lock));
}

/* ---- Posted calls ---- */

static call *take_first_call(bool *more)
{
    lock_calls();
    call *first = first_call;
    if (first) {
        first_call = first->next;
        last_call = first_call ? last_call : &first_call;
    }
    *more = first_call != NULL;
    unlock_calls();
    return first;
}

/* One at a time: Qt's own events and input come in between, and a call that runs an event loop lets the next ones run in it. */
static void on_call(void)
{
    bool more;
    call *next = take_first_call(&more);
    if (more) {
        gy_window_post(GY_MESSAGE_CALL);
    }
    if (next) {
        next->function(next->data);
        free(next);
    }
}

/* `all`: also those that survive aboutToQuit. */
static void drop_calls(bool all)
{
    lock_calls();
    call *dropped = NULL, **last_dropped = &dropped, **place = &first_call;
    while (*place) {
        call *each = *place;
        if (all || !each->survives_quit) {
            *place = each->next;
            *last_dropped = each;
            last_dropped = &each->next;
        } else {
            place = &each->next;
        }
    }
    last_call = place;
    *last_dropped = NULL;
    unlock_calls();
    while (dropped) {
        call *next = dropped->next;
        if (dropped->dropped) {
            dropped->dropped(dropped->data);
        }
        free(dropped);
        dropped = next;
    }
}

/* ---- The application's life. GUI thread but where said. ---- */

static void set_has_quit(bool now)
{
    lock_calls();
    has_quit = now;
    unlock_calls();
}

static void forget_quit(void)
{
    quit_level = 0;
    gy_qt_core_disconnect(atomic_load(&qt), &quit_waits);
    gy_qt_core_disconnect(atomic_load(&qt), &quit_turns);
    set_has_quit(false);
}

/*
 * False from exit() on, until an event loop runs that was not told to end. From 6.8 on Qt says aboutToQuit in exit(), while loops
 * still run, and their handlers may process events. Those loops wait no more; one that starts later does, at no higher level.
 */
static bool runs_again(bool waits)
{
    if (quit_level > 0) {
        int level = gy_qt_loop_level();
        if (level > 0 && !(waits && level <= quit_level)) {
            return false;
        }
        forget_quit();
    }
    return true;
}

static void on_quit_waits(void)
{
    runs_again(true);
}

static void on_quit_turns(void)
{
    runs_again(false);
}

static void on_about_to_quit(void)
{
    const gy_qt_core *core = atomic_load(&qt);
    gy_qt_object *dispatcher = core->dispatcher_of(NULL);
    if (!callbacks->about_to_quit()) {
        return;
    }
    quit_level = gy_qt_loop_level();
    if (quit_level > 0 && dispatcher && !quit_waits.d) {
        quit_waits =
            gy_qt_core_connect(core, dispatcher, core->about_to_block, core->dispatcher_meta, &quit_waits_slot, on_quit_waits);
        quit_turns = gy_qt_core_connect(core, dispatcher, core->awake, core->dispatcher_meta, &quit_turns_slot, on_quit_turns);
    }
    set_has_quit(true);
    drop_calls(false);
    gy_window_post(GY_MESSAGE_AGAIN);
}

/* Arrives if a loop runs after aboutToQuit. */
static void on_again(void)
{
    if (runs_again(false)) {
        set_has_quit(false);
    }
}

static void on_wake(void)
{
    callbacks->wake();
}

static void on_tick(void)
{
    callbacks->tick();
}

static void turn(bool waits)
{
    if (runs_again(waits)) {
        callbacks->turn();
    }
}

static void on_about_to_block(void)
{
    turn(true);
}

static void on_awake(void)
{
    turn(false);
}

static void application_gone(void)
{
    callbacks->application_gone();
    gy_qt_stop_timer();
    gy_qt_watch_loop(false);
    gy_qt_core_disconnect(atomic_load(&qt), &quit);
    atomic_store(&application, NULL);
    atomic_store(&gui_thread, 0);
    gy_window_set_thread(0);
    gy_window_close();
    drop_calls(true);
    forget_quit();
}

/*
 * The system's identifier of a QThread: its event dispatcher has a message-only window, whose user data is the dispatcher. 0: it
 * has none yet. To ask the dispatcher for its window would make it, on the wrong thread. Any thread.
 */
static DWORD id_of(const gy_qt_core *core, gy_qt_thread *thread)
{
    gy_qt_object *dispatcher = core->dispatcher_of(thread);
    HWND window = NULL;
    while (dispatcher && (window = FindWindowExW(HWND_MESSAGE, window, NULL, NULL)) != NULL) {
        DWORD process, id = GetWindowThreadProcessId(window, &process);
        if (process == GetCurrentProcessId() && (gy_qt_object *)GetWindowLongPtrW(window, GWLP_USERDATA) == dispatcher) {
            return id;
        }
    }
    return 0;
}

/* Qt calls this at the end of every QCoreApplication constructor, or on any thread at once if there is one when we come. */
static void application_created(void)
{
    const gy_qt_core *core = atomic_load(&qt);
    gy_qt_object *created = gy_qt_core_application(core);
    if (!created || atomic_load(&application) == created) {
        return;
    }
    gy_qt_thread *thread = core->thread_of(created);
    DWORD id = core->current_thread() == thread ? GetCurrentThreadId() : id_of(core, thread);
    /* Still under construction, on another thread: this is called again at the end of that. */
    if (id == 0 || atomic_exchange(&application, created) == created) {
        return;
    }
    atomic_store(&gui_thread, id);
    gy_window_set_thread(id);
    /* Whether or not anything of this library is in use then: a call that comes later has to be refused. */
    quit = gy_qt_core_connect(core, created, core->about_to_quit, core->application_meta, &quit_slot, on_about_to_quit);
    core->add_post_routine(application_gone);
    callbacks->application();
}

static void on_qt_loaded(void);

/* Any thread. */
static bool meet_qt(void)
{
    if (atomic_load_explicit(&qt, memory_order_acquire)) {
        return true;
    }
    const gy_qt_core *core = gy_qt_core_find(), *none = NULL;
    if (!core) {
        gy_module_await(L"Qt", on_qt_loaded);
        core = gy_qt_core_find(); /* it may have come in between */
    }
    if (core && atomic_compare_exchange_strong(&qt, &none, core)) {
        gy_module_await(NULL, NULL);
        core->add_pre_routine(application_created);
        application_created(); /* one that was made while this was being registered */
    }
    return core != NULL;
}

static void on_qt_loaded(void)
{
    meet_qt();
}

void gy_qt_init(const gy_qt_callbacks *wanted)
{
    callbacks = wanted;
    gy_window_handle(GY_MESSAGE_WAKE, on_wake);
    gy_window_handle(GY_MESSAGE_CALL, on_call);
    gy_window_handle(GY_MESSAGE_AGAIN, on_again);
    gy_window_handle(GY_MESSAGE_TICK, on_tick);
}

/* ---- Any thread ---- */

bool gy_qt_has_application(void)
{
    if (!meet_qt()) {
        return false;
    }
    /* One that could not be told from another thread while it was being constructed. */
    if (!atomic_load(&application) && gy_qt_core_application(atomic_load(&qt))) {
        application_created();
    }
    return atomic_load(&application) != NULL;
}

uintptr_t gy_qt_gui_thread(void)
{
    return gy_qt_has_application() ? atomic_load(&gui_thread) : 0;
}

bool gy_qt_on_gui_thread(void)
{
    return gy_qt_gui_thread() == GetCurrentThreadId();
}

bool gy_qt_wake(void)
{
    if (!gy_qt_has_application()) {
        return false;
    }
    return gy_window_post(GY_MESSAGE_WAKE);
}

int gy_qt_post(void (*function)(void *), void (*dropped)(void *), void *data, bool survives_quit)
{
    if (!gy_qt_has_application()) {
        return GILYIELD_E_NO_APPLICATION;
    }
    call *made = malloc(sizeof *made);
    if (!made) {
        return GILYIELD_E_NO_MEMORY;
    }
    *made = (call){NULL, function, dropped, data, survives_quit};
    lock_calls();
    bool refused = !atomic_load(&application) || (!survives_quit && has_quit);
    if (!refused) {
        *last_call = made;
        last_call = &made->next;
    }
    unlock_calls();
    if (refused) {
        free(made);
        return GILYIELD_E_NO_APPLICATION;
    }
    gy_window_post(GY_MESSAGE_CALL);
    return 0;
}

const char *gy_qt_version(void)
{
    return meet_qt() ? atomic_load(&qt)->version() : "";
}

const void *gy_qt_core_address(void)
{
    return meet_qt() ? atomic_load(&qt)->self : NULL;
}

/* ---- GUI thread ---- */

static VOID CALLBACK on_timer(PVOID data, BOOLEAN fired)
{
    (void)data;
    (void)fired;
    gy_window_post(GY_MESSAGE_TICK);
}

/* Not a timer of the window: Windows sends those only when nothing else is there, and a loop that is busy has always something.
 */
void gy_qt_start_timer(int ms, bool coarse)
{
    (void)coarse;
    gy_qt_stop_timer();
    if (!CreateTimerQueueTimer(&timer, NULL, on_timer, NULL, (DWORD)ms, (DWORD)ms, WT_EXECUTEINTIMERTHREAD)) {
        timer = NULL;
    }
}

void gy_qt_stop_timer(void)
{
    if (timer) {
        DeleteTimerQueueTimer(NULL, timer, NULL); /* one that is just under way posts a tick too many */
        timer = NULL;
    }
}

void gy_qt_watch_loop(bool turns)
{
    const gy_qt_core *core = atomic_load(&qt);
    if (!turns) {
        gy_qt_core_disconnect(core, &about_to_block);
        gy_qt_core_disconnect(core, &awake);
        return;
    }
    gy_qt_object *dispatcher = core->dispatcher_of(NULL);
    if (!about_to_block.d && dispatcher) {
        about_to_block = gy_qt_core_connect(core, dispatcher, core->about_to_block, core->dispatcher_meta, &about_to_block_slot,
                                            on_about_to_block);
        awake = gy_qt_core_connect(core, dispatcher, core->awake, core->dispatcher_meta, &awake_slot, on_awake);
    }
}

const char *gy_qt_dispatcher(void)
{
    const gy_qt_core *core = atomic_load(&qt);
    gy_qt_object *dispatcher = core->dispatcher_of(NULL);
    return dispatcher ? gy_qt_core_class(core, dispatcher) : "";
}

bool gy_qt_dispatcher_inherits(const char *class_name)
{
    const gy_qt_core *core = atomic_load(&qt);
    gy_qt_object *dispatcher = core->dispatcher_of(NULL);
    return dispatcher && core->inherits(dispatcher, class_name);
}

int gy_qt_loop_level(void)
{
    const gy_qt_core *core = atomic_load(&qt);
    return core->loop_level(core->current_thread());
}

void gy_qt_release(void)
{
    gy_qt_stop_timer();
    gy_qt_watch_loop(false);
    lock_calls();
    bool needed = first_call != NULL || has_quit; /* which the window has to notice the end of */
    unlock_calls();
    if (!needed) {
        gy_window_close();
        lock_calls();
        needed = first_call != NULL; /* posted meanwhile, to the window that was */
        unlock_calls();
        if (needed) {
            gy_window_post(GY_MESSAGE_CALL);
        }
    }
}

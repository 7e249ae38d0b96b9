/* SPDX-License-Identifier: MIT */
/*
 * One posted event that brings the GUI thread into Python: what gilyield.gui stands on.
 *
 * The queue of calls is Python's. Here is a bell: gui_wake() posts an event unless one is on its way, and the event calls back
 * into Python, which empties the queue. So the cost of an event is shared by all calls that are queued while it travels, and
 * "post unless posted" is one step that no exception and no switch of threads can cut in two.
 *
 * The event arrives with the GIL in whatever state the host keeps it. PyGILState_Ensure() copes with each: it always means the
 * main interpreter, which is why only that one may open the bell. Its limit is CPython's own: up to 3.11 it would wait for ever
 * if this thread had the GIL by a thread state of a sub-interpreter, that is if a script in a sub-interpreter ran an event loop
 * on the GUI thread.
 */
#define Py_LIMITED_API 0x03080000
#define PY_SSIZE_T_CLEAN
#include "post.h"
#include "py_symbol.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

/* The attached shim. Set once, under the GIL. */
static gilyield_py_post_or_drop *shim_post;
static gilyield_py_gui_thread_id *shim_gui_thread;
static gilyield_py_loop_level *shim_loop_level;

/* What the event calls. Owned, protected by the GIL; NULL while closed. */
static PyObject *run_handler, *drop_handler;

/* Read without the GIL by an event that arrives after Python has ended. */
static atomic_bool is_open;

/* An event is on its way. */
static atomic_bool posted;

/* Events that are being handled, one inside the other. GUI thread only. */
static int nesting;

void gilyield_py_post_attach(gilyield_py_post_or_drop *post_or_drop, gilyield_py_gui_thread_id *gui_thread,
                             gilyield_py_loop_level *loop_level)
{
    shim_post = post_or_drop;
    shim_gui_thread = gui_thread;
    shim_loop_level = loop_level;
}

/*
 * Calls without the trace function of this thread, from CPython 3.11 on (bpo-43760). KLayout's, which is there while its macro
 * window is open, raises SystemExit in all Python code that KLayout itself has not begun.
 */
static PyObject *call_untraced(PyObject *function, PyObject *args)
{
    void (*enter)(PyThreadState *) = NULL, (*leave)(PyThreadState *) = NULL;
    void *symbol = gilyield_py_symbol("PyThreadState_EnterTracing");
    memcpy(&enter, &symbol, sizeof symbol);
    symbol = gilyield_py_symbol("PyThreadState_LeaveTracing");
    memcpy(&leave, &symbol, sizeof symbol);
    if (enter == NULL || leave == NULL) {
        return NULL;
    }
    PyErr_Clear();
    PyThreadState *self = PyThreadState_Get();
    enter(self);
    PyObject *result = PyObject_CallObject(function, args);
    leave(self);
    return result;
}

static int ring(void);
static void ring_in(int ms);

/*
 * What failed is no call of the queue's, which reports its own, but the function that empties it. The queue is as it was.
 * Returns whether to try again at once.
 */
static bool report(PyObject *function)
{
    if (PyErr_ExceptionMatches(PyExc_RecursionError)) {
        /* This thread's stack is full of somebody's calls, which run an event loop. Later there is room. */
        PyErr_Clear();
        ring_in(50);
        return false;
    }
    bool refused = PyErr_ExceptionMatches(PyExc_SystemExit); /* by a trace function, see call_untraced() */
    PyErr_WriteUnraisable(function);
    if (refused) {
        ring_in(1000);
    }
    return !refused;
}

/* args: a tuple or NULL. GIL held. */
static void call_handler(PyObject *function, PyObject *args)
{
    PyObject *result = PyObject_CallObject(function, args);
    if (result == NULL && PyErr_ExceptionMatches(PyExc_SystemExit)) {
        result = call_untraced(function, args);
    }
    /* A signal's exception, say Ctrl-C's, may hit before the queue is empty. Who waits there is not to wait for the next event.
     */
    for (int again = 0; result == NULL && report(function) && again < 3; again++) {
        result = PyObject_CallObject(function, args);
    }
    Py_XDECREF(result);
}

/* GUI thread, with or without the GIL. */
static void call_python(PyObject **handler, bool counted)
{
    PyObject *type, *value, *traceback, *function;
    if (!atomic_load(&is_open) || !Py_IsInitialized()) {
        return;
    }
    PyGILState_STATE state = PyGILState_Ensure();
    /* The host may be in the middle of one. */
    PyErr_Fetch(&type, &value, &traceback);
    function = *handler;
    if (function != NULL) {
        PyObject *args = counted ? Py_BuildValue("(i)", ++nesting) : NULL;
        Py_INCREF(function);
        call_handler(function, args);
        Py_DECREF(function);
        Py_XDECREF(args);
        if (counted) {
            nesting--;
        }
    }
    PyErr_Restore(type, value, traceback);
    PyGILState_Release(state);
}

static void run(void *data)
{
    (void)data;
    /* Before the queue is looked at: what is queued from now on wants an event of its own. */
    atomic_store(&posted, false);
    call_python(&run_handler, true);
}

static void dropped(void *data)
{
    (void)data;
    atomic_store(&posted, false);
    call_python(&drop_handler, false);
}

/* Any thread, with or without the GIL. Returns 0 or an error of the C API. */
static int ring(void)
{
    int error = 0;
    if (!atomic_exchange(&posted, true)) {
        error = shim_post(run, dropped, NULL);
        if (error != 0) {
            atomic_store(&posted, false);
        }
    }
    return error;
}

/*
 * ---- The bell rings later. ----
 *
 * A thread of its own, without a thread state and so without the GIL, made when it is first needed: it sleeps until then. No
 * timer of Qt: with one, the queue would have to know Qt's thread and its event dispatcher.
 */

static PyThread_type_lock sleeper;   /* released to wake the thread. Set once, under the GIL. */
static atomic_bool sleeper_released; /* so that it is released once only */
static atomic_int sleep_ms;          /* 0: until it is woken */

static void sleep_and_ring(void *data)
{
    (void)data;
    for (;;) {
        int ms = atomic_load(&sleep_ms);
        if (PyThread_acquire_lock_timed(sleeper, ms == 0 ? -1 : 1000LL * ms, 0) == PY_LOCK_ACQUIRED) {
            atomic_store(&sleeper_released, false);
        } else if (atomic_compare_exchange_strong(&sleep_ms, &ms, 0) && atomic_load(&is_open)) {
            ring();
        }
    }
}

/* Rings after that time, which replaces the one of an earlier call. GIL held. */
static void ring_in(int ms)
{
    if (sleeper == NULL) {
        PyThread_type_lock made = PyThread_allocate_lock();
        if (made == NULL || PyThread_acquire_lock(made, NOWAIT_LOCK) == 0) {
            return;
        }
        sleeper = made;
        if (PyThread_start_new_thread(sleep_and_ring, NULL) == (unsigned long)-1) {
            sleeper = NULL;
            PyThread_free_lock(made);
            return;
        }
    }
    atomic_store(&sleep_ms, ms);
    if (!atomic_exchange(&sleeper_released, true)) {
        PyThread_release_lock(sleeper);
    }
}

/* PyInterpreterState_Get() is not in the limited API of 3.8, and has another name there. */
int gilyield_py_in_main_interpreter(void)
{
    PyInterpreterState *(*get)(void) = NULL;
    int64_t (*id)(PyInterpreterState *) = NULL;
    void *symbol = gilyield_py_symbol("PyInterpreterState_Get");
    if (symbol == NULL) {
        symbol = gilyield_py_symbol("_PyInterpreterState_Get");
    }
    memcpy(&get, &symbol, sizeof symbol);
    symbol = gilyield_py_symbol("PyInterpreterState_GetID");
    memcpy(&id, &symbol, sizeof symbol);
    return get == NULL || id == NULL || id(get()) == 0;
}

const char gilyield_py_gui_open_doc[] =
    "gui_open($module, run, dropped, /)\n--\n\n"
    "From now on gui_wake() makes the GUI thread call run(n), or dropped() if the application goes away before. n: how many\n"
    "such calls are made one inside the other. Return False, and do nothing, in a sub-interpreter.";

PyObject *gilyield_py_gui_open(PyObject *module, PyObject *args)
{
    PyObject *new_run, *new_dropped, *old_run = run_handler, *old_drop = drop_handler;
    (void)module;
    if (!PyArg_ParseTuple(args, "OO:gui_open", &new_run, &new_dropped)) {
        return NULL;
    }
    if (!gilyield_py_in_main_interpreter()) {
        Py_RETURN_FALSE;
    }
    Py_INCREF(new_run);
    Py_INCREF(new_dropped);
    run_handler = new_run;
    drop_handler = new_dropped;
    atomic_store(&posted, false);
    atomic_store(&is_open, true);
    Py_XDECREF(old_run);
    Py_XDECREF(old_drop);
    Py_RETURN_TRUE;
}

const char gilyield_py_gui_close_doc[] = "gui_close($module, /)\n--\n\n"
                                         "The GUI thread calls nothing any more: an event on its way arrives in silence.";

PyObject *gilyield_py_gui_close(PyObject *module, PyObject *unused)
{
    PyObject *old_run = run_handler, *old_drop = drop_handler;
    (void)module;
    (void)unused;
    atomic_store(&is_open, false);
    run_handler = drop_handler = NULL;
    Py_XDECREF(old_run);
    Py_XDECREF(old_drop);
    Py_RETURN_NONE;
}

const char gilyield_py_gui_wake_doc[] =
    "gui_wake($module, /)\n--\n\n"
    "See to it that an event is on its way to the GUI thread. Return 0 or an error of the C API.";

PyObject *gilyield_py_gui_wake(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    return PyLong_FromLong(shim_post == NULL ? GILYIELD_E_NO_APPLICATION : ring());
}

const char gilyield_py_gui_wake_in_doc[] =
    "gui_wake_in($module, ms, /)\n--\n\n"
    "gui_wake() in so many milliseconds, 1 at least; this replaces what an earlier call has asked for.";

PyObject *gilyield_py_gui_wake_in(PyObject *module, PyObject *ms)
{
    long value = PyLong_AsLong(ms);
    (void)module;
    if (value == -1 && PyErr_Occurred() != NULL) {
        return NULL;
    }
    if (shim_post != NULL) {
        ring_in(value < 1 ? 1 : value > 1000000 ? 1000000 : (int)value);
    }
    Py_RETURN_NONE;
}

const char gilyield_py_gui_loop_level_doc[] = "gui_loop_level($module, /)\n--\n\n"
                                              "Return how many event loops run one inside the other. GUI thread.";

PyObject *gilyield_py_gui_loop_level(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    return PyLong_FromLong(shim_loop_level != NULL ? shim_loop_level() : 0);
}

const char gilyield_py_gui_thread_doc[] = "gui_thread($module, /)\n--\n\n"
                                          "Return threading.get_ident() of the GUI thread, 0 while it is not known.";

PyObject *gilyield_py_gui_thread(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    return PyLong_FromSize_t(shim_gui_thread != NULL ? shim_gui_thread() : 0);
}

const char gilyield_py_drop_shared_doc[] = "drop_shared($module, list, /)\n--\n\n"
                                           "Remove from the list what somebody else holds too. Nothing dies by that.";

/* In C, so that the other one cannot let go between the look and the removal. */
PyObject *gilyield_py_drop_shared(PyObject *module, PyObject *list)
{
    (void)module;
    for (Py_ssize_t i = PyList_Size(list) - 1; i >= 0; i--) {
        if (Py_REFCNT(PyList_GetItem(list, i)) > 1 && PyList_SetSlice(list, i, i + 1, NULL) != 0) {
            return NULL;
        }
    }
    if (PyErr_Occurred() != NULL) {
        return NULL;
    }
    Py_RETURN_NONE;
}

const char gilyield_py_unraisable_doc[] = "unraisable($module, exception, object, /)\n--\n\n"
                                          "Hand an exception to sys.unraisablehook.";

PyObject *gilyield_py_unraisable(PyObject *module, PyObject *args)
{
    PyObject *exception, *object, *type;
    (void)module;
    if (!PyArg_ParseTuple(args, "OO:unraisable", &exception, &object)) {
        return NULL;
    }
    type = (PyObject *)Py_TYPE(exception);
    Py_INCREF(type);
    Py_INCREF(exception);
    PyErr_Restore(type, exception, PyException_GetTraceback(exception));
    PyErr_WriteUnraisable(object);
    Py_RETURN_NONE;
}

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

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

/* The attached shim. Set once, under the GIL. */
static __typeof__(&gilyield_post_or_drop) shim_post;
static __typeof__(&gilyield_gui_thread) shim_gui_thread;

/* What the event calls. Owned, protected by the GIL; NULL while closed. */
static PyObject *run_handler, *drop_handler;

/* Read without the GIL by an event that arrives after Python has ended. */
static atomic_bool is_open;

/* An event is on its way. */
static atomic_bool posted;

void gilyield_py_post_attach(__typeof__(&gilyield_post_or_drop) post_or_drop, __typeof__(&gilyield_gui_thread) gui_thread)
{
    shim_post = post_or_drop;
    shim_gui_thread = gui_thread;
}

/*
 * Calls without the trace function of this thread, from CPython 3.11 on. KLayout's, which is there while its macro window is
 * open, raises SystemExit in all Python code that KLayout itself has not begun.
 */
static PyObject *call_untraced(PyObject *function)
{
    void (*enter)(PyThreadState *) = NULL, (*leave)(PyThreadState *) = NULL;
    void *symbol = dlsym(RTLD_DEFAULT, "PyThreadState_EnterTracing");
    memcpy(&enter, &symbol, sizeof symbol);
    symbol = dlsym(RTLD_DEFAULT, "PyThreadState_LeaveTracing");
    memcpy(&leave, &symbol, sizeof symbol);
    if (enter == NULL || leave == NULL)
        return NULL;
    PyErr_Clear();
    PyThreadState *self = PyThreadState_Get();
    enter(self);
    PyObject *result = PyObject_CallObject(function, NULL);
    leave(self);
    return result;
}

/* GUI thread, with or without the GIL. */
static void call_python(PyObject **handler)
{
    PyObject *type, *value, *traceback, *function, *result;
    if (!atomic_load(&is_open) || !Py_IsInitialized())
        return;
    PyGILState_STATE state = PyGILState_Ensure();
    /* The host may be in the middle of one. */
    PyErr_Fetch(&type, &value, &traceback);
    function = *handler;
    if (function != NULL) {
        Py_INCREF(function);
        result = PyObject_CallObject(function, NULL);
        if (result == NULL && PyErr_ExceptionMatches(PyExc_SystemExit))
            result = call_untraced(function);
        /* A signal's exception, say Ctrl-C's, may hit before the queue is empty. Who waits there is not to wait for the next
         * event. */
        for (int again = 0; result == NULL && again < 3 && !PyErr_ExceptionMatches(PyExc_SystemExit); again++) {
            PyErr_WriteUnraisable(function);
            result = PyObject_CallObject(function, NULL);
        }
        if (result == NULL)
            PyErr_WriteUnraisable(function);
        Py_XDECREF(result);
        Py_DECREF(function);
    }
    PyErr_Restore(type, value, traceback);
    PyGILState_Release(state);
}

static void run(void *data)
{
    (void)data;
    /* Before the queue is looked at: what is queued from now on wants an event of its own. */
    atomic_store(&posted, false);
    call_python(&run_handler);
}

static void dropped(void *data)
{
    (void)data;
    atomic_store(&posted, false);
    call_python(&drop_handler);
}

/* Not in the limited API of 3.8; under another name there. */
static int in_main_interpreter(void)
{
    PyInterpreterState *(*get)(void) = NULL;
    int64_t (*id)(PyInterpreterState *) = NULL;
    void *symbol = dlsym(RTLD_DEFAULT, "PyInterpreterState_Get");
    if (symbol == NULL)
        symbol = dlsym(RTLD_DEFAULT, "_PyInterpreterState_Get");
    memcpy(&get, &symbol, sizeof symbol);
    symbol = dlsym(RTLD_DEFAULT, "PyInterpreterState_GetID");
    memcpy(&id, &symbol, sizeof symbol);
    return get == NULL || id == NULL || id(get()) == 0;
}

const char gilyield_py_gui_open_doc[] =
    "gui_open($module, run, dropped, /)\n--\n\n"
    "From now on gui_wake() makes the GUI thread call run(), or dropped() if the application goes away before. Return\n"
    "False, and do nothing, in a sub-interpreter.";

PyObject *gilyield_py_gui_open(PyObject *module, PyObject *args)
{
    PyObject *new_run, *new_dropped, *old_run = run_handler, *old_drop = drop_handler;
    (void)module;
    if (!PyArg_ParseTuple(args, "OO:gui_open", &new_run, &new_dropped))
        return NULL;
    if (!in_main_interpreter())
        Py_RETURN_FALSE;
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
    int error = 0;
    (void)module;
    (void)unused;
    if (shim_post == NULL)
        return PyLong_FromLong(GILYIELD_E_NO_APPLICATION);
    if (!atomic_exchange(&posted, true)) {
        error = shim_post(run, dropped, NULL);
        if (error != 0)
            atomic_store(&posted, false);
    }
    return PyLong_FromLong(error);
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
        if (Py_REFCNT(PyList_GetItem(list, i)) > 1 && PyList_SetSlice(list, i, i + 1, NULL) != 0)
            return NULL;
    }
    if (PyErr_Occurred() != NULL)
        return NULL;
    Py_RETURN_NONE;
}

const char gilyield_py_unraisable_doc[] = "unraisable($module, exception, object, /)\n--\n\n"
                                          "Hand an exception to sys.unraisablehook.";

PyObject *gilyield_py_unraisable(PyObject *module, PyObject *args)
{
    PyObject *exception, *object, *type;
    (void)module;
    if (!PyArg_ParseTuple(args, "OO:unraisable", &exception, &object))
        return NULL;
    type = (PyObject *)Py_TYPE(exception);
    Py_INCREF(type);
    Py_INCREF(exception);
    PyErr_Restore(type, exception, PyException_GetTraceback(exception));
    PyErr_WriteUnraisable(object);
    Py_RETURN_NONE;
}

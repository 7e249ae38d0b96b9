/* SPDX-License-Identifier: MIT */
/*
 * The CPython boundary. Nothing here includes Python.h: the few functions needed are looked up in the running process, so that
 * one library serves every CPython from 3.8 on, whether it was there before us or not.
 *
 * "Does this OS thread hold the GIL?" has one right answer on all versions: the current thread state, read without checks, is the
 * one that PyGILState has for this OS thread. PyGILState_Check() alone is not usable: it says 1 for ever once a sub-interpreter
 * has existed, and 1 before initialisation (up to 3.13). Up to 3.11 the current thread state is that of the process-wide holder,
 * a thread that may be gone by now: it is compared, never dereferenced.
 */
#include "python/python.h"

#include "gilyield/gilyield.h"
#include "os/clock.h"
#include "os/log.h"
#include "os/module.h"
#include "os/peek.h"
#include "os/sync.h"
#include "preload/environment.h"
#include "python/python_find.h"
#include "python/python_path.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct PyObject PyObject;
typedef struct PyThreadState PyThreadState;
typedef struct PyInterpreterState PyInterpreterState;

/* The stable ABI's PyMethodDef. */
typedef struct method_def {
    const char *name;
    PyObject *(*function)(PyObject *self, PyObject *args);
    int flags;
    const char *doc;
} method_def;
enum { METH_NOARGS = 4 };

/* Functions of CPython: (member, return type, parameters, name, other name or NULL, needed). */
#define PYTHON_FUNCTIONS(X)                                                                                                      \
    X(is_initialized, int, (void), "Py_IsInitialized", NULL, true)                                                               \
    X(is_finalizing, int, (void), "Py_IsFinalizing", "_Py_IsFinalizing", true) /* public since 3.13 */                           \
    X(current, PyThreadState *, (void), "PyThreadState_GetUnchecked", "_PyThreadState_UncheckedGet",                             \
      true) /* public since 3.13 */                                                                                              \
    X(of_this_thread, PyThreadState *, (void), "PyGILState_GetThisThreadState", NULL, true)                                      \
    X(save, PyThreadState *, (void), "PyEval_SaveThread", NULL, true)                                                            \
    X(restore, void, (PyThreadState *), "PyEval_RestoreThread", NULL, true)                                                      \
    X(version, const char *, (void), "Py_GetVersion", NULL, true)                                                                \
    X(interpreter, PyInterpreterState *, (void), "PyInterpreterState_Get", "_PyInterpreterState_Get",                            \
      true) /* public since 3.9 */                                                                                               \
    X(main_interpreter, PyInterpreterState *, (void), "PyInterpreterState_Main", NULL, true)                                     \
    X(first_interpreter, PyInterpreterState *, (void), "PyInterpreterState_Head", NULL, true)                                    \
    X(next_interpreter, PyInterpreterState *, (PyInterpreterState *), "PyInterpreterState_Next", NULL, true)                     \
    X(first_thread, PyThreadState *, (PyInterpreterState *), "PyInterpreterState_ThreadHead", NULL, true)                        \
    X(next_thread, PyThreadState *, (PyThreadState *), "PyThreadState_Next", NULL, true)                                         \
    X(import, PyObject *, (const char *), "PyImport_ImportModule", NULL, true)                                                   \
    X(get_attribute, PyObject *, (PyObject *, const char *), "PyObject_GetAttrString", NULL, true)                               \
    X(call, PyObject *, (PyObject *, PyObject *), "PyObject_CallObject", NULL, true)                                             \
    X(new_tuple, PyObject *, (ptrdiff_t), "PyTuple_New", NULL, true)                                                             \
    X(set_item, int, (PyObject *, ptrdiff_t, PyObject *), "PyTuple_SetItem", NULL, true)                                         \
    X(new_function, PyObject *, (method_def *, PyObject *, PyObject *), "PyCFunction_NewEx", NULL, true)                         \
    X(new_float, PyObject *, (double), "PyFloat_FromDouble", NULL, true)                                                         \
    X(to_double, double, (PyObject *), "PyFloat_AsDouble", NULL, true)                                                           \
    X(sys_object, PyObject *, (const char *), "PySys_GetObject", NULL, true)                                                     \
    X(incref, void, (PyObject *), "Py_IncRef", NULL, true)                                                                       \
    X(decref, void, (PyObject *), "Py_DecRef", NULL, true)                                                                       \
    X(fetch_error, void, (PyObject **, PyObject **, PyObject **), "PyErr_Fetch", NULL, true)                                     \
    X(restore_error, void, (PyObject *, PyObject *, PyObject *), "PyErr_Restore", NULL, true)                                    \
    X(clear_error, void, (void), "PyErr_Clear", NULL, true)                                                                      \
    X(at_exit, int, (void (*)(void)), "Py_AtExit", NULL, true)                                                                   \
    X(call_later, int, (int (*)(void *), void *), "Py_AddPendingCall", NULL, true)                                               \
    X(new_text, PyObject *, (const char *), "PyUnicode_DecodeFSDefault", NULL, true)

/* All below: GUI thread only, but for `version_text` and `exiting`. */
static struct functions {
#define X(member, result, parameters, name, other, needed) result(*member) parameters;
    PYTHON_FUNCTIONS(X)
#undef X
    PyObject *none; /* the object itself: &_Py_NoneStruct */
} py;
static void *attached; /* the handle that `py` was filled from */
static bool exit_hooked;
static bool free_threaded;
static void (*exit_callback)(void);

static _Atomic(char *) version_text; /* published when complete, and never freed: callers keep it */
static atomic_bool exiting;          /* set by Python's atexit on whatever thread finalises */
static atomic_bool finalized;        /* set when finalisation is complete, likewise */
static atomic_bool away;             /* the GUI thread has given the GIL away. Set and cleared with the GIL */

static bool attach(void *handle)
{
    static const struct {
        size_t offset;
        const char *name, *other;
        bool needed;
    } rows[] = {
#define X(member, result, parameters, name, other, needed) {offsetof(struct functions, member), name, other, needed},
        PYTHON_FUNCTIONS(X)
#undef X
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        void *symbol = gy_module_symbol(handle, rows[i].name);
        if (!symbol && rows[i].other) {
            symbol = gy_module_symbol(handle, rows[i].other);
        }
        if (!symbol && rows[i].needed) {
            gy_log(GILYIELD_LOG_WARN, "the Python in this process has no %s; CPython 3.8 or later is needed; staying idle",
                   rows[i].name);
            return false;
        }
        memcpy((char *)&py + rows[i].offset, &symbol, sizeof symbol);
    }
    py.none = gy_module_symbol(handle, "_Py_NoneStruct");
    return true;
}

/* "3.11.2 (main, …" up to the blank. */
static void publish_version(const char *full)
{
    size_t length = strcspn(full, " ");
    const char *known = atomic_load(&version_text);
    if (known && strlen(known) == length && strncmp(known, full, length) == 0) {
        return;
    }
    char *text = malloc(length + 1);
    if (text) {
        memcpy(text, full, length);
        text[length] = '\0';
        atomic_store(&version_text, text);
        gy_log(GILYIELD_LOG_INFO, "found CPython %s", text);
    }
}

static void settle_path(void);

/* True when `py` is filled from an initialised CPython. */
static bool find(void)
{
    static void *refused;
    bool initialized = false;
    void *handle = gy_python_find(&initialized);
    if (!handle || !initialized || handle == refused) {
        return false;
    }
    if (handle != attached) {
        if (!attach(handle)) {
            refused = handle;
            return false;
        }
        attached = handle;
        exit_hooked = false;
        const char *version = py.version();
        free_threaded = strstr(version, "free-threading") != NULL;
        publish_version(version);
        settle_path();
    }
    return true;
}

static PyObject *exit_function(PyObject *self, PyObject *args)
{
    (void)self;
    (void)args;
    atomic_store(&exiting, true);
    if (exit_callback) {
        exit_callback();
    }
    /* CPython ends other threads that come for the GIL from now on, so the GUI thread has it back before. */
    while (atomic_load(&away)) {
        void *state = py.save();
        gy_clock_monotonic.sleep(GY_NS_PER_MS);
        py.restore(state);
    }
    py.incref(py.none);
    return py.none;
}

/* An interpreter initialised after this starts afresh: with an atexit of its own, and maybe from another library. */
static void on_finalized(void)
{
    atomic_store(&finalized, true);
}

static void drop(PyObject *reference)
{
    if (reference) {
        py.decref(reference);
    }
}

/* function(argument); the reference to `argument` is taken over. New reference or NULL with an exception set. */
static PyObject *call_with(PyObject *function, PyObject *argument)
{
    PyObject *args = argument ? py.new_tuple(1) : NULL;
    if (!args) {
        if (argument) {
            py.decref(argument);
        }
        return NULL;
    }
    py.set_item(args, 0, argument);
    PyObject *result = py.call(function, args);
    py.decref(args);
    return result;
}

/* atexit.register(exit_function), with an exception that is pending now left alone. Needs the GIL. */
static void hook_exit(void)
{
    static method_def definition = {"gilyield_stop", exit_function, METH_NOARGS, NULL};
    PyObject *type, *value, *traceback;
    py.fetch_error(&type, &value, &traceback);
    PyObject *module = py.import("atexit");
    PyObject *function = module ? py.get_attribute(module, "register") : NULL;
    PyObject *result = function && py.none ? call_with(function, py.new_function(&definition, NULL, NULL)) : NULL;
    py.clear_error();
    if (py.at_exit(on_finalized) != 0 || !result) {
        gy_log(GILYIELD_LOG_WARN, "cannot register with Python's atexit; will stop when finalisation is seen");
    }
    drop(result);
    drop(function);
    drop(module);
    py.restore_error(type, value, traceback);
}

/* os.environ[name] = getenv(name), or del os.environ[name]. A pending call: Python's main thread, with the GIL. */
static int copy_variable(void *name)
{
    const char *value = getenv(name);
    PyObject *os = py.import("os");
    PyObject *environment = os ? py.get_attribute(os, "environ") : NULL;
    PyObject *method = environment ? py.get_attribute(environment, value ? "__setitem__" : "pop") : NULL;
    PyObject *args = method ? py.new_tuple(2) : NULL;
    PyObject *key = args ? py.new_text(name) : NULL;
    PyObject *second = key && value ? py.new_text(value) : NULL;
    if (key && !value) {
        py.incref(py.none);
        second = py.none;
    }
    if (key) {
        py.set_item(args, 0, key);
    }
    if (second) {
        py.set_item(args, 1, second);
    }
    PyObject *result = second ? py.call(method, args) : NULL;
    py.clear_error();
    drop(result);
    drop(args);
    drop(method);
    drop(environment);
    drop(os);
    return 0;
}

void gy_python_copy_variable(const char *name)
{
    if ((attached || find()) && py.is_initialized() && !py.is_finalizing()) {
        py.call_later(copy_variable, (void *)(uintptr_t)name);
    }
}

/* sys.path.append(gy_python_path()), unless it is in there. Applications that clear PYTHONPATH have no other way to find us. */
static int append_path(void *unused)
{
    (void)unused;
    const char *path = gy_python_path();
    PyObject *list = *path ? py.sys_object("path") : NULL; /* borrowed */
    PyObject *counts = list ? py.get_attribute(list, "count") : NULL;
    PyObject *count = counts ? call_with(counts, py.new_text(path)) : NULL;
    PyObject *method = count && py.to_double(count) == 0.0 ? py.get_attribute(list, "append") : NULL;
    PyObject *result = method ? call_with(method, py.new_text(path)) : NULL;
    py.clear_error();
    drop(result);
    drop(method);
    drop(count);
    drop(counts);
    return 0;
}

/* A Python has been found: child processes need our directory on PYTHONPATH no more. The GIL may never be held here. */
static void settle_path(void)
{
    if (gy_environment_remove_python_path(gy_python_path())) {
        py.call_later(copy_variable, "PYTHONPATH");
    }
    py.call_later(append_path, NULL);
}

void gy_python_prepare_path(void)
{
    if (!attached && !find() && *gy_python_path()) {
        gy_environment_add_python_path(gy_python_path());
    }
}

/* Where a PyThreadState has its OS thread's identifier: the one word of our own state that is ours. 0: not known. GUI thread. */
static size_t thread_id_place(const PyThreadState *own)
{
    enum { BYTES = 320, WORDS = BYTES / sizeof(unsigned long) };
    static size_t place;
    unsigned long words[WORDS], me = (unsigned long)gy_thread_self();
    if (place == 0 && gy_peek(own, words, BYTES)) {
        for (size_t i = 0; i < WORDS; i++) {
            if (words[i] == me) {
                if (place != 0) {
                    place = 0;
                    break;
                }
                place = i;
            }
        }
    }
    return place;
}

/*
 * Up to 3.11 PyGILState knows one state per OS thread, that of the main interpreter. Inside a sub-interpreter (TeXworks runs each
 * script in one) the GUI thread's current state is another, which has our thread's identifier in the same place. A state of
 * another thread may vanish while we look, so what is found is trusted only if it is found twice and is the current one after
 * each look.
 */
static bool is_mine_in_sub_interpreter(const PyThreadState *current)
{
    PyThreadState *own = py.of_this_thread();
    size_t place = own && py.next_interpreter(py.first_interpreter()) ? thread_id_place(own) : 0;
    if (place == 0) {
        return false;
    }
    for (int look = 0; look < 2; look++) {
        unsigned long word;
        if (!gy_peek((const char *)current + place * sizeof word, &word, sizeof word) ||
            word != (unsigned long)gy_thread_self() || py.current() != current) {
            return false;
        }
    }
    return true;
}

static gy_gil process_gil(void)
{
    if (atomic_load_explicit(&finalized, memory_order_relaxed)) {
        atomic_store(&finalized, false);
        atomic_store(&exiting, false);
        attached = NULL;
    }
    if (!attached && !find()) {
        return GY_GIL_NO_PYTHON;
    }
    if (!py.is_initialized() || py.is_finalizing() || atomic_load_explicit(&exiting, memory_order_relaxed)) {
        return GY_GIL_NO_PYTHON;
    }
    PyThreadState *current = py.current();
    if (!current || (current != py.of_this_thread() && !is_mine_in_sub_interpreter(current))) {
        return GY_GIL_NOT_HELD;
    }
    /* atexit is an interpreter's own: the main one's is the one that runs when the process ends. */
    if (!exit_hooked && py.interpreter() == py.main_interpreter()) {
        exit_hooked = true;
        hook_exit();
    }
    return GY_GIL_HELD;
}

static bool process_alone(void)
{
    PyInterpreterState *mine = py.interpreter();
    /* Another interpreter may have threads that cannot be told from the outside: taken as "not alone". */
    if (py.first_interpreter() != mine || py.next_interpreter(mine)) {
        return false;
    }
    /* New thread states are put in front, so only our own state's link is followed: others may vanish meanwhile. */
    PyThreadState *me = py.of_this_thread();
    return py.first_thread(mine) == me && !py.next_thread(me);
}

static void *process_release(void)
{
    int saved_errno = errno;
    atomic_store_explicit(&away, true, memory_order_relaxed);
    void *state = py.save();
    errno = saved_errno;
    return state;
}

static void process_reacquire(void *state)
{
    int saved_errno = errno;
    py.restore(state);
    atomic_store_explicit(&away, false, memory_order_relaxed);
    errno = saved_errno;
}

/* The switch interval goes through sys: the C functions behind it are not exported on every version. */
static double process_get_switch_interval(void)
{
    PyObject *type, *value, *traceback;
    py.fetch_error(&type, &value, &traceback);
    PyObject *function = py.sys_object("getswitchinterval");
    PyObject *result = function ? py.call(function, NULL) : NULL;
    double seconds = -1.0;
    if (result) {
        seconds = py.to_double(result);
        py.decref(result);
    }
    py.clear_error();
    py.restore_error(type, value, traceback);
    return seconds;
}

static void process_set_switch_interval(double seconds)
{
    PyObject *type, *value, *traceback;
    py.fetch_error(&type, &value, &traceback);
    PyObject *function = py.sys_object("setswitchinterval");
    PyObject *result = function ? call_with(function, py.new_float(seconds)) : NULL;
    if (result) {
        py.decref(result);
    }
    py.clear_error();
    py.restore_error(type, value, traceback);
}

const gy_python gy_python_process = {
    process_gil, process_alone, process_release, process_reacquire, process_get_switch_interval, process_set_switch_interval,
};

const char *gy_python_version(void)
{
    const char *text = atomic_load(&version_text);
    return text ? text : "";
}

const void *gy_python_code_address(void)
{
    const void *address = NULL;
    if (attached) {
        memcpy(&address, &py.save, sizeof address);
    }
    return address;
}

void *gy_python_symbol(const char *name)
{
    return attached ? gy_module_symbol(attached, name) : NULL;
}

bool gy_python_free_threaded(void)
{
    return free_threaded;
}

void gy_python_set_exit_callback(void (*callback)(void))
{
    exit_callback = callback;
}

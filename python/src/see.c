/* SPDX-License-Identifier: MIT */
/*
 * Stall reports, the threads' accounts and the timeline, as dicts. Every function is called with the GIL held but the report's
 * callback, which comes on a thread of the shim's own and takes the GIL for the time of the call.
 */
#define Py_LIMITED_API 0x03080000
#define PY_SSIZE_T_CLEAN
#include "see.h"
#include "post.h"

#include <errno.h>
#include <stdlib.h>

enum { MOST_STALLS = 10, MOST_THREADS = 512 };

/* The attached shim. Set once, under the GIL. */
static shim the_shim;
static int attached;

/* What is called for each stall. Owned, protected by the GIL; NULL: nothing. */
static PyObject *on_stall;

void gilyield_py_see_attach(const shim *found)
{
    the_shim = *found;
    attached = 1;
}

/* Raises gilyield.Error. Returns NULL. */
static PyObject *set_error(PyObject *module, const char *sentence)
{
    PyObject *error = PyObject_GetAttrString(module, "Error");
    if (error != NULL) {
        PyErr_SetString(error, sentence);
        Py_DECREF(error);
    }
    return NULL;
}

static int require_shim(PyObject *module)
{
    if (!attached) {
        set_error(module, "no gilyield library is attached: call attach() first");
    }
    return attached;
}

/* The error code as an int; where a file cannot be written, OSError with the reason that errno has. */
static PyObject *result_of(int error, int reason)
{
    if (error == GILYIELD_E_FILE) {
        errno = reason;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyLong_FromLong(error);
}

static int put(PyObject *dict, const char *name, PyObject *value)
{
    int error = value == NULL || PyDict_SetItemString(dict, name, value) != 0;
    Py_XDECREF(value);
    return error;
}

static PyObject *as_text(const char *text)
{
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace");
}

static PyObject *stall_as_dict(const gilyield_stall *stall)
{
    static const char *const kinds[] = {
        [GILYIELD_STALL_PYTHON] = "python",
        [GILYIELD_STALL_NATIVE] = "native",
        [GILYIELD_STALL_GIL] = "gil",
        [GILYIELD_STALL_LOCK] = "lock",
    };
    PyObject *dict = PyDict_New();
    if (dict == NULL) {
        return NULL;
    }
    if (put(dict, "kind", as_text(kinds[stall->kind])) || put(dict, "file", as_text(stall->file)) ||
        put(dict, "line", PyLong_FromLong(stall->line)) || put(dict, "function", as_text(stall->function)) ||
        put(dict, "thread", as_text(stall->thread)) || put(dict, "native", as_text(stall->native)) ||
        put(dict, "ns", PyLong_FromUnsignedLongLong(stall->ns)) ||
        put(dict, "count", PyLong_FromUnsignedLongLong(stall->count)) ||
        put(dict, "total_ns", PyLong_FromUnsignedLongLong(stall->total_ns)) ||
        put(dict, "longest_ns", PyLong_FromUnsignedLongLong(stall->longest_ns)) || put(dict, "text", as_text(stall->text))) {
        Py_CLEAR(dict);
    }
    return dict;
}

/* On the shim's thread, without the GIL. */
static void call_on_stall(const gilyield_stall *stall, void *data)
{
    (void)data;
    if (!Py_IsInitialized()) {
        return;
    }
    PyGILState_STATE state = PyGILState_Ensure();
    PyObject *function = on_stall;
    if (function != NULL) {
        Py_INCREF(function);
        PyObject *dict = stall_as_dict(stall);
        PyObject *result = dict != NULL ? PyObject_CallFunctionObjArgs(function, dict, NULL) : NULL;
        if (result == NULL) {
            PyErr_WriteUnraisable(function);
        }
        Py_XDECREF(result);
        Py_XDECREF(dict);
        Py_DECREF(function);
    }
    PyGILState_Release(state);
}

const char gilyield_py_watch_doc[] =
    "watch($module, threshold_ms, file, on_stall, /)\n--\n\n"
    "Report when the GUI thread is late. `file` is a path or None, `on_stall` is called with a dict, or None. Return "
    "an error code, or raise OSError.";

PyObject *gilyield_py_watch(PyObject *module, PyObject *args)
{
    int threshold_ms;
    PyObject *file, *function, *path = NULL;
    if (!require_shim(module) || !PyArg_ParseTuple(args, "iOO:watch", &threshold_ms, &file, &function) ||
        (file != Py_None && !PyUnicode_FSConverter(file, &path))) {
        return NULL;
    }
    if (function != Py_None && !gilyield_py_in_main_interpreter()) {
        Py_XDECREF(path);
        return set_error(module, "on_stall works in Python's main interpreter, and this is a sub-interpreter");
    }
    gilyield_watch_options options = {
        .size = sizeof options,
        .threshold_ms = threshold_ms,
        .file = path != NULL ? PyBytes_AsString(path) : NULL,
        .on_stall = function != Py_None ? call_on_stall : NULL,
    };
    PyObject *before = on_stall;
    on_stall = function != Py_None ? function : NULL;
    Py_XINCREF(on_stall);
    int error = the_shim.watch(&options), reason = errno;
    Py_XDECREF(path);
    if (error != 0) {
        PyObject *refused = on_stall;
        on_stall = before;
        before = refused;
    }
    Py_XDECREF(before);
    return result_of(error, reason);
}

const char gilyield_py_unwatch_doc[] = "unwatch($module, /)\n--\n\nReport no more.";

PyObject *gilyield_py_unwatch(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    if (attached) {
        the_shim.unwatch();
    }
    Py_CLEAR(on_stall);
    Py_RETURN_NONE;
}

/* [as_dict(item) for item in items], whose first `count` are `size` bytes apart. */
static PyObject *as_list(const char *items, size_t size, int count, PyObject *(*as_dict)(const void *))
{
    PyObject *list = PyList_New(0);
    for (int i = 0; list != NULL && i < count; i++) {
        PyObject *dict = as_dict(items + (size_t)i * size);
        if (dict == NULL || PyList_Append(list, dict) != 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(dict);
    }
    return list;
}

static PyObject *stall_item(const void *item)
{
    return stall_as_dict(item);
}

const char gilyield_py_stalls_doc[] = "stalls($module, /)\n--\n\nReturn the ten worst places as dicts.";

PyObject *gilyield_py_stalls(PyObject *module, PyObject *unused)
{
    (void)unused;
    if (!require_shim(module)) {
        return NULL;
    }
    gilyield_stall *stalls = calloc(MOST_STALLS, sizeof *stalls);
    if (stalls == NULL) {
        return PyErr_NoMemory();
    }
    int count = the_shim.get_stalls(stalls, sizeof *stalls, MOST_STALLS);
    PyObject *list = as_list((const char *)stalls, sizeof *stalls, count, stall_item);
    free(stalls);
    return list;
}

static PyObject *thread_item(const void *item)
{
    const gilyield_thread *thread = item;
    PyObject *dict = PyDict_New();
    if (dict == NULL) {
        return NULL;
    }
#define NUMBER(name) put(dict, #name, PyLong_FromUnsignedLongLong(thread->name))
#define FLAG(name)   put(dict, #name, PyBool_FromLong(thread->name))
    if (put(dict, "name", as_text(thread->name)) || put(dict, "ident", PyLong_FromUnsignedLongLong(thread->ident)) ||
        put(dict, "native_id", PyLong_FromLong(thread->native_id)) || FLAG(on_gui) || FLAG(holds) || FLAG(waits) ||
        FLAG(computes) || NUMBER(now_ns) || NUMBER(seen_ns) || NUMBER(held_ns) || NUMBER(waited_ns) || NUMBER(longest_hold_ns) ||
        NUMBER(longest_wait_ns) || NUMBER(takes) || put(dict, "waits_count", PyLong_FromUnsignedLongLong(thread->waits_count))) {
        Py_CLEAR(dict);
    }
#undef NUMBER
#undef FLAG
    return dict;
}

const char gilyield_py_threads_doc[] = "threads($module, /)\n--\n\nReturn the account of each thread as a dict.";

PyObject *gilyield_py_threads(PyObject *module, PyObject *unused)
{
    (void)unused;
    if (!require_shim(module)) {
        return NULL;
    }
    gilyield_thread *threads = calloc(MOST_THREADS, sizeof *threads);
    if (threads == NULL) {
        return PyErr_NoMemory();
    }
    int count = the_shim.get_threads(threads, sizeof *threads, MOST_THREADS);
    PyObject *list = as_list((const char *)threads, sizeof *threads, count, thread_item);
    free(threads);
    return list;
}

const char gilyield_py_trace_start_doc[] = "trace_start($module, /)\n--\n\nBegin to record.";

PyObject *gilyield_py_trace_start(PyObject *module, PyObject *unused)
{
    (void)unused;
    return require_shim(module) ? PyLong_FromLong(the_shim.trace_start()) : NULL;
}

const char gilyield_py_trace_stop_doc[] =
    "trace_stop($module, path, /)\n--\n\nEnd it and write what was recorded, unless path is None. Return an error code, or raise "
    "OSError.";

PyObject *gilyield_py_trace_stop(PyObject *module, PyObject *args)
{
    PyObject *file, *path = NULL;
    int error, reason;
    if (!require_shim(module) || !PyArg_ParseTuple(args, "O:trace_stop", &file) ||
        (file != Py_None && !PyUnicode_FSConverter(file, &path))) {
        return NULL;
    }
    const char *name = path != NULL ? PyBytes_AsString(path) : NULL;
    Py_BEGIN_ALLOW_THREADS;
    error = the_shim.trace_stop(name);
    reason = errno;
    Py_END_ALLOW_THREADS;
    Py_XDECREF(path);
    return result_of(error, reason);
}

/* SPDX-License-Identifier: MIT */
/* The frames of all threads, where CPython can be asked for them. */
#define Py_LIMITED_API 0x03080000
#include "frames.h"

#include "py_symbol.h"

#include <string.h>

enum { V3_12 = 0x030c0000 };

static long version_of_python(void)
{
    PyObject *version = PySys_GetObject("hexversion"); /* borrowed */
    return version != NULL ? PyLong_AsLong(version) : V3_12;
}

/*
 * From 3.12 on an interpreter may have a GIL of its own, and sys._current_frames() makes frame objects for the threads of all
 * interpreters while those run: they free them from another heap, and the process ends (seen in 3.12.1 and 3.13.0).
 */
static int there_is_one_interpreter(void)
{
    typedef void *(*head_function)(void);
    typedef void *(*next_function)(void *);
    head_function head = NULL;
    next_function next = NULL;
    void *symbol = gilyield_py_symbol("PyInterpreterState_Head");
    memcpy(&head, &symbol, sizeof head);
    symbol = gilyield_py_symbol("PyInterpreterState_Next");
    memcpy(&next, &symbol, sizeof next);
    return head != NULL && next != NULL && next(head()) == NULL;
}

/*
 * Up to 3.11 sys._current_frames() makes its objects with a lock of the runtime in its hands. They may set off a garbage
 * collection, in which Python code lets go of the GIL; and whoever then comes here waits for that lock with the GIL, for ever
 * (gh-106883).
 */
static PyObject *call_without_collection(PyObject *function)
{
    PyObject *gc = PyImport_ImportModule("gc");
    PyObject *enabled = gc != NULL ? PyObject_CallMethod(gc, "isenabled", NULL) : NULL;
    PyObject *done = enabled != NULL ? PyObject_CallMethod(gc, "disable", NULL) : NULL;
    PyObject *frames = done != NULL ? PyObject_CallObject(function, NULL) : NULL;
    if (done != NULL && PyObject_IsTrue(enabled) == 1) {
        PyObject *type, *value, *traceback;
        PyErr_Fetch(&type, &value, &traceback);
        Py_XDECREF(PyObject_CallMethod(gc, "enable", NULL));
        PyErr_Restore(type, value, traceback);
    }
    Py_XDECREF(done);
    Py_XDECREF(enabled);
    Py_XDECREF(gc);
    return frames;
}

const char gilyield_py_current_frames_doc[] =
    "current_frames($module, /)\n--\n\nAs sys._current_frames(), but {} where that may crash: "
    "from CPython 3.12 on while there is a second interpreter. Up to 3.11 no garbage is collected meanwhile.";

PyObject *gilyield_py_current_frames(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    PyObject *function = PySys_GetObject("_current_frames"); /* borrowed */
    if (function != NULL && version_of_python() < V3_12) {
        return call_without_collection(function);
    }
    return function != NULL && there_is_one_interpreter() ? PyObject_CallObject(function, NULL) : PyDict_New();
}

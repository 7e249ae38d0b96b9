/* SPDX-License-Identifier: MIT */
/* The frames of all threads, where CPython can be asked for them. */
#define Py_LIMITED_API 0x03080000
#include "frames.h"

#include "py_symbol.h"

#include <string.h>

/*
 * From 3.12 on an interpreter may have a GIL of its own, and sys._current_frames() makes frame objects for the threads of all
 * interpreters while those run: they free them from another heap, and the process ends (seen in 3.12.1 and 3.13.0).
 */
static int frames_are_safe(void)
{
    enum { FIRST_WITH_OWN_GIL = 0x030c0000 };
    typedef void *(*head_function)(void);
    typedef void *(*next_function)(void *);
    PyObject *version = PySys_GetObject("hexversion"); /* borrowed */
    if (version != NULL && PyLong_AsLong(version) < FIRST_WITH_OWN_GIL) {
        return 1;
    }
    head_function head = NULL;
    next_function next = NULL;
    void *symbol = gilyield_py_symbol("PyInterpreterState_Head");
    memcpy(&head, &symbol, sizeof head);
    symbol = gilyield_py_symbol("PyInterpreterState_Next");
    memcpy(&next, &symbol, sizeof next);
    return head != NULL && next != NULL && next(head()) == NULL;
}

const char gilyield_py_current_frames_doc[] =
    "current_frames($module, /)\n--\n\nAs sys._current_frames(), but {} where that may crash: "
    "from CPython 3.12 on while there is a second interpreter.";

PyObject *gilyield_py_current_frames(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    PyObject *function = PySys_GetObject("_current_frames"); /* borrowed */
    return function != NULL && frames_are_safe() ? PyObject_CallObject(function, NULL) : PyDict_New();
}

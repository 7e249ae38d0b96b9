/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_PYTHON_POST_H
#define GILYIELD_PYTHON_POST_H

#include <Python.h>

#include <gilyield/gilyield.h>

/* The functions of the shim that post.c uses. */
typedef int gilyield_py_post_or_drop(void (*function)(void *data), void (*dropped)(void *data), void *data);
typedef uintptr_t gilyield_py_gui_thread_id(void);
typedef int gilyield_py_loop_level(void);

/* Once, when a shim is attached. GIL held. */
void gilyield_py_post_attach(gilyield_py_post_or_drop *post_or_drop, gilyield_py_gui_thread_id *gui_thread,
                             gilyield_py_loop_level *loop_level);

/* Whether the caller runs in Python's main interpreter. GIL held. */
int gilyield_py_in_main_interpreter(void);

/* Methods of the module _gilyield. */
#define GILYIELD_PY_POST_METHODS                                                                                                 \
    {"gui_open", gilyield_py_gui_open, METH_VARARGS, gilyield_py_gui_open_doc},                                                  \
        {"gui_close", gilyield_py_gui_close, METH_NOARGS, gilyield_py_gui_close_doc},                                            \
        {"gui_wake", gilyield_py_gui_wake, METH_NOARGS, gilyield_py_gui_wake_doc},                                               \
        {"gui_wake_in", gilyield_py_gui_wake_in, METH_O, gilyield_py_gui_wake_in_doc},                                           \
        {"gui_loop_level", gilyield_py_gui_loop_level, METH_NOARGS, gilyield_py_gui_loop_level_doc},                             \
        {"gui_thread", gilyield_py_gui_thread, METH_NOARGS, gilyield_py_gui_thread_doc},                                         \
        {"drop_shared", gilyield_py_drop_shared, METH_O, gilyield_py_drop_shared_doc},                                           \
    {                                                                                                                            \
        "unraisable", gilyield_py_unraisable, METH_VARARGS, gilyield_py_unraisable_doc                                           \
    }

PyObject *gilyield_py_gui_open(PyObject *module, PyObject *args);
PyObject *gilyield_py_gui_close(PyObject *module, PyObject *unused);
PyObject *gilyield_py_gui_wake(PyObject *module, PyObject *unused);
PyObject *gilyield_py_gui_wake_in(PyObject *module, PyObject *ms);
PyObject *gilyield_py_gui_loop_level(PyObject *module, PyObject *unused);
PyObject *gilyield_py_gui_thread(PyObject *module, PyObject *unused);
PyObject *gilyield_py_drop_shared(PyObject *module, PyObject *list);
PyObject *gilyield_py_unraisable(PyObject *module, PyObject *args);

extern const char gilyield_py_gui_open_doc[], gilyield_py_gui_close_doc[], gilyield_py_gui_wake_doc[],
    gilyield_py_gui_wake_in_doc[], gilyield_py_gui_loop_level_doc[], gilyield_py_gui_thread_doc[], gilyield_py_drop_shared_doc[],
    gilyield_py_unraisable_doc[];

#endif

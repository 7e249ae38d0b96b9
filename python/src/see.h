/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_PYTHON_SEE_H
#define GILYIELD_PYTHON_SEE_H

#include <Python.h>

#include "find_shim.h"

/* The shim whose functions see.c uses; once, when it is attached. GIL held. */
void gilyield_py_see_attach(const shim *found);

/* Methods of the module _gilyield. Those that can fail return a gilyield_error, 0 for none. */
#define GILYIELD_PY_SEE_METHODS                                                                                                  \
    {"watch", gilyield_py_watch, METH_VARARGS, gilyield_py_watch_doc},                                                           \
        {"unwatch", gilyield_py_unwatch, METH_NOARGS, gilyield_py_unwatch_doc},                                                  \
        {"stalls", gilyield_py_stalls, METH_NOARGS, gilyield_py_stalls_doc},                                                     \
        {"threads", gilyield_py_threads, METH_NOARGS, gilyield_py_threads_doc},                                                  \
        {"trace_start", gilyield_py_trace_start, METH_NOARGS, gilyield_py_trace_start_doc},                                      \
    {                                                                                                                            \
        "trace_stop", gilyield_py_trace_stop, METH_VARARGS, gilyield_py_trace_stop_doc                                           \
    }

PyObject *gilyield_py_watch(PyObject *module, PyObject *args);
PyObject *gilyield_py_unwatch(PyObject *module, PyObject *unused);
PyObject *gilyield_py_stalls(PyObject *module, PyObject *unused);
PyObject *gilyield_py_threads(PyObject *module, PyObject *unused);
PyObject *gilyield_py_trace_start(PyObject *module, PyObject *unused);
PyObject *gilyield_py_trace_stop(PyObject *module, PyObject *args);

extern const char gilyield_py_watch_doc[], gilyield_py_unwatch_doc[], gilyield_py_stalls_doc[], gilyield_py_threads_doc[],
    gilyield_py_trace_start_doc[], gilyield_py_trace_stop_doc[];

#endif

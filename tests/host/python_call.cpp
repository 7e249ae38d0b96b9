/* SPDX-License-Identifier: MIT */
#include "python_call.h"

#include "clock.h"

std::atomic<int> pythonErrors{0};

void reportPythonError(PyObject *where)
{
    ++pythonErrors;
    /* PyErr_Print() ends the process on SystemExit, and that is not for a callback to decide. */
    if (PyErr_ExceptionMatches(PyExc_SystemExit)) {
        PyErr_WriteUnraisable(where);
    } else {
        PyErr_Print();
    }
}

PyCallable::PyCallable(PyObject *callable) : object(callable)
{
    Py_INCREF(object);
}

PyCallable::~PyCallable()
{
    /* After Py_Finalize() the object is gone with its interpreter. */
    if (!Py_IsInitialized()) {
        return;
    }
    const PyGILState_STATE state = PyGILState_Ensure();
    Py_DECREF(object);
    PyGILState_Release(state);
}

bool PyCallable::call(int64_t *enteredNs)
{
    const PyGILState_STATE state = PyGILState_Ensure();
    if (enteredNs) {
        *enteredNs = monotonicNs();
    }
    PyObject *result = PyObject_CallObject(object, nullptr);
    const bool ok = result != nullptr;
    if (!ok) {
        reportPythonError(object);
    }
    Py_XDECREF(result);
    PyGILState_Release(state);
    return ok;
}

bool toCallback(PyObject *object, Callback *callback)
{
    callback->reset();
    if (!object || object == Py_None) {
        return true;
    }
    if (!PyCallable_Check(object)) {
        PyErr_Format(PyExc_TypeError, "a callable is wanted, not %.100s", Py_TYPE(object)->tp_name);
        return false;
    }
    *callback = std::make_shared<PyCallable>(object);
    return true;
}

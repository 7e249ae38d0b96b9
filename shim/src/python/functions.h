/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_FUNCTIONS_H
#define GILYIELD_FUNCTIONS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The functions of CPython that the shim calls. Nothing here includes Python.h: they are looked up in the running process, so
 * that one library serves every CPython from 3.8 on, whether it was there before us or not.
 *
 * What differs between versions, and is minded in this folder:
 *
 *   up to 3.8    PyInterpreterState_Get has an underscore in front.
 *   up to 3.11   PyGILState knows one thread state for each OS thread, that of the main interpreter: inside a sub-interpreter our
 *                own is another (gh-59956). See subinterpreter.c.
 *   up to 3.11   The current thread state is that of the process-wide holder of the GIL, not of this thread (3.12, gh-99113: own
 *                GILs). It may be gone at any time: it is compared, never dereferenced.
 *   up to 3.12   Py_IsFinalizing has an underscore in front (gh-108014).
 *   up to 3.12   PyThreadState_GetUnchecked is called _PyThreadState_UncheckedGet (gh-108867).
 *   up to 3.13   PyGILState_Check() says 1 before initialisation; on all versions it says 1 for ever once a sub-interpreter has
 *                existed (gh-59956). It is not used.
 *   up to 3.13   A thread that wants the GIL while another finalises is ended, later it hangs (gh-87135): the GUI thread has it
 *                back before. See exit.c.
 *   all          The functions behind sys.setswitchinterval() are exported on some versions only: it is called by way of sys.
 *   3.13t on     Without a GIL (PEP 703), "free-threading" is in the version's text.
 */

typedef struct PyObject PyObject;
typedef struct PyThreadState PyThreadState;
typedef struct PyInterpreterState PyInterpreterState;

/* The stable ABI's PyMethodDef. */
typedef struct gy_method_def {
    const char *name;
    PyObject *(*function)(PyObject *self, PyObject *args);
    int flags;
    const char *doc;
} gy_method_def;
enum { METH_NOARGS = 4 };

/* (member, return type, parameters, name, name on older versions or NULL) */
#define GY_PYTHON_FUNCTIONS(X)                                                                                                   \
    X(is_initialized, int, (void), "Py_IsInitialized", NULL)                                                                     \
    X(is_finalizing, int, (void), "Py_IsFinalizing", "_Py_IsFinalizing")                                                         \
    X(current, PyThreadState *, (void), "PyThreadState_GetUnchecked", "_PyThreadState_UncheckedGet")                             \
    X(of_this_thread, PyThreadState *, (void), "PyGILState_GetThisThreadState", NULL)                                            \
    X(save, PyThreadState *, (void), "PyEval_SaveThread", NULL)                                                                  \
    X(restore, void, (PyThreadState *), "PyEval_RestoreThread", NULL)                                                            \
    X(version, const char *, (void), "Py_GetVersion", NULL)                                                                      \
    X(interpreter, PyInterpreterState *, (void), "PyInterpreterState_Get", "_PyInterpreterState_Get")                            \
    X(main_interpreter, PyInterpreterState *, (void), "PyInterpreterState_Main", NULL)                                           \
    X(first_interpreter, PyInterpreterState *, (void), "PyInterpreterState_Head", NULL)                                          \
    X(next_interpreter, PyInterpreterState *, (PyInterpreterState *), "PyInterpreterState_Next", NULL)                           \
    X(first_thread, PyThreadState *, (PyInterpreterState *), "PyInterpreterState_ThreadHead", NULL)                              \
    X(next_thread, PyThreadState *, (PyThreadState *), "PyThreadState_Next", NULL)                                               \
    X(import, PyObject *, (const char *), "PyImport_ImportModule", NULL)                                                         \
    X(get_attribute, PyObject *, (PyObject *, const char *), "PyObject_GetAttrString", NULL)                                     \
    X(call, PyObject *, (PyObject *, PyObject *), "PyObject_CallObject", NULL)                                                   \
    X(new_tuple, PyObject *, (ptrdiff_t), "PyTuple_New", NULL)                                                                   \
    X(set_item, int, (PyObject *, ptrdiff_t, PyObject *), "PyTuple_SetItem", NULL)                                               \
    X(new_function, PyObject *, (gy_method_def *, PyObject *, PyObject *), "PyCFunction_NewEx", NULL)                            \
    X(new_float, PyObject *, (double), "PyFloat_FromDouble", NULL)                                                               \
    X(to_double, double, (PyObject *), "PyFloat_AsDouble", NULL)                                                                 \
    X(sys_object, PyObject *, (const char *), "PySys_GetObject", NULL)                                                           \
    X(incref, void, (PyObject *), "Py_IncRef", NULL)                                                                             \
    X(decref, void, (PyObject *), "Py_DecRef", NULL)                                                                             \
    X(fetch_error, void, (PyObject **, PyObject **, PyObject **), "PyErr_Fetch", NULL)                                           \
    X(restore_error, void, (PyObject *, PyObject *, PyObject *), "PyErr_Restore", NULL)                                          \
    X(clear_error, void, (void), "PyErr_Clear", NULL)                                                                            \
    X(at_exit, int, (void (*)(void)), "Py_AtExit", NULL)                                                                         \
    X(call_later, int, (int (*)(void *), void *), "Py_AddPendingCall", NULL)                                                     \
    X(new_text, PyObject *, (const char *), "PyUnicode_DecodeFSDefault", NULL)                                                   \
    X(globals, PyObject *, (void), "PyEval_GetGlobals", NULL)                                                                    \
    X(dictionary, PyObject *, (PyObject *), "PyModule_GetDict", NULL)                                                            \
    X(item, PyObject *, (PyObject *, const char *), "PyDict_GetItemString", NULL)

typedef struct gy_python_functions {
#define X(member, result, parameters, name, older) result(*member) parameters;
    GY_PYTHON_FUNCTIONS(X)
#undef X
    PyObject *none; /* the object itself: &_Py_NoneStruct */
} gy_python_functions;

/* GUI thread only, as all here. */
extern gy_python_functions gy_py;

/* True when `gy_py` is filled from an initialised CPython; looks for one unless it is. With or without the GIL. */
bool gy_functions_find(void);

/* The dlopen handle of that CPython; NULL while there is none. */
void *gy_functions_handle(void);

/* The 13 of CPython 3.13. After gy_functions_find(). */
long gy_functions_minor(void);

/* The CPython that was found has ended: look anew next time. */
void gy_functions_forget(void);

/* ---- A little more than one function. With the GIL. ---- */

/* Py_DecRef() unless NULL. */
void gy_py_drop(PyObject *reference);

/* function(argument); the reference to `argument` is taken over. New reference, or NULL with an exception set. */
PyObject *gy_py_call_with(PyObject *function, PyObject *argument);

#endif

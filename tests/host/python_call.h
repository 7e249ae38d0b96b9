/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_TESTHOST_PYTHON_CALL_H
#define GILYIELD_TESTHOST_PYTHON_CALL_H

/* Python.h comes before everything else, as CPython asks; Qt is built with QT_NO_KEYWORDS, so `slots` does not clash. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <atomic>
#include <cstdint>
#include <memory>

/* Python exceptions that no Python code caught: the host's exit code is 1 if there was any. */
extern std::atomic<int> pythonErrors;

/* Prints and clears the current exception and counts it. Needs the GIL. */
void reportPythonError(PyObject *where);

/*
 * A Python callable in C++ hands. call() is the one way from C++ into Python: it takes the GIL with PyGILState_Ensure, which
 * costs next to nothing when the thread has it, so that the same code serves hosts that hold and hosts that release the GIL.
 */
class PyCallable
{
  public:
    /* Needs the GIL. */
    explicit PyCallable(PyObject *callable);
    /* Any thread, with or without the GIL. */
    ~PyCallable();
    PyCallable(const PyCallable &) = delete;
    PyCallable &operator=(const PyCallable &) = delete;

    /* Calls it without arguments; any thread. `enteredNs` gets the moment at which the GIL was held, just before the call. */
    bool call(int64_t *enteredNs = nullptr);

  private:
    PyObject *object;
};

/* Shared: timers and posted events copy it. An empty one means: no callable was given. */
using Callback = std::shared_ptr<PyCallable>;

/* None and NULL give an empty Callback; what cannot be called sets TypeError and gives false. Needs the GIL. */
bool toCallback(PyObject *object, Callback *callback);

#endif

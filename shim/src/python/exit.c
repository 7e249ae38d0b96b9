/* SPDX-License-Identifier: MIT */
#include "python/exit.h"

#include "gilyield/gilyield.h"
#include "os/clock.h"
#include "os/log.h"
#include "python/functions.h"

#include <stdatomic.h>
#include <stddef.h>

static void (*exit_callback)(void);

static atomic_bool exiting;   /* set by Python's atexit on whatever thread finalises */
static atomic_bool finalized; /* set when finalisation is complete, likewise */
static atomic_bool released;  /* set and cleared by the GUI thread with the GIL */

static PyObject *exit_function(PyObject *self, PyObject *args)
{
    (void)self;
    (void)args;
    atomic_store(&exiting, true);
    if (exit_callback) {
        exit_callback();
    }
    /* CPython ends other threads that come for the GIL from now on, so the GUI thread has it back before. */
    while (atomic_load(&released)) {
        void *state = gy_py.save();
        gy_clock_monotonic.sleep(GY_NS_PER_MS);
        gy_py.restore(state);
    }
    gy_py.incref(gy_py.none);
    return gy_py.none;
}

/* An interpreter initialised after this starts afresh: with an atexit of its own, and maybe from another library. */
static void on_finalized(void)
{
    atomic_store(&finalized, true);
}

void gy_exit_hook(void)
{
    static gy_method_def definition = {"gilyield_stop", exit_function, METH_NOARGS, NULL};
    PyObject *type, *value, *traceback;
    gy_py.fetch_error(&type, &value, &traceback);
    PyObject *module = gy_py.import("atexit");
    PyObject *function = module ? gy_py.get_attribute(module, "register") : NULL;
    PyObject *result = function && gy_py.none ? gy_py_call_with(function, gy_py.new_function(&definition, NULL, NULL)) : NULL;
    gy_py.clear_error();
    if (gy_py.at_exit(on_finalized) != 0 || !result) {
        gy_log(GILYIELD_LOG_WARN, "cannot register with Python's atexit; will stop when finalisation is seen");
    }
    gy_py_drop(result);
    gy_py_drop(function);
    gy_py_drop(module);
    gy_py.restore_error(type, value, traceback);
}

bool gy_exit_has_begun(void)
{
    return atomic_load_explicit(&exiting, memory_order_relaxed);
}

bool gy_exit_takes_end(void)
{
    if (!atomic_load_explicit(&finalized, memory_order_relaxed)) {
        return false;
    }
    atomic_store(&finalized, false);
    atomic_store(&exiting, false);
    return true;
}

void gy_exit_note_released(bool now)
{
    atomic_store_explicit(&released, now, memory_order_relaxed);
}

bool gy_exit_is_released(void)
{
    return atomic_load_explicit(&released, memory_order_relaxed);
}

void gy_exit_set_callback(void (*callback)(void))
{
    exit_callback = callback;
}

/* SPDX-License-Identifier: MIT */
#include "python/environ.h"

#include "os/environment.h"
#include "python/functions.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* os.environ[name] = the variable, or del os.environ[name]. A pending call: Python's main thread, with the GIL. */
static int copy_variable(void *name)
{
    char *value = gy_environment_copy(name);
    PyObject *os = gy_py.import("os");
    PyObject *environment = os ? gy_py.get_attribute(os, "environ") : NULL;
    PyObject *method = environment ? gy_py.get_attribute(environment, value ? "__setitem__" : "pop") : NULL;
    PyObject *args = method ? gy_py.new_tuple(2) : NULL;
    PyObject *key = args ? gy_py.new_text(name) : NULL;
    PyObject *second = key && value ? gy_py.new_text(value) : NULL;
    if (key && !value) {
        gy_py.incref(gy_py.none);
        second = gy_py.none;
    }
    if (key) {
        gy_py.set_item(args, 0, key);
    }
    if (second) {
        gy_py.set_item(args, 1, second);
    }
    PyObject *result = second ? gy_py.call(method, args) : NULL;
    gy_py.clear_error();
    gy_py_drop(result);
    gy_py_drop(args);
    gy_py_drop(method);
    gy_py_drop(environment);
    gy_py_drop(os);
    free(value);
    return 0;
}

void gy_environ_copy(const char *name)
{
    if (gy_functions_find() && gy_py.is_initialized() && !gy_py.is_finalizing()) {
        gy_py.call_later(copy_variable, (void *)(uintptr_t)name);
    }
}

/* SPDX-License-Identifier: MIT */
#include "python/functions.h"

#include "gilyield/gilyield.h"
#include "os/log.h"
#include "os/module.h"
#include "python/python_find.h"

#include <stdlib.h>
#include <string.h>

gy_python_functions gy_py;

static void *attached; /* the handle that `gy_py` was filled from */

static bool attach(void *handle)
{
    static const struct {
        size_t offset;
        const char *name, *older;
    } rows[] = {
#define X(member, result, parameters, name, older) {offsetof(gy_python_functions, member), name, older},
        GY_PYTHON_FUNCTIONS(X)
#undef X
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        void *symbol = gy_module_symbol(handle, rows[i].name);
        if (!symbol && rows[i].older) {
            symbol = gy_module_symbol(handle, rows[i].older);
        }
        if (!symbol) {
            gy_log(GILYIELD_LOG_WARN, "the Python in this process has no %s; CPython 3.8 or later is needed; staying idle",
                   rows[i].name);
            return false;
        }
        memcpy((char *)&gy_py + rows[i].offset, &symbol, sizeof symbol);
    }
    gy_py.none = gy_module_symbol(handle, "_Py_NoneStruct");
    return true;
}

bool gy_functions_find(void)
{
    static void *refused;
    if (attached) {
        return true;
    }
    bool initialized = false;
    void *handle = gy_python_find(&initialized);
    if (!handle || !initialized || handle == refused) {
        return false;
    }
    if (!attach(handle)) {
        refused = handle;
        return false;
    }
    attached = handle;
    return true;
}

void *gy_functions_handle(void)
{
    return attached;
}

long gy_functions_minor(void)
{
    const char *version = gy_py.version();
    return strncmp(version, "3.", 2) == 0 ? strtol(version + 2, NULL, 10) : 0;
}

void gy_functions_forget(void)
{
    attached = NULL;
}

void gy_py_drop(PyObject *reference)
{
    if (reference) {
        gy_py.decref(reference);
    }
}

PyObject *gy_py_call_with(PyObject *function, PyObject *argument)
{
    PyObject *args = argument ? gy_py.new_tuple(1) : NULL;
    if (!args) {
        if (argument) {
            gy_py.decref(argument);
        }
        return NULL;
    }
    gy_py.set_item(args, 0, argument);
    PyObject *result = gy_py.call(function, args);
    gy_py.decref(args);
    return result;
}

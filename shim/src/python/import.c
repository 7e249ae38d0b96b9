/* SPDX-License-Identifier: MIT */
#include "python/import.h"

#include "preload/environment.h"
#include "python/environ.h"
#include "python/functions.h"
#include "python/python_path.h"

#include <stddef.h>

/* sys.path.append(gy_python_path()), unless it is in there. Applications that clear PYTHONPATH have no other way to find us. */
static int append_path(void *unused)
{
    (void)unused;
    const char *path = gy_python_path();
    PyObject *list = *path ? gy_py.sys_object("path") : NULL; /* borrowed */
    PyObject *counts = list ? gy_py.get_attribute(list, "count") : NULL;
    PyObject *count = counts ? gy_py_call_with(counts, gy_py.new_text(path)) : NULL;
    PyObject *method = count && gy_py.to_double(count) == 0.0 ? gy_py.get_attribute(list, "append") : NULL;
    PyObject *result = method ? gy_py_call_with(method, gy_py.new_text(path)) : NULL;
    gy_py.clear_error();
    gy_py_drop(result);
    gy_py_drop(method);
    gy_py_drop(count);
    gy_py_drop(counts);
    return 0;
}

void gy_import_settle(void)
{
    if (gy_environment_remove_python_path(gy_python_path())) {
        gy_environ_copy("PYTHONPATH");
    }
    gy_py.call_later(append_path, NULL);
}

void gy_import_prepare(void)
{
    if (gy_functions_find()) {
        gy_import_settle();
    } else if (*gy_python_path()) {
        gy_environment_add_python_path(gy_python_path());
    }
}

/* SPDX-License-Identifier: MIT */
#include "python/prompt.h"

#include "python/functions.h"
#include "python/python.h"

static bool reads_line(void)
{
    PyThreadState *const *reading = gy_python_symbol("_PyOS_ReadlineTState");
    return reading && *reading && *reading == gy_py.of_this_thread();
}

/* Whether the Python function that this thread runs is one of that module, which need not have been imported. With the GIL. */
static bool runs_in(const char *module)
{
    PyObject *modules = gy_py.sys_object("modules");
    PyObject *found = modules ? gy_py.item(modules, module) : NULL;
    return found && gy_py.globals() == gy_py.dictionary(found);
}

static bool runs_loop_for_input(void)
{
    void *const *hook = gy_python_symbol("PyOS_InputHook");
    PyThreadState *mine = gy_py.of_this_thread();
    gy_gil gil = gy_python_process.gil();
    if (!hook || !*hook || !mine || gil == GY_GIL_NO_PYTHON) {
        return false;
    }
    bool released = gil == GY_GIL_NOT_HELD;
    if (released) {
        gy_py.restore(mine);
    }
    bool runs = runs_in("_pyrepl.reader") || runs_in("ipykernel.eventloops");
    if (released) {
        gy_py.save();
    }
    return runs;
}

bool gy_python_at_prompt(void)
{
    return gy_functions_find() && (reads_line() || runs_loop_for_input());
}

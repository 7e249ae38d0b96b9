/* SPDX-License-Identifier: MIT */
#include "python/prompt.h"

#include "python/exit.h"
#include "python/functions.h"
#include "python/python.h"

enum { FIRST_MINOR_WITH_PYREPL = 13 };

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

static bool reads_key(void)
{
    if (gy_functions_minor() < FIRST_MINOR_WITH_PYREPL) {
        return false;
    }
    void *const *hook = gy_python_symbol("PyOS_InputHook");
    PyThreadState *mine = gy_py.of_this_thread();
    if (!hook || !*hook || !mine || !gy_py.is_initialized() || gy_py.is_finalizing() || gy_exit_has_begun()) {
        return false;
    }
    bool released = !gy_py.current(); /* from 3.12 on it is this thread's own */
    if (released) {
        gy_py.restore(mine);
    }
    bool reads = runs_in("_pyrepl.reader");
    if (released) {
        gy_py.save();
    }
    return reads;
}

bool gy_python_at_prompt(void)
{
    return gy_functions_find() && (reads_line() || reads_key());
}

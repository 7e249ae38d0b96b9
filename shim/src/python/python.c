/* SPDX-License-Identifier: MIT */
/*
 * The CPython boundary: the table of what the policy asks and does.
 *
 * "Does this OS thread hold the GIL?" has one right answer on all versions: the current thread state, read without checks, is the
 * one that PyGILState has for this OS thread. functions.h says what differs between versions.
 */
#include "python/python.h"

#include "gilyield/gilyield.h"
#include "os/log.h"
#include "os/module.h"
#include "python/droprequest.h"
#include "python/exit.h"
#include "python/functions.h"
#include "python/import.h"
#include "python/python_find.h"
#include "python/subinterpreter.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* GUI thread only. */
static bool met;
static bool exit_hooked;
static void *expected; /* the handle of a CPython that is not initialised yet */

static _Atomic(char *) version_text; /* published when complete, and never freed: callers keep it */

/* "3.11.2 (main, …" up to the blank. */
static void publish_version(const char *full)
{
    size_t length = strcspn(full, " ");
    const char *known = atomic_load(&version_text);
    if (known && strlen(known) == length && strncmp(known, full, length) == 0) {
        return;
    }
    char *text = malloc(length + 1);
    if (text) {
        memcpy(text, full, length);
        text[length] = '\0';
        atomic_store(&version_text, text);
        gy_log(GILYIELD_LOG_INFO, "found CPython %s", text);
    }
}

/* An interpreter that is initialised after another has ended is met anew: atexit is its own, and maybe the library. */
static bool meet(void)
{
    if (!gy_functions_find()) {
        return false;
    }
    if (!met) {
        met = true;
        exit_hooked = false;
        const char *version = gy_py.version();
        publish_version(version);
        gy_droprequest_meet();
        gy_import_settle();
    }
    return true;
}

/* After the end of a CPython. */
static void forget(void)
{
    if (gy_exit_takes_end()) {
        gy_functions_forget();
        gy_subinterpreter_note_released(false);
        met = false;
    }
}

static gy_gil process_gil(void)
{
    forget();
    if (!met && !meet()) {
        return GY_GIL_NO_PYTHON;
    }
    if (!gy_py.is_initialized() || gy_py.is_finalizing() || gy_exit_has_begun()) {
        return GY_GIL_NO_PYTHON;
    }
    PyThreadState *current = gy_py.current();
    if (!current || (current != gy_py.of_this_thread() && !gy_subinterpreter_is_mine(current))) {
        if (!gy_exit_is_released()) {
            gy_subinterpreter_note_released(true);
        }
        return GY_GIL_NOT_HELD;
    }
    /* atexit is an interpreter's own: the main one's is the one that runs when the process ends. */
    if (!exit_hooked && gy_py.interpreter() == gy_py.main_interpreter()) {
        exit_hooked = true;
        gy_exit_hook();
    }
    return GY_GIL_HELD;
}

static bool process_alone(void)
{
    PyInterpreterState *mine = gy_py.interpreter();
    /* Another interpreter may have threads that cannot be told from the outside: taken as "not alone". */
    if (gy_py.first_interpreter() != mine || gy_py.next_interpreter(mine)) {
        return false;
    }
    /* New thread states are put in front, so only our own state's link is followed: others may vanish meanwhile. */
    PyThreadState *me = gy_py.of_this_thread();
    return gy_py.first_thread(mine) == me && !gy_py.next_thread(me);
}

static void *process_release(void)
{
    int saved_errno = errno;
    gy_exit_note_released(true);
    void *state = gy_py.save();
    errno = saved_errno;
    return state;
}

static void process_reacquire(void *state)
{
    int saved_errno = errno;
    gy_py.restore(state);
    gy_exit_note_released(false);
    errno = saved_errno;
}

/* The switch interval goes through sys: the C functions behind it are not exported on every version. */
static double process_get_switch_interval(void)
{
    PyObject *type, *value, *traceback;
    gy_py.fetch_error(&type, &value, &traceback);
    PyObject *function = gy_py.sys_object("getswitchinterval");
    PyObject *result = function ? gy_py.call(function, NULL) : NULL;
    double seconds = -1.0;
    if (result) {
        seconds = gy_py.to_double(result);
        gy_py.decref(result);
    }
    gy_py.clear_error();
    gy_py.restore_error(type, value, traceback);
    return seconds;
}

static void process_set_switch_interval(double seconds)
{
    PyObject *type, *value, *traceback;
    gy_py.fetch_error(&type, &value, &traceback);
    PyObject *function = gy_py.sys_object("setswitchinterval");
    PyObject *result = function ? gy_py_call_with(function, gy_py.new_float(seconds)) : NULL;
    if (result) {
        gy_py.decref(result);
    }
    gy_py.clear_error();
    gy_py.restore_error(type, value, traceback);
}

const gy_python gy_python_process = {
    process_gil, process_alone, process_release, process_reacquire, process_get_switch_interval, process_set_switch_interval,
};

const char *gy_python_version(void)
{
    const char *text = atomic_load(&version_text);
    return text ? text : "";
}

bool gy_python_expect(bool *initialized)
{
    forget();
    *initialized = false;
    void *found = gy_python_find(initialized);
    expected = found && !*initialized && gy_python_is_only() ? found : NULL;
    return *initialized ? gy_functions_find() : expected != NULL;
}

static void *handle(void)
{
    return gy_functions_handle() ? gy_functions_handle() : expected;
}

const void *gy_python_code_address(void)
{
    return gy_python_symbol("PyEval_SaveThread");
}

void *gy_python_symbol(const char *name)
{
    return handle() ? gy_module_symbol(handle(), name) : NULL;
}

bool gy_python_free_threaded(void)
{
    const char *(*version)(void) = NULL;
    void *symbol = gy_python_symbol("Py_GetVersion"); /* can be called at any time */
    memcpy(&version, &symbol, sizeof symbol);
    return version && strstr(version(), "free-threading") != NULL;
}

void gy_python_set_exit_callback(void (*callback)(void))
{
    gy_exit_set_callback(callback);
}

/* SPDX-License-Identifier: MIT */
/* This program is not linked to any CPython. What it finds came with something that it loaded. */
#include "python/python.h"
#include "python/python_find.h"
#include "unit.h"

#include <dlfcn.h>
#include <string.h>

static int (*function(void *handle, const char *name))(void)
{
    void *symbol = dlsym(handle, name);
    int (*result)(void);
    assert_non_null(symbol);
    memcpy(&result, &symbol, sizeof result);
    return result;
}

static void test_none(void **state)
{
    (void)state;
    bool initialized = false;
    for (int i = 0; i < 3; i++) {
        assert_null(gy_python_find(&initialized));
        assert_false(initialized);
        assert_int_equal(gy_python_process.gil(), GY_GIL_NO_PYTHON);
    }
    /* Something else is loaded and unloaded: looked at, and not taken for one. */
    void *other = dlopen("libutil.so.1", RTLD_LAZY | RTLD_GLOBAL);
    assert_non_null(other);
    assert_null(gy_python_find(&initialized));
    dlclose(other);
    assert_null(gy_python_find(&initialized));
    assert_string_equal(gy_python_version(), "");
    assert_null(gy_python_code_address());
    assert_null(gy_python_symbol("Py_IsInitialized"));
    assert_false(gy_python_free_threaded());
}

static void test_plugin(void **state)
{
    (void)state;
    bool initialized = false;
    assert_null(gy_python_find(&initialized));
    void *plugin = dlopen(TEST_PLUGIN, RTLD_NOW | RTLD_LOCAL);
    if (!plugin) {
        fail_msg("%s", dlerror());
    }
    /* The point of the exercise: an ordinary look-up does not see it. */
    assert_null(dlsym(RTLD_DEFAULT, "Py_IsInitialized"));

    initialized = true;
    void *handle = gy_python_find(&initialized);
    assert_non_null(handle);
    assert_false(initialized);
    assert_int_equal(gy_python_process.gil(), GY_GIL_NO_PYTHON);
    assert_string_equal(gy_python_version(), "");
    /* The only one: its code is known before it is initialised. */
    initialized = true;
    assert_true(gy_python_expect(&initialized));
    assert_false(initialized);
    assert_ptr_equal(gy_python_code_address(), dlsym(handle, "PyEval_SaveThread"));
    assert_false(gy_python_free_threaded());

    assert_int_equal(function(plugin, "plugin_start")(), 0);
    assert_ptr_equal(gy_python_find(&initialized), handle);
    assert_true(initialized);
    assert_int_equal(function(handle, "Py_IsInitialized")(), 1);
    assert_int_equal(gy_python_process.gil(), GY_GIL_HELD);
    assert_true(gy_python_process.alone());
    assert_int_equal(strncmp(gy_python_version(), "3.", 2), 0);
    assert_ptr_equal(gy_python_symbol("PyEval_SaveThread"), dlsym(handle, "PyEval_SaveThread"));

    void *thread_state = gy_python_process.release();
    assert_int_equal(gy_python_process.gil(), GY_GIL_NOT_HELD);
    gy_python_process.reacquire(thread_state);
    assert_int_equal(gy_python_process.gil(), GY_GIL_HELD);

    assert_int_equal(function(plugin, "plugin_finish")(), 0);
    assert_ptr_equal(gy_python_find(&initialized), handle);
    assert_false(initialized);
    assert_int_equal(gy_python_process.gil(), GY_GIL_NO_PYTHON);

    /* The plugin goes; what was found stays loaded, since it is never closed. */
    dlclose(plugin);
    assert_ptr_equal(gy_python_find(&initialized), handle);
    assert_false(initialized);
    assert_int_equal(gy_python_process.gil(), GY_GIL_NO_PYTHON);
}

/* Two plugins, each with a CPython of its own: the one that is initialised counts, whichever it is and whenever it shows. */
static void test_several(void **state)
{
    (void)state;
    bool initialized = true;
    void *first = dlopen(TEST_FAKE_PYTHON_1, RTLD_NOW | RTLD_LOCAL);
    assert_non_null(first);
    int *first_flag = dlsym(first, "fake_python_initialized");
    assert_ptr_equal(gy_python_find(&initialized), first);
    assert_false(initialized);

    void *second = dlopen(TEST_FAKE_PYTHON_2, RTLD_NOW | RTLD_LOCAL);
    assert_non_null(second);
    int *second_flag = dlsym(second, "fake_python_initialized");
    void *found = gy_python_find(&initialized);
    assert_true(found == first || found == second);
    assert_false(initialized);
    assert_false(gy_python_expect(&initialized)); /* which of them will be is not known */

    /* Nothing is loaded here: the flag alone has to be seen. */
    *second_flag = 1;
    assert_ptr_equal(gy_python_find(&initialized), second);
    assert_true(initialized);
    *second_flag = 0;
    *first_flag = 1;
    assert_ptr_equal(gy_python_find(&initialized), first);
    assert_true(initialized);
    /* Both are: the one that is in use stays. */
    *second_flag = 1;
    assert_ptr_equal(gy_python_find(&initialized), first);
    assert_true(initialized);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_none),
    cmocka_unit_test(test_plugin),
    cmocka_unit_test(test_several),
};

UNIT_MAIN(tests)

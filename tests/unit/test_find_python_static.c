/* SPDX-License-Identifier: MIT */
/* A CPython that is linked statically into the executable, which exports it for extension modules, as python3 itself does. */
#include "python_life.h"

#include "python/python.h"
#include "python/python_find.h"
#include "unit.h"

#include <dlfcn.h>

static const char in_this_program; /* an address */

static void test_static(void **state)
{
    (void)state;
    bool initialized = true;
    void *handle = gy_python_find(&initialized);
    assert_non_null(handle);
    assert_false(initialized);
    /* It is this program's own, not that of some libpython. */
    Dl_info info, here;
    assert_true(dladdr(dlsym(handle, "PyEval_SaveThread"), &info) != 0 && dladdr(&in_this_program, &here) != 0);
    assert_ptr_equal(info.dli_fbase, here.dli_fbase);
    assert_int_equal(gy_python_process.gil(), GY_GIL_NO_PYTHON);

    assert_int_equal(start_python(), 0);
    assert_ptr_equal(gy_python_find(&initialized), handle);
    assert_true(initialized);
    assert_int_equal(gy_python_process.gil(), GY_GIL_HELD);
    assert_true(gy_python_process.alone());
    PyThreadState *saved = PyEval_SaveThread();
    assert_int_equal(gy_python_process.gil(), GY_GIL_NOT_HELD);
    PyEval_RestoreThread(saved);
    void *thread_state = gy_python_process.release();
    assert_int_equal(gy_python_process.gil(), GY_GIL_NOT_HELD);
    gy_python_process.reacquire(thread_state);
    assert_true(dladdr(gy_python_code_address(), &info) != 0);
    assert_ptr_equal(info.dli_fbase, here.dli_fbase);
    assert_ptr_equal(gy_python_symbol("_PyRuntime"), dlsym(NULL, "_PyRuntime"));

    assert_int_equal(Py_FinalizeEx(), 0);
    assert_int_equal(gy_python_process.gil(), GY_GIL_NO_PYTHON);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_static)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

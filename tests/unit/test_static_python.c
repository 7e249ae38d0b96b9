/* SPDX-License-Identifier: MIT */
/* A CPython that is linked statically into the executable, which exports it for extension modules, as python3 itself does. */
#include "python_life.h"

#include "gil/gilqueue.h"
#include "os/redirect.h"
#include "python/python.h"
#include "python/python_find.h"
#include "settings/options.h"
#include "unit.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static const char in_this_program; /* an address */

static void test_find_python(void **state)
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

/* ---- Its calls. All slots of the program are yet to be bound, each test has a process of its own. ---- */

/* The program takes the addresses of these functions, so they are stubs of its own, which call through the slots. */
static const struct {
    const char *name;
    void (*address)(void);
} imported[] = {
    {"pthread_cond_signal", (void (*)(void))pthread_cond_signal},
    {"pthread_cond_wait", (void (*)(void))pthread_cond_wait},
    {"pthread_cond_timedwait", (void (*)(void))pthread_cond_timedwait},
    {"pthread_mutex_lock", (void (*)(void))pthread_mutex_lock},
};

/* As gilyield does that is enabled before there is a CPython. */
static void expect_python(void)
{
    bool initialized = true;
    assert_true(gy_python_expect(&initialized));
    assert_false(initialized);
}

static const void *object_of(void (*function)(void))
{
    Dl_info info;
    void *address;
    memcpy(&address, &function, sizeof address);
    return dladdr(address, &info) ? info.dli_fbase : NULL;
}

static void never_called(void)
{
    abort();
}

/* The function to chain to is libc's, also where the program's own address of it leads back to the slot. */
static void test_redirect(void **state)
{
    (void)state;
    Dl_info here;
    assert_int_not_equal(dladdr(&in_this_program, &here), 0);
    expect_python();
    for (size_t i = 0; i < COUNT_OF(imported); i++) {
        assert_ptr_equal(object_of(imported[i].address), here.dli_fbase);
        gy_redirect redirect = {.count = 0};
        void (*hook)(void) = never_called, (*original)(void) = NULL;
        assert_true(gy_redirect_install(&redirect, gy_python_code_address(), imported[i].name, &hook, &original));
        gy_redirect_remove(&redirect);
        assert_int_equal(redirect.count, 0);
        assert_non_null(object_of(original));
        assert_ptr_not_equal(object_of(original), here.dli_fbase);
    }
}

static void *take_once(void *unused)
{
    PyGILState_Release(PyGILState_Ensure());
    return unused;
}

/* Each call of CPython comes to the hooks, not only the first. */
static void test_gilqueue(void **state)
{
    (void)state;
    const gilyield_options options = gy_options_default();
    expect_python();
    assert_null(gy_gilqueue_gui.install(&gy_python_process, &options, 0));
    assert_int_equal(start_python(), 0);
    assert_int_equal(gy_python_process.gil(), GY_GIL_HELD);
    for (int i = 0; i < 5; i++) {
        uint64_t takes = gy_gilqueue_gui.takes();
        gy_gilqueue_gui.before_release();
        void *thread_state = gy_python_process.release();
        gy_gilqueue_gui.after_release(0);
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, take_once, NULL), 0);
        pthread_join(thread, NULL);
        gy_python_process.reacquire(thread_state);
        gy_gilqueue_gui.after_reacquire(0);
        assert_int_equal(gy_gilqueue_gui.waiting(), 0);
        assert_true(gy_gilqueue_gui.takes() > takes);
    }
    gy_gilqueue_gui.remove();
    assert_int_equal(Py_FinalizeEx(), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_find_python),
    cmocka_unit_test(test_redirect),
    cmocka_unit_test(test_gilqueue),
};

UNIT_MAIN(tests)

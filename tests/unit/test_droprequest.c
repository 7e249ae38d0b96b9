/* SPDX-License-Identifier: MIT */
/* Where CPython has its request to drop the GIL, compared with the headers of the one that this is built with. */
#define Py_BUILD_CORE 1
#include "python_life.h"

#include "python/droprequest.h"
#include "python/python.h"
#include "unit.h"

#include <internal/pycore_interp.h>
#include <string.h>

#define APART (PY_VERSION_HEX >= 0x03090000 && PY_VERSION_HEX < 0x030d0000)

#if APART
typedef struct flags {
    int breaker, request;
} flags;

static flags get(PyInterpreterState *interpreter)
{
    flags now;
    memcpy(&now.breaker, &interpreter->ceval.eval_breaker, sizeof now.breaker);
    memcpy(&now.request, &interpreter->ceval.gil_drop_request, sizeof now.request);
    return now;
}

static void put(PyInterpreterState *interpreter, int breaker, int request)
{
    memcpy(&interpreter->ceval.eval_breaker, &breaker, sizeof breaker);
    memcpy(&interpreter->ceval.gil_drop_request, &request, sizeof request);
}
#endif

static int begin(void **state)
{
    (void)state;
    assert_int_equal(start_python(), 0);
    assert_int_equal(gy_python_process.gil(), GY_GIL_HELD);
    return 0;
}

static void test_one_interpreter(void **state)
{
    (void)state;
    assert_false(gy_droprequest_apart());
    assert_int_equal(gy_droprequest_set_here(), GY_DROPREQUEST_NOWHERE);
    assert_int_equal(gy_droprequest_can_be_set(), APART);
}

static void test_several(void **state)
{
    (void)state;
    PyThreadState *mine = PyThreadState_Get(), *sub = Py_NewInterpreter();
    assert_non_null(sub);
    assert_int_equal(gy_droprequest_apart(), APART);
    assert_int_equal(gy_droprequest_set_here(), GY_DROPREQUEST_NOWHERE); /* nobody has seen where it is */
#if APART
    PyInterpreterState *elsewhere = PyThreadState_GetInterpreter(sub), *here = PyThreadState_GetInterpreter(mine);
    put(here, 1, 1);
    gy_droprequest_observe(true); /* it was not seen before */
    assert_int_equal(gy_droprequest_set_here(), GY_DROPREQUEST_NOWHERE);
    gy_droprequest_observe(false); /* it was set before */
    gy_droprequest_observe(true);
    assert_int_equal(gy_droprequest_set_here(), GY_DROPREQUEST_NOWHERE);
    put(here, 0, 0);
    gy_droprequest_observe(false);
    put(here, 1, 0);
    gy_droprequest_observe(true); /* something else was wanted */
    assert_int_equal(gy_droprequest_set_here(), GY_DROPREQUEST_NOWHERE);
    put(here, 0, 0);
    gy_droprequest_observe(false);
    put(here, 1, 1);
    gy_droprequest_observe(true);
    put(here, 0, 0);

    assert_int_equal(gy_droprequest_set_here(), GY_DROPREQUEST_OTHER);
    assert_int_equal(get(elsewhere).breaker, 1);
    assert_int_equal(get(elsewhere).request, 1);
    assert_int_equal(get(here).breaker, 0);
    assert_int_equal(get(here).request, 0);
    put(elsewhere, 0, 0);
    PyThreadState_Swap(mine);
    assert_int_equal(gy_droprequest_set_here(), GY_DROPREQUEST_MAIN);
    assert_int_equal(get(here).request, 1);
    put(here, 0, 0);
    put(elsewhere, 0, 7); /* that is no flag */
    PyThreadState_Swap(sub);
    assert_int_equal(gy_droprequest_set_here(), GY_DROPREQUEST_NOWHERE);
    assert_int_equal(get(elsewhere).breaker, 0);
    put(elsewhere, 0, 0);
#endif
    Py_EndInterpreter(sub);
    PyThreadState_Swap(mine);
    assert_false(gy_droprequest_apart());
}

static void test_elsewhere_in_memory(void **state)
{
    (void)state;
#if APART
    PyInterpreterState *here = PyThreadState_GetInterpreter(PyThreadState_Get());
    flags before = get(here);
    put(here, 0, 2);
    gy_droprequest_observe(false);
    put(here, before.breaker, before.request);
    assert_false(gy_droprequest_can_be_set());
    gy_droprequest_meet(); /* another CPython, maybe */
    assert_true(gy_droprequest_can_be_set());
#endif
}

const struct CMUnitTest TESTS[] = {
    cmocka_unit_test_setup(test_one_interpreter, begin),
    cmocka_unit_test_setup(test_several, begin),
    cmocka_unit_test_setup(test_elsewhere_in_memory, begin),
};
UNIT_MAIN(TESTS)

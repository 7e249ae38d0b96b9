/* SPDX-License-Identifier: MIT */
/*
 * A thread drops the lock to do something else just when it is asked for it. It stands in line until it is relieved, which may be
 * when the lock is its own to take; but it does not take it. Who ends does not stand in line.
 */
#define GIL_SWITCH_NS (1000 * GY_NS_PER_S) /* nobody's time runs out */
#include "made_gil.h"
#include "python/functions.h"

#include <pthread.h>

static atomic_bool taken, drop, gone, served;

static void wait_for(atomic_bool *flag)
{
    while (!atomic_load(flag)) {
        gy_clock_monotonic.sleep(100 * US);
    }
}

/* Fails after 20 s. */
static void wait_some_time_for(atomic_bool *flag)
{
    for (uint64_t limit = gy_clock_monotonic.now() + 20 * GY_NS_PER_S; !atomic_load(flag);) {
        assert_true(gy_clock_monotonic.now() < limit);
        gy_clock_monotonic.sleep(1 * MS);
    }
}

static void wait_for_line(int length)
{
    while (gy_gilorder_waiting() != length) {
        gy_clock_monotonic.sleep(100 * US);
    }
}

/* Holds the lock until it is asked for it. */
static void *goes_its_way(void *argument)
{
    (void)argument;
    gil_take(1);
    atomic_store(&taken, true);
    wait_for(&gil.request);
    gil_drop(1);
    atomic_store(&gone, true);
    return NULL;
}

/* Needs little, so it asks at once. */
static void *relieves(void *argument)
{
    (void)argument;
    gil_take(2);
    wait_for(&drop);
    gil_drop(2);
    return NULL;
}

/* Computes, and has had more than the others. */
static void *comes_last(void *argument)
{
    (void)argument;
    gy_own.preempted = true;
    gy_own.runtime = (gy_runtime){.virtual_ns = GY_NS_PER_S, .newborn_ns = GY_NEWBORN_NS};
    gil_take(3);
    atomic_store(&served, true);
    gil_drop(3);
    return NULL;
}

static pthread_t threads[3];

static int reset(void **state)
{
    (void)state;
    atomic_store(&taken, false);
    atomic_store(&drop, false);
    atomic_store(&gone, false);
    return 0;
}

/* The second has it, and the first is in line. False: the first did not come there, as it looked when the second had taken it. */
static bool first_is_in_line(void)
{
    uint64_t before = gy_gilorder_takes();
    assert_int_equal(pthread_create(&threads[0], NULL, goes_its_way, NULL), 0);
    wait_for(&taken);
    assert_int_equal(pthread_create(&threads[1], NULL, relieves, NULL), 0);
    while (gy_gilorder_takes() < before + 2 || (gy_gilorder_waiting() < 1 && !atomic_load(&gone))) {
        gy_clock_monotonic.sleep(100 * US);
    }
    if (!atomic_load(&gone)) {
        return true;
    }
    atomic_store(&drop, true);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    reset(NULL);
    return false;
}

static void test_who_does_not_take_it_leaves_it(void **state)
{
    (void)state;
    gil_init();
    assert_true(gil_begin(20 * MS));

    while (!first_is_in_line()) {
    }
    assert_int_equal(pthread_create(&threads[2], NULL, comes_last, NULL), 0);
    wait_for_line(2);
    atomic_store(&drop, true);
    wait_for(&gone);
    wait_some_time_for(&served); /* the turns of those before it would be 800 s */
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        pthread_join(threads[i], NULL);
    }
    gy_gilorder_end();
}

/* ---- A thread that CPython has no thread state for any more never takes it again. ---- */

static _Thread_local bool has_no_state;

static PyThreadState *of_this_thread(void)
{
    static int some;
    return has_no_state ? NULL : (PyThreadState *)(void *)&some;
}

static void *ends(void *argument)
{
    gil_take(1);
    atomic_store(&taken, true);
    wait_for(&gil.request);
    has_no_state = true;
    gil_drop(1);
    atomic_store(&gone, true);
    return argument;
}

static void test_who_ends_is_not_in_line(void **state)
{
    (void)state;
    gil_init();
    gy_py.of_this_thread = of_this_thread;
    assert_true(gil_begin(20 * MS));
    assert_int_equal(pthread_create(&threads[0], NULL, ends, NULL), 0);
    wait_for(&taken);
    assert_int_equal(pthread_create(&threads[1], NULL, relieves, NULL), 0);
    wait_some_time_for(&gone); /* the other has the lock all the time */
    assert_int_equal(gy_gilorder_waiting(), 0);
    atomic_store(&drop, true);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    gy_gilorder_end();
    gy_py.of_this_thread = NULL;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_who_does_not_take_it_leaves_it, reset),
        cmocka_unit_test_teardown(test_who_ends_is_not_in_line, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* The order of threads for the GIL on a busy machine: one processor, and another program on it, before the GUI thread. */
#include "made_gil.h"

#include "os/compiler.h"
#include "os/threads.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>

enum { THREADS = 4 };

static pthread_t other_program, threads[THREADS];
static int numbers[THREADS];
static atomic_bool other_ends;
static atomic_uint_least64_t owed; /* by the GUI thread, when it last dropped the lock */

static void *be_another_program(void *argument)
{
    (void)argument;
    while (!atomic_load(&other_ends)) {
        gy_relax();
    }
    return NULL;
}

/* Keeps the lock until it is asked for it. */
static void *compute(void *argument)
{
    int self = *(int *)argument;
    while (!atomic_load(&other_ends)) {
        gil_take(self);
        while (!atomic_load(&gil.request) && !atomic_load(&other_ends)) {
            gy_relax();
        }
        gil_drop(self);
    }
    return NULL;
}

static void note_owed(int self)
{
    if (self == 0) {
        owed = gy_share_owed(gy_gilorder_share(), gy_clock_monotonic.now());
    }
}

static int begin_crowded(void **state)
{
    (void)state;
    cpu_set_t first;
    CPU_ZERO(&first);
    CPU_SET((size_t)sched_getcpu(), &first);
    assert_int_equal(sched_setaffinity(0, sizeof first, &first), 0);
    gil_init();
    gil_after_drop = note_owed;
    assert_true(gil_begin(20 * MS));
    assert_int_equal(pthread_create(&other_program, NULL, be_another_program, NULL), 0);
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i + 1;
        assert_int_equal(pthread_create(&threads[i], NULL, compute, &numbers[i]), 0);
    }
    assert_int_equal(setpriority(PRIO_PROCESS, (id_t)gy_threads_id(), 10), 0);
    return 0;
}

static int end_crowded(void **state)
{
    (void)state;
    atomic_store(&other_ends, true);
    pthread_join(other_program, NULL);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    gy_gilorder_end();
    return 0;
}

/* The GUI thread owes nothing for time in which the kernel let others run. */
static void test_put_aside_is_not_charged(void **state)
{
    (void)state;
    int holds = 0, charged = 0;
    for (int i = 0; i < 100 && holds < 12; i++) {
        gil_take(0);
        uint64_t start = gy_clock_monotonic.now(), used = gy_clock_monotonic.used();
        while (gy_clock_monotonic.now() - start < 24 * MS) {
            gy_relax();
        }
        used = gy_clock_monotonic.used() - used;
        gil_drop(0);
        holds += used < 14 * MS;
        charged += used < 14 * MS && owed > 0;
        gy_clock_monotonic.sleep(10 * MS);
    }
    /* Where it had to wait for the mutex nobody knows what else it waited for. */
    assert_true(holds == 12 && charged < holds / 2);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_put_aside_is_not_charged, begin_crowded, end_crowded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "os/clock.h"
#include "os/sync.h"

#include "unit.h"

#include <errno.h>
#include <pthread.h>

static gy_static_mutex mutex;
static gy_cond cond;
static bool told;

static uint64_t in_a_moment(void)
{
    return gy_clock_monotonic.now() + GY_NS_PER_MS;
}

/* glibc's mutex begins with this: 0 nobody has it, 1 somebody, 2 others may sleep for it, and are woken by a system call. */
static int state_of_mutex(void)
{
    return *(const int *)(const void *)&mutex;
}

static void test_time_runs_out(void **state)
{
    (void)state;
    gy_mutex_lock(gy_mutex_of(&mutex));
    gy_cond_signal(&cond); /* with nobody there: it is not kept for the next */
    errno = ENOENT;
    while (gy_cond_wait_until(&cond, gy_mutex_of(&mutex), in_a_moment())) {
    }
    assert_int_equal(errno, ENOENT);
    assert_int_equal(state_of_mutex(), 1);
    gy_mutex_unlock(gy_mutex_of(&mutex));
    assert_int_equal(state_of_mutex(), 0);
}

static void *tell(void *nothing)
{
    (void)nothing;
    gy_mutex_lock(gy_mutex_of(&mutex));
    told = true;
    gy_cond_signal(&cond);
    gy_mutex_unlock(gy_mutex_of(&mutex));
    return NULL;
}

static void test_woken(void **state)
{
    (void)state;
    pthread_t thread;
    gy_mutex_lock(gy_mutex_of(&mutex));
    assert_int_equal(pthread_create(&thread, NULL, tell, NULL), 0);
    while (!told) {
        assert_true(gy_cond_wait_until(&cond, gy_mutex_of(&mutex), UINT64_MAX));
    }
    assert_false(gy_mutex_try_lock(gy_mutex_of(&mutex)));
    gy_mutex_unlock(gy_mutex_of(&mutex));
    pthread_join(thread, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_time_runs_out), cmocka_unit_test(test_woken)};
    return gy_cond_init(&cond) ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}

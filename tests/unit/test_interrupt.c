/* SPDX-License-Identifier: MIT */
/* A thread is interrupted by a signal that the application may want for itself. */
#include "os/interrupt.h"

#include "os/clock.h"
#include "os/threads.h"
#include "unit.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

static atomic_int hits, hit_thread, plain_hits, full_hits, later_hits;

static void hit(void)
{
    errno = EDOM;
    atomic_store(&hit_thread, gy_threads_id());
    atomic_fetch_add(&hits, 1);
}

static void plain(int number)
{
    assert_int_equal(number, SIGURG);
    atomic_fetch_add(&plain_hits, 1);
}

static void full(int number, siginfo_t *info, void *context)
{
    (void)context;
    if (number == SIGURG && info->si_signo == SIGURG) {
        atomic_fetch_add(&full_hits, 1);
    }
}

static void later(int number)
{
    (void)number;
    atomic_fetch_add(&later_hits, 1);
}

/* ---- A thread that computes, and one that sleeps. ---- */

static atomic_int number_of_thread;
static atomic_bool stopping, errno_kept, slept_well;

static void *compute(void *data)
{
    (void)data;
    errno = ERANGE;
    atomic_store(&number_of_thread, gy_threads_id());
    while (!atomic_load(&stopping)) {
    }
    atomic_store(&errno_kept, errno == ERANGE);
    return NULL;
}

static void *sleep_for_a_while(void *data)
{
    (void)data;
    atomic_store(&number_of_thread, gy_threads_id());
    struct timespec span = {0, 300000000};
    atomic_store(&slept_well, nanosleep(&span, NULL) == 0);
    return NULL;
}

static pthread_t start(void *(*function)(void *))
{
    pthread_t thread;
    atomic_store(&stopping, false);
    atomic_store(&number_of_thread, 0);
    assert_int_equal(pthread_create(&thread, NULL, function, NULL), 0);
    while (atomic_load(&number_of_thread) == 0) {
    }
    return thread;
}

static void stop(pthread_t thread)
{
    atomic_store(&stopping, true);
    pthread_join(thread, NULL);
}

/* Interrupts it until it was: a thread may be in the midst of a page fault. */
static void interrupt(int thread)
{
    int before = atomic_load(&hits);
    while (atomic_load(&hits) == before) {
        gy_interrupt(thread, hit);
        gy_clock_monotonic.sleep(GY_NS_PER_MS);
    }
}

static void set(void (*handler)(int), int flags)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_flags = flags;
    action.sa_handler = handler;
    assert_int_equal(sigaction(SIGURG, &action, NULL), 0);
}

static struct sigaction current(void)
{
    struct sigaction now;
    assert_int_equal(sigaction(SIGURG, NULL, &now), 0);
    return now;
}

static void test_reaches_the_thread(void **state)
{
    (void)state;
    pthread_t thread = start(compute);
    for (int i = 0; i < 100; i++) {
        interrupt(atomic_load(&number_of_thread));
        assert_int_equal(atomic_load(&hit_thread), atomic_load(&number_of_thread));
    }
    stop(thread);
    assert_true(atomic_load(&errno_kept));
    gy_interrupt(atomic_load(&number_of_thread), hit); /* it is gone */
    assert_true(gy_interrupt_works());
    gy_interrupt_end();
    assert_ptr_equal(current().sa_handler, SIG_DFL);
}

static void test_lets_sleep(void **state)
{
    (void)state;
    pthread_t thread = start(sleep_for_a_while);
    gy_clock_monotonic.sleep(50 * GY_NS_PER_MS);
    for (int i = 0; i < 10; i++) {
        gy_interrupt(atomic_load(&number_of_thread), hit);
    }
    stop(thread);
    assert_true(atomic_load(&slept_well));
    assert_int_equal(atomic_load(&hits), 0);
    gy_interrupt_end();
}

static void test_earlier_handler(void **state)
{
    (void)state;
    pthread_t thread = start(compute);
    for (int round = 0; round < 4; round++) {
        bool is_full = round % 2 == 1;
        if (is_full) {
            struct sigaction action;
            memset(&action, 0, sizeof action);
            action.sa_flags = SA_SIGINFO;
            action.sa_sigaction = full;
            assert_int_equal(sigaction(SIGURG, &action, NULL), 0);
        } else {
            set(plain, SA_NODEFER);
        }
        for (int i = 0; i < 50; i++) {
            interrupt(atomic_load(&number_of_thread));
            raise(SIGURG);
        }
        assert_int_equal(current().sa_flags & SA_RESTART, 0); /* as it was */
        gy_interrupt_end();
        raise(SIGURG);
        assert_true(is_full ? current().sa_sigaction == full : current().sa_handler == plain);
    }
    stop(thread);
    assert_int_equal(atomic_load(&plain_hits), 2 * 51);
    assert_int_equal(atomic_load(&full_hits), 2 * 51);
}

static void test_later_handler(void **state)
{
    (void)state;
    pthread_t thread = start(compute);
    int number = atomic_load(&number_of_thread);
    interrupt(number);
    set(later, 0);
    for (int i = 0; i < 20; i++) {
        gy_interrupt(number, hit);
    }
    assert_int_equal(atomic_load(&hits), 1);
    assert_int_equal(atomic_load(&later_hits), 0);
    assert_false(gy_interrupt_works());
    assert_ptr_equal(current().sa_handler, later);
    set(SIG_DFL, 0);
    interrupt(number);
    assert_true(gy_interrupt_works());
    set(later, 0);
    gy_interrupt_end();
    assert_ptr_equal(current().sa_handler, later);
    interrupt(number); /* it was there first, this time */
    raise(SIGURG);
    assert_int_equal(atomic_load(&later_hits), 1);
    stop(thread);
    gy_interrupt_end();
}

static void test_one_that_resets_itself(void **state)
{
    (void)state;
    pthread_t thread = start(compute);
    set(later, (int)SA_RESETHAND);
    gy_interrupt(atomic_load(&number_of_thread), hit);
    assert_false(gy_interrupt_works());
    assert_ptr_equal(current().sa_handler, later);
    stop(thread);
}

static int begin(void **state)
{
    (void)state;
    set(SIG_DFL, 0);
    atomic_store(&hits, 0);
    atomic_store(&later_hits, 0);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_reaches_the_thread, begin),     cmocka_unit_test_setup(test_lets_sleep, begin),
        cmocka_unit_test_setup(test_earlier_handler, begin),        cmocka_unit_test_setup(test_later_handler, begin),
        cmocka_unit_test_setup(test_one_that_resets_itself, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * A thousand threads in line: what is done at a time with the GIL's mutex, which the holder may want at any moment, does not grow
 * with their number. Linked with --wrap: whoever takes or leaves the mutex, and each wake-up, comes here.
 */
#include "gil/gilstate.h"
#include "made_gil.h"

#include <pthread.h>
#include <stdio.h>
#include <time.h>

enum { FEW = 8, MANY = 1000, ROUNDS = 400, STACK = 128 * 1024, MOST_WAKE_UPS = 3 };

bool __real_gy_mutex_lock(gy_mutex *mutex);
bool __real_gy_mutex_try_lock(gy_mutex *mutex);
void __real_gy_mutex_unlock(gy_mutex *mutex);
void __real_gy_cond_signal(gy_cond *cond);
bool __real_gy_cond_wait_until(gy_cond *cond, gy_mutex *mutex, uint64_t deadline_ns);

/* What is done between two moments in which another may have the mutex. Under it, too. */
static struct {
    unsigned long count, most_wake_ups;
    uint64_t sum_ns, longest_ns;
} steps;

static _Thread_local uint64_t since;
static _Thread_local unsigned long wake_ups;

/* Of this thread's processor time: that the kernel puts it aside does not count. */
static uint64_t processor_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * GY_NS_PER_S + (uint64_t)now.tv_nsec;
}

static bool is_the_gils(const gy_mutex *mutex)
{
    return mutex == gy_mutex_of(&gil.mutex);
}

static void step_begins(void)
{
    wake_ups = 0;
    since = processor_ns();
}

static void step_ends(void)
{
    uint64_t took = processor_ns() - since;
    steps.count++;
    steps.sum_ns += took;
    steps.longest_ns = took > steps.longest_ns ? took : steps.longest_ns;
    steps.most_wake_ups = wake_ups > steps.most_wake_ups ? wake_ups : steps.most_wake_ups;
}

bool __wrap_gy_mutex_lock(gy_mutex *mutex)
{
    bool locked = __real_gy_mutex_lock(mutex);
    if (is_the_gils(mutex)) {
        step_begins();
    }
    return locked;
}

bool __wrap_gy_mutex_try_lock(gy_mutex *mutex)
{
    bool locked = __real_gy_mutex_try_lock(mutex);
    if (locked && is_the_gils(mutex)) {
        step_begins();
    }
    return locked;
}

void __wrap_gy_mutex_unlock(gy_mutex *mutex)
{
    if (is_the_gils(mutex)) {
        step_ends();
    }
    __real_gy_mutex_unlock(mutex);
}

void __wrap_gy_cond_signal(gy_cond *cond)
{
    wake_ups++;
    __real_gy_cond_signal(cond);
}

bool __wrap_gy_cond_wait_until(gy_cond *cond, gy_mutex *mutex, uint64_t deadline_ns)
{
    if (is_the_gils(mutex)) {
        step_ends();
    }
    bool in_time = __real_gy_cond_wait_until(cond, mutex, deadline_ns);
    if (is_the_gils(mutex)) {
        step_begins();
    }
    return in_time;
}

static atomic_bool stop;
static pthread_t threads[MANY];
static const gy_account *_Atomic some_account;

static void *compute(void *argument)
{
    int number = (int)(intptr_t)argument;
    while (!atomic_load(&stop)) {
        gil_take(number);
        atomic_store(&some_account, &gy_own);
        while (!atomic_load(&gil.request) && !atomic_load(&stop)) {
            gy_relax();
        }
        gil_drop(number);
    }
    return NULL;
}

/* Returns how long a step was on average, ns; the last one is the end of it all. */
static double crowd(int number)
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK);
    atomic_store(&stop, false);
    assert_true(gil_begin(20 * MS));
    for (int i = 0; i < number; i++) {
        assert_int_equal(pthread_create(&threads[i], &attributes, compute, (void *)(intptr_t)(i + 1)), 0);
    }
    while (gy_gilorder_waiting() < number - 1) {
        gy_clock_monotonic.sleep(1 * MS);
    }
    gil_take(0);
    gy_mutex_lock(gy_mutex_of(&gil.mutex));
    steps.count = steps.most_wake_ups = 0;
    steps.sum_ns = steps.longest_ns = 0;
    gy_mutex_unlock(gy_mutex_of(&gil.mutex));
    gil_drop(0);
    for (int i = 0; i < ROUNDS; i++) {
        gil_take(0);
        gil_drop(0);
        if (i % 2 == 0) {
            gy_gilorder_gui_in_lock(atomic_load(&some_account));
        }
        gy_clock_monotonic.sleep(2 * MS);
        gy_gilorder_gui_out_of_lock();
    }
    gil_take(0);
    gy_mutex_lock(gy_mutex_of(&gil.mutex)); /* who waits in line has it, too, and not the lock */
    double mean = (double)steps.sum_ns / (double)steps.count;
    printf("%d threads: %lu steps, mean %.0f ns, longest %.1f us of the processor's time\n", number, steps.count, mean,
           (double)steps.longest_ns / 1e3);
    gy_mutex_unlock(gy_mutex_of(&gil.mutex));
    gil_drop(0);
    gy_gilorder_end();
    atomic_store(&stop, true);
    atomic_store(&gil.request, true);
    for (int i = 0; i < number; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(gy_gilorder_waiting(), 0);
    printf("most wake-ups in a step: %lu\n", steps.most_wake_ups);
    assert_in_range(steps.most_wake_ups, 1, MOST_WAKE_UPS);
    return mean;
}

static void test_steps_do_not_grow(void **state)
{
    (void)state;
    double few = crowd(FEW), many = crowd(MANY);
    assert_true(many < 10 * few); /* about 3: their memory is not in the cache; a walk along the line takes it to 50 */
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_steps_do_not_grow)};
    gil_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

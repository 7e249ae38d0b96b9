/* SPDX-License-Identifier: MIT */
#include "gil/gilqueue.h"
#include "unit.h"

/* A CPython that has nothing but a switch interval, kept as the real one does: in whole microseconds, fractions cut off. */
static unsigned long interval_us;
static bool cannot_read;
static int sets;

static double get_interval(void)
{
    return cannot_read ? -1.0 : 1e-6 * (double)interval_us;
}

static void set_interval(double seconds)
{
    interval_us = (unsigned long)(seconds * 1e6);
    sets++;
}

static const gy_python fake_python = {.get_switch_interval = get_interval, .set_switch_interval = set_interval};
static const gy_gilqueue *const queue = &gy_gilqueue_switch_interval;

static int begin(void **state)
{
    (void)state;
    interval_us = 5000;
    cannot_read = false;
    sets = 0;
    return queue->install(&fake_python, 20000000, 5000000, 100) ? -1 : 0;
}

static int end(void **state)
{
    (void)state;
    queue->remove();
    return 0;
}

static void test_lowered_while_away_and_given_back(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        queue->before_release();
        assert_int_equal(interval_us, 100);
        queue->after_reacquire();
        assert_int_equal(interval_us, 5000);
    }
    assert_int_equal(sets, 6);
}

/* 100 * 1e-6 * 1e6 is a little less than 100, and so is every fourth number: fractions cut off may not make another value of it.
 */
static void test_no_value_is_rounded_away(void **state)
{
    (void)state;
    for (unsigned switch_us = 1; switch_us <= 1000000; switch_us++) {
        queue->install(&fake_python, 20000000, 5000000, switch_us);
        interval_us = 1234567;
        queue->before_release();
        if (interval_us != switch_us) {
            fail_msg("%u became %lu", switch_us, interval_us);
        }
        queue->after_reacquire();
        if (interval_us != 1234567) {
            fail_msg("with %u, %lu was given back", switch_us, interval_us);
        }
    }
    queue->install(&fake_python, 20000000, 5000000, 7);
    for (unsigned long program_us = 8; program_us <= 1000000; program_us++) {
        interval_us = program_us;
        queue->before_release();
        queue->after_reacquire();
        if (interval_us != program_us) {
            fail_msg("the program's %lu became %lu", program_us, interval_us);
        }
    }
}

static void test_what_the_program_sets_meanwhile_stays(void **state)
{
    (void)state;
    static const unsigned long values[] = {1, 50, 99, 101, 200, 5000, 10000, 1000000};
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        interval_us = 5000;
        queue->before_release();
        interval_us = values[i];
        queue->after_reacquire();
        assert_int_equal(interval_us, values[i]);
    }
}

static void test_a_shorter_one_is_left_alone(void **state)
{
    (void)state;
    static const unsigned long values[] = {1, 50, 99, 100};
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        interval_us = values[i];
        queue->before_release();
        assert_int_equal(interval_us, values[i]);
        /* Not even one that is set meanwhile and looks like ours is "given back". */
        interval_us = 100;
        queue->after_reacquire();
        assert_int_equal(interval_us, 100);
    }
    assert_int_equal(sets, 0);
}

static void test_the_program_changes_it_between(void **state)
{
    (void)state;
    queue->before_release();
    queue->after_reacquire();
    interval_us = 9000;
    queue->before_release();
    assert_int_equal(interval_us, 100);
    queue->after_reacquire();
    assert_int_equal(interval_us, 9000);
}

static void test_unreadable(void **state)
{
    (void)state;
    cannot_read = true;
    queue->before_release();
    queue->after_reacquire();
    assert_int_equal(sets, 0);
    /* It could be read when the GIL was given away, and no longer after: better too short than guessed. */
    cannot_read = false;
    queue->before_release();
    cannot_read = true;
    queue->after_reacquire();
    assert_int_equal(sets, 1);
}

static void test_knows_no_waiters(void **state)
{
    (void)state;
    assert_int_equal(queue->waiting(), -1);
    assert_int_equal(queue->takes(), 0);
    assert_string_equal(queue->name, "switch-interval");
}

static void test_none_does_nothing(void **state)
{
    (void)state;
    const gy_gilqueue *none = &gy_gilqueue_none;
    assert_null(none->install(&fake_python, 20000000, 5000000, 100));
    none->before_release();
    assert_int_equal(none->waiting(), -1);
    assert_int_equal(none->takes(), 0);
    none->after_reacquire();
    none->remove();
    assert_int_equal(sets, 0);
    assert_string_equal(none->name, "none");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_lowered_while_away_and_given_back, begin, end),
        cmocka_unit_test_setup_teardown(test_no_value_is_rounded_away, begin, end),
        cmocka_unit_test_setup_teardown(test_what_the_program_sets_meanwhile_stays, begin, end),
        cmocka_unit_test_setup_teardown(test_a_shorter_one_is_left_alone, begin, end),
        cmocka_unit_test_setup_teardown(test_the_program_changes_it_between, begin, end),
        cmocka_unit_test_setup_teardown(test_unreadable, begin, end),
        cmocka_unit_test_setup_teardown(test_knows_no_waiters, begin, end),
        cmocka_unit_test_setup_teardown(test_none_does_nothing, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

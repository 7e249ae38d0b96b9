/* SPDX-License-Identifier: MIT */
#include "gil/gilqueue.h"
#include "os/clock.h"
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
static const uint64_t MS = 1000000;
static gilyield_options options = {.interval_ms = 20, .slice_ms = 5};

static const char *install(int switch_us)
{
    options.switch_us = switch_us;
    return queue->install(&fake_python, &options, 0);
}

/* What is to be seen of it: there are systems on which threads cannot wait as short as that. */
static unsigned long in_force(unsigned long switch_us)
{
    unsigned long shortest_us = (unsigned long)(gy_clock_shortest_wait_ns / GY_NS_PER_US);
    return switch_us > shortest_us ? switch_us : shortest_us;
}

static int begin(void **state)
{
    (void)state;
    interval_us = 5000;
    cannot_read = false;
    sets = 0;
    return install(100) ? -1 : 0;
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
        assert_int_equal(interval_us, in_force(100));
        queue->after_reacquire(0);
        assert_int_equal(interval_us, 5000);
    }
    assert_int_equal(sets, 6);
}

/* 100 * 1e-6 * 1e6 is a little less than 100, and so is every fourth number: fractions cut off may not make another value of it.
 */
static void test_no_value_is_rounded_away(void **state)
{
    (void)state;
    for (int switch_us = 1; switch_us <= 1000000; switch_us++) {
        install(switch_us);
        interval_us = 1234567;
        queue->before_release();
        if (interval_us != in_force((unsigned long)switch_us)) {
            fail_msg("%d became %lu", switch_us, interval_us);
        }
        queue->after_reacquire(0);
        if (interval_us != 1234567) {
            fail_msg("with %d, %lu was given back", switch_us, interval_us);
        }
    }
    install(7);
    for (unsigned long program_us = 8; program_us <= 1000000; program_us++) {
        interval_us = program_us;
        queue->before_release();
        queue->after_reacquire(0);
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
        queue->after_reacquire(0);
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
        queue->after_reacquire(0);
        assert_int_equal(interval_us, 100);
    }
    assert_int_equal(sets, 0);
}

static void test_the_program_changes_it_between(void **state)
{
    (void)state;
    queue->before_release();
    queue->after_reacquire(0);
    interval_us = 9000;
    queue->before_release();
    assert_int_equal(interval_us, in_force(100));
    queue->after_reacquire(0);
    assert_int_equal(interval_us, 9000);
}

static void test_unreadable(void **state)
{
    (void)state;
    cannot_read = true;
    queue->before_release();
    queue->after_reacquire(0);
    assert_int_equal(sets, 0);
    /* It could be read when the GIL was given away, and no longer after: better too short than guessed. */
    cannot_read = false;
    queue->before_release();
    cannot_read = true;
    queue->after_reacquire(0);
    assert_int_equal(sets, 1);
}

static void test_knows_no_waiters(void **state)
{
    (void)state;
    assert_int_equal(queue->waiting(), -1);
    assert_int_equal(queue->takes(), 0);
    assert_string_equal(queue->name, "switch-interval");
}

/* Both ways that see nothing of CPython's queue keep the account from the yields that they are told of. */
static void test_account(void **state)
{
    (void)state;
    const gy_gilqueue *const ways[] = {queue, &gy_gilqueue_none};
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        assert_null(ways[i]->install(&fake_python, &options, 100 * MS));
        assert_int_equal(ways[i]->owed(119 * MS), 0);
        assert_int_equal(ways[i]->owed(120 * MS), 5 * MS);
        ways[i]->before_release();
        ways[i]->after_release(120 * MS);
        ways[i]->after_reacquire(123 * MS);
        assert_int_equal(ways[i]->owed(123 * MS), 2 * MS);
        ways[i]->declined(124 * MS);
        assert_int_equal(ways[i]->owed(143 * MS), 0);
        assert_int_equal(ways[i]->owed(144 * MS), 5 * MS);
    }
}

static void test_none_does_nothing(void **state)
{
    (void)state;
    const gy_gilqueue *none = &gy_gilqueue_none;
    assert_null(none->install(&fake_python, &options, 0));
    none->before_release();
    assert_int_equal(none->waiting(), -1);
    assert_int_equal(none->takes(), 0);
    none->after_reacquire(0);
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
        cmocka_unit_test_setup_teardown(test_account, begin, end),
        cmocka_unit_test_setup_teardown(test_none_does_nothing, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "gil/fairclock.h"

#include "os/clock.h"
#include "unit.h"

#define MS GY_NS_PER_MS

static gy_runtime grown(void)
{
    return (gy_runtime){.newborn_ns = GY_NEWBORN_NS};
}

/* Of two threads that take turns none has lag in the end; in between, whoever waits has. */
static void test_turns(void **state)
{
    (void)state;
    gy_fairclock clock = {.virtual_ns = 100 * MS};
    gy_runtime a = grown(), b = grown();
    a.virtual_ns = b.virtual_ns = 100 * MS;
    gy_fairclock_charge(&clock, &a, 2 * MS, 2);
    assert_int_equal(gy_fairclock_lag(&clock, &a, 0), -1 * (int64_t)MS);
    assert_int_equal(gy_fairclock_lag(&clock, &b, 0), 1 * (int64_t)MS);
    assert_int_equal(gy_fairclock_lag(&clock, &b, MS), 2 * (int64_t)MS);
    gy_fairclock_charge(&clock, &b, 2 * MS, 2);
    assert_int_equal(gy_fairclock_lag(&clock, &a, 0), 0);
    assert_int_equal(gy_fairclock_lag(&clock, &b, 0), 0);
}

/* Who is alone has its part, whatever it takes. */
static void test_alone(void **state)
{
    (void)state;
    gy_fairclock clock = {.virtual_ns = 0};
    gy_runtime a = grown();
    gy_fairclock_charge(&clock, &a, 7 * MS, 1);
    assert_int_equal(gy_fairclock_lag(&clock, &a, 0), 0);
}

/* Who slept long is not owed all of that, and who kept the GIL long does not pay for all of it. */
static void test_most_lag(void **state)
{
    (void)state;
    gy_fairclock clock = {.virtual_ns = 1000 * MS};
    gy_runtime sleeper = grown(), keeper = grown();
    keeper.virtual_ns = 5000 * MS;
    gy_runtime waiter = grown();
    gy_fairclock_arrive(&clock, &sleeper, true, GY_MOST_DEBT_NS, 0);
    gy_fairclock_arrive(&clock, &waiter, false, GY_MOST_DEBT_NS, 0);
    gy_fairclock_arrive(&clock, &keeper, true, GY_MOST_DEBT_NS, 0);
    assert_int_equal(gy_fairclock_lag(&clock, &sleeper, 0), (int64_t)GY_MOST_SAVED_NS);
    assert_int_equal(waiter.virtual_ns, 0); /* it was interrupted: what it is owed stays */
    assert_int_equal(gy_fairclock_lag(&clock, &keeper, 0), -(int64_t)GY_MOST_DEBT_NS);
    keeper.virtual_ns = 1000 * MS + GY_ASKED_DEBT_NS;
    gy_fairclock_arrive(&clock, &keeper, false, GY_ASKED_DEBT_NS, 0);
    assert_int_equal(gy_fairclock_lag(&clock, &keeper, 0),
                     -(int64_t)GY_ASKED_DEBT_NS); /* all of what a few turns too long cost */
    gy_runtime late = grown(); /* those that compute are behind virtual time: the sleeper is before them all the same */
    gy_fairclock_arrive(&clock, &late, true, GY_MOST_DEBT_NS, 990 * MS);
    assert_int_equal(late.virtual_ns, 990 * MS - GY_MOST_SAVED_NS);
    gy_fairclock early = {.virtual_ns = 1};
    gy_runtime first = grown();
    assert_int_equal(gy_fairclock_arrive(&early, &first, true, GY_MOST_DEBT_NS, 0), 0); /* no time before the beginning */
}

/* Threads that are born and end without end have one part together; one that lives on has its own. */
static void test_newborn(void **state)
{
    (void)state;
    gy_fairclock clock = {.virtual_ns = 100 * MS};
    gy_runtime first = {0}, second = {0};
    gy_fairclock_arrive(&clock, &first, true, GY_MOST_DEBT_NS, 0);
    int64_t credit = gy_fairclock_lag(&clock, &first, 0);
    assert_true(credit > 0);
    gy_fairclock_charge(&clock, &first, MS / 2, 2);
    gy_fairclock_arrive(&clock, &second, true, GY_MOST_DEBT_NS, 0);
    assert_true(gy_fairclock_lag(&clock, &second, 0) < credit);
    assert_int_equal(gy_fairclock_lag(&clock, &second, 0), gy_fairclock_lag(&clock, &first, 0));
    gy_fairclock_charge(&clock, &second, GY_NEWBORN_NS, 2); /* grown up */
    uint64_t before = second.virtual_ns;
    gy_fairclock_charge(&clock, &first, MS / 4, 2);
    gy_fairclock_arrive(&clock, &second, true, GY_MOST_DEBT_NS, 0);
    assert_int_equal(second.virtual_ns, before);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_turns),
        cmocka_unit_test(test_alone),
        cmocka_unit_test(test_most_lag),
        cmocka_unit_test(test_newborn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

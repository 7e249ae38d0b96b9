/* SPDX-License-Identifier: MIT */
#include "gil/share.h"
#include "unit.h"

static const uint64_t US = 1000, MS = 1000000;

static void test_owes_after_an_interval(void **state)
{
    (void)state;
    gy_share share;
    gy_share_init(&share, 20 * MS, 5 * MS, true, 100 * MS);
    assert_int_equal(gy_share_hold_end(&share), 120 * MS);
    assert_int_equal(gy_share_owed(&share, 100 * MS), 0);
    assert_int_equal(gy_share_owed(&share, 120 * MS - 1), 0);
    assert_int_equal(gy_share_owed(&share, 120 * MS), 5 * MS);
    /* What runs over the interval is charged too, up to four slices. */
    assert_int_equal(gy_share_owed(&share, 140 * MS), 10 * MS);
    assert_int_equal(gy_share_owed(&share, 180 * MS), 20 * MS);
    assert_int_equal(gy_share_owed(&share, 900 * MS), 20 * MS);

    /* Paid in parts: what is missing goes down while the others have it, and stands still while they do not. */
    gy_share_released(&share, 124 * MS);
    assert_int_equal(gy_share_owed(&share, 126 * MS), 4 * MS);
    gy_share_took(&share, 126 * MS);
    assert_int_equal(gy_share_owed(&share, 126 * MS), 4 * MS);
    assert_int_equal(gy_share_owed(&share, 130 * MS), 5 * MS);
    assert_int_equal(gy_share_hold_end(&share), 126 * MS);
    gy_share_released(&share, 130 * MS);
    assert_int_equal(gy_share_owed(&share, 134 * MS), 1 * MS);
    assert_int_equal(gy_share_owed(&share, 135 * MS), 0);
    gy_share_took(&share, 135 * MS);
    /* Paid: a new period. */
    assert_int_equal(gy_share_owed(&share, 135 * MS), 0);
    assert_int_equal(gy_share_hold_end(&share), 155 * MS);
}

/* What the kernel took away from a hold is not part of it. */
static void test_put_aside(void **state)
{
    (void)state;
    gy_share share;
    gy_share_init(&share, 20 * MS, 5 * MS, true, 100 * MS);
    gy_share_put_aside(&share, 15 * MS, 130 * MS);
    assert_int_equal(gy_share_owed(&share, 130 * MS), 0);
    assert_int_equal(gy_share_hold_end(&share), 135 * MS);
    gy_share_released(&share, 135 * MS);
    assert_int_equal(gy_share_owed(&share, 135 * MS), 5 * MS);
    gy_share_put_aside(&share, 1 * MS, 136 * MS); /* no hold: nothing to take from it */
    assert_int_equal(gy_share_owed(&share, 136 * MS), 4 * MS);
    gy_share_init(&share, 20 * MS, 5 * MS, true, 0);
    gy_share_put_aside(&share, 90 * MS, 30 * MS); /* no more than the hold itself */
    gy_share_released(&share, 30 * MS);
    assert_int_equal(gy_share_owed(&share, 30 * MS), 0);
}

static void test_init_without_the_gil(void **state)
{
    (void)state;
    gy_share share;
    gy_share_init(&share, 20 * MS, 5 * MS, false, 0);
    assert_int_equal(gy_share_hold_end(&share), UINT64_MAX);
    assert_int_equal(gy_share_owed(&share, 1000 * MS), 0);
    gy_share_took(&share, 1000 * MS);
    assert_int_equal(gy_share_hold_end(&share), 1020 * MS);
}

static void test_frequent_short_waits_are_charged(void **state)
{
    (void)state;
    gy_share share;
    uint64_t now = 0;
    gy_share_init(&share, 20 * MS, 5 * MS, true, now);
    /* 1 ms of work, 10 us of waiting, and so on: the others got 190 us meanwhile. */
    for (int i = 0; i < 19; i++) {
        now += 1 * MS;
        assert_int_equal(gy_share_owed(&share, now), 0);
        gy_share_released(&share, now);
        now += 10 * US;
        gy_share_took(&share, now);
    }
    assert_int_equal(gy_share_hold_end(&share), now + 1 * MS);
    assert_int_equal(gy_share_owed(&share, now + 1 * MS), 5 * MS - 190 * US);
}

static void test_an_unwanted_offer_is_forgiven(void **state)
{
    (void)state;
    gy_share share;
    gy_share_init(&share, 20 * MS, 5 * MS, true, 0);
    assert_int_equal(gy_share_owed(&share, 40 * MS), 10 * MS);
    gy_share_clear_deficit(&share, 40 * MS);
    assert_int_equal(gy_share_owed(&share, 59 * MS), 0);
    assert_int_equal(gy_share_hold_end(&share), 60 * MS);
}

static void test_a_slice_ends_the_period(void **state)
{
    (void)state;
    gy_share share;
    gy_share_init(&share, 20 * MS, 5 * MS, true, 0);
    gy_share_released(&share, 19 * MS);
    gy_share_took(&share, 24 * MS);
    assert_int_equal(gy_share_hold_end(&share), 44 * MS);
    /* A nanosecond less than a slice does not. */
    gy_share_released(&share, 34 * MS);
    gy_share_took(&share, 39 * MS - 1);
    assert_int_equal(gy_share_hold_end(&share), 49 * MS - 1);
    /* A long wait does not pay in advance: one period, not several. */
    gy_share_released(&share, 40 * MS);
    gy_share_took(&share, 900 * MS);
    assert_int_equal(gy_share_hold_end(&share), 920 * MS);
    assert_int_equal(gy_share_owed(&share, 920 * MS), 5 * MS);
}

static void test_calling_twice_changes_nothing(void **state)
{
    (void)state;
    gy_share share;
    gy_share_init(&share, 20 * MS, 5 * MS, true, 0);
    gy_share_took(&share, 7 * MS);
    assert_int_equal(gy_share_hold_end(&share), 20 * MS);
    gy_share_released(&share, 10 * MS);
    gy_share_released(&share, 11 * MS);
    gy_share_took(&share, 12 * MS);
    gy_share_took(&share, 13 * MS);
    assert_int_equal(gy_share_hold_end(&share), 22 * MS);
    assert_int_equal(gy_share_owed(&share, 22 * MS), 3 * MS);
}

/* Two clocks read on two cores may differ by a little: never an overflow. */
static void test_a_clock_that_steps_back(void **state)
{
    (void)state;
    gy_share share;
    gy_share_init(&share, 20 * MS, 5 * MS, true, 100 * MS);
    assert_int_equal(gy_share_owed(&share, 99 * MS), 0);
    gy_share_released(&share, 99 * MS);
    assert_int_equal(gy_share_owed(&share, 98 * MS), 0);
    gy_share_took(&share, 98 * MS);
    assert_int_equal(gy_share_hold_end(&share), 118 * MS);
}

/*
 * Any load at all: the GUI thread holds the GIL for any time and waits for any time, may overrun its hold by at most `overrun`,
 * and pays, in one go or in pieces, whenever it owes. The others get at least slice / (interval + slice), as long as no hold is
 * longer than four intervals.
 */
static void run_load(uint64_t *seed, uint64_t interval, uint64_t slice, uint64_t overrun, uint64_t longest_hold,
                     uint64_t longest_wait)
{
    gy_share share;
    uint64_t now = unit_below(seed, 1000 * MS), held = 0, given = 0;
    gy_share_init(&share, interval, slice, true, now);
    for (int i = 0; i < 2000; i++) {
        uint64_t end = gy_share_hold_end(&share), hold = unit_below(seed, longest_hold + 1);
        assert_true(end >= now && end - now <= interval);
        /* One handler at most runs over the end. */
        uint64_t most = end - now + (end > now ? unit_below(seed, overrun + 1) : 0);
        hold = hold < most ? hold : most;
        now += hold;
        held += hold;
        uint64_t owed = gy_share_owed(&share, now);
        assert_int_equal(owed > 0, now >= end);
        assert_true(owed <= 4 * slice);
        uint64_t away = unit_below(seed, longest_wait + 1);
        if (owed > 0) {
            /* A part of it first, now and then. */
            away = unit_below(seed, 4) == 0 ? 1 + unit_below(seed, owed) : owed;
        }
        gy_share_released(&share, now);
        assert_int_equal(gy_share_hold_end(&share), UINT64_MAX);
        now += away;
        given += away;
        assert_int_equal(gy_share_owed(&share, now), owed > away ? owed - away : 0);
        gy_share_took(&share, now);
    }
    /* Whole periods, and the last one that is not over; a nanosecond a period is lost to rounding. */
    uint64_t longest_hold_of_period = interval + overrun;
    double ratio = (double)slice / (double)interval, capped = 4.0 * (double)slice / (double)longest_hold_of_period;
    double owed_at_least = (double)(held - (held < longest_hold_of_period ? held : longest_hold_of_period));
    assert_true((double)given + 2000.0 >= owed_at_least * (ratio < capped ? ratio : capped));
}

static void test_share_under_any_load(void **state)
{
    (void)state;
    uint64_t seed = 2463534242;
    for (int i = 0; i < 500; i++) {
        uint64_t interval = (1 + unit_below(&seed, 50)) * MS, slice = (1 + unit_below(&seed, 20)) * MS;
        uint64_t overrun = i % 2 ? unit_below(&seed, 30 * MS) : 0;
        uint64_t hold = 1 + (unit_below(&seed, 100 * MS) >> unit_below(&seed, 20));
        uint64_t wait = unit_below(&seed, 10 * MS) >> unit_below(&seed, 20);
        run_load(&seed, interval, slice, overrun, hold, wait);
    }
    /* Never waits by itself: exactly the share, no more. */
    run_load(&seed, 20 * MS, 5 * MS, 0, 1000 * MS, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_owes_after_an_interval),        cmocka_unit_test(test_put_aside),
        cmocka_unit_test(test_init_without_the_gil),          cmocka_unit_test(test_frequent_short_waits_are_charged),
        cmocka_unit_test(test_an_unwanted_offer_is_forgiven), cmocka_unit_test(test_a_slice_ends_the_period),
        cmocka_unit_test(test_calling_twice_changes_nothing), cmocka_unit_test(test_a_clock_that_steps_back),
        cmocka_unit_test(test_share_under_any_load),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

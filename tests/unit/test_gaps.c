/* SPDX-License-Identifier: MIT */
#include "gil/gaps.h"

#include "unit.h"

enum { SHORT_NS = 500, LONG_NS = GY_SHORT_GAP_NS, ROUNDS = 20 };

/* One round of `pattern`, of S and L. Returns how many gaps were taken for what they were not. */
static int run_round(gy_gaps *gaps, const char *pattern)
{
    int wrong = 0;
    for (const char *gap = pattern; *gap; gap++) {
        bool expected_short = gy_gaps_grace(gaps) > 0;
        wrong += expected_short != (*gap == 'S');
        gy_gaps_add(gaps, *gap == 'S' ? SHORT_NS : LONG_NS);
    }
    return wrong;
}

static int run_rounds(gy_gaps *gaps, const char *pattern)
{
    int wrong = 0;
    for (int i = 0; i < ROUNDS; i++) {
        wrong = run_round(gaps, pattern);
    }
    return wrong; /* of the last */
}

static void test_nothing_seen(void **state)
{
    (void)state;
    gy_gaps gaps = {.short_ns = 0};
    assert_int_equal(gy_gaps_grace(&gaps), 0);
    gy_gaps_add(&gaps, LONG_NS);
    assert_int_equal(gy_gaps_grace(&gaps), 0);
}

static void test_order_is_learnt(void **state)
{
    (void)state;
    static const char *const patterns[] = {"S", "L", "SL", "SSSL", "LSSSSSL", "LLSLSSS", "SSSSSSSSL"};
    for (unsigned i = 0; i < COUNT_OF(patterns); i++) {
        gy_gaps gaps = {.short_ns = 0};
        assert_int_equal(run_rounds(&gaps, patterns[i]), 0);
    }
    gy_gaps gaps = {.short_ns = 0};
    assert_int_equal(run_rounds(&gaps, "SSSL"), 0);
    assert_int_equal(run_rounds(&gaps, "LSLLLS"), 0); /* another order, later */
}

/* The kernel puts a thread aside at any moment. */
static void test_long_one_by_chance(void **state)
{
    (void)state;
    gy_gaps gaps = {.short_ns = 0};
    for (int i = 0; i < ROUNDS; i++) {
        run_rounds(&gaps, "SSSS");
        gy_gaps_add(&gaps, LONG_NS);
    }
    assert_int_equal(run_round(&gaps, "SSSSSSSSSSSS"), 0);
}

/* Grace is by what short ones take. */
static void test_how_long(void **state)
{
    (void)state;
    gy_gaps gaps = {.short_ns = 0}, longer = {.short_ns = 0};
    for (int i = 0; i < ROUNDS; i++) {
        gy_gaps_add(&gaps, SHORT_NS);
        gy_gaps_add(&longer, GY_SHORT_GAP_NS - 1);
    }
    assert_int_equal(gy_gaps_grace(&longer) - gy_gaps_grace(&gaps), 2 * (GY_SHORT_GAP_NS - 1 - SHORT_NS));
    assert_true(gy_gaps_grace(&gaps) > 2 * SHORT_NS);
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(test_nothing_seen), cmocka_unit_test(test_order_is_learnt),
                                          cmocka_unit_test(test_long_one_by_chance), cmocka_unit_test(test_how_long)};

UNIT_MAIN(tests)

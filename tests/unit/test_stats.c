/* SPDX-License-Identifier: MIT */
#include "loop/stats.h"
#include "unit.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES = 5000 };

static gy_stats stats; /* 5 kB, and all zero at first, as the real one is */

static int compare(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* The promise of stats.h: never too low, at most 1/16 too high. */
static void assert_near(uint64_t said, uint64_t truth)
{
    assert_true(said >= truth);
    assert_true(said - truth <= truth / 16);
}

static void check_distribution(uint64_t *samples, size_t count)
{
    gilyield_stats out = {.size = sizeof out};
    uint64_t total = 0;
    gy_stats_reset(&stats);
    for (size_t i = 0; i < count; i++) {
        gy_stats_reacquired(&stats, samples[i]);
        total += samples[i];
    }
    gy_stats_read(&stats, &out);
    qsort(samples, count, sizeof *samples, compare);
    /* The smallest sample that at least so many per cent do not exceed. */
    assert_near(out.reacquire_p50_ns, samples[(count * 50 + 99) / 100 - 1]);
    assert_near(out.reacquire_p99_ns, samples[(count * 99 + 99) / 100 - 1]);
    assert_int_equal(out.reacquire_max_ns, samples[count - 1]);
    assert_true(out.reacquire_p99_ns <= out.reacquire_max_ns);
    assert_int_equal(out.reacquire_ns, total);
}

static uint64_t constant(uint64_t *seed, size_t i)
{
    (void)seed, (void)i;
    return 50000;
}

static uint64_t uniform(uint64_t *seed, size_t i)
{
    (void)i;
    return unit_below(seed, 20000000);
}

/* Every magnitude from nanoseconds to minutes, and every bucket of it. */
static uint64_t log_uniform(uint64_t *seed, size_t i)
{
    (void)i;
    return unit_random(seed) >> (24 + unit_below(seed, 40));
}

/* The usual picture: mostly free, now and then a convoy. */
static uint64_t bimodal(uint64_t *seed, size_t i)
{
    return i % 50 == 0 ? 5000000 + unit_below(seed, 100000000) : 20 + unit_below(seed, 60);
}

static uint64_t tiny(uint64_t *seed, size_t i)
{
    (void)i;
    return unit_below(seed, 40);
}

static uint64_t powers_of_two_and_neighbours(uint64_t *seed, size_t i)
{
    (void)seed;
    return (UINT64_C(1) << (i / 3 % 40)) + i % 3 - 1;
}

static uint64_t rising(uint64_t *seed, size_t i)
{
    (void)seed;
    return i * i;
}

static void test_percentiles(void **state)
{
    (void)state;
    static uint64_t (*const distributions[])(uint64_t *, size_t) = {
        constant, uniform, log_uniform, bimodal, tiny, powers_of_two_and_neighbours, rising,
    };
    static uint64_t samples[SAMPLES];
    static const size_t counts[] = {1, 2, 3, 99, 100, 101, SAMPLES};
    uint64_t seed = 88172645463325252;
    for (size_t d = 0; d < COUNT_OF(distributions); d++) {
        for (size_t c = 0; c < COUNT_OF(counts); c++) {
            for (size_t i = 0; i < counts[c]; i++) {
                samples[i] = distributions[d](&seed, i);
            }
            check_distribution(samples, counts[c]);
        }
    }
}

/* Beyond the last bucket the promise holds, too: a debugger may stop the process for hours. */
static void test_longer_than_all_buckets(void **state)
{
    (void)state;
    const uint64_t hour = UINT64_C(3600) * 1000000000;
    gilyield_stats out = {.size = sizeof out};
    gy_stats_reset(&stats);
    gy_stats_reacquired(&stats, 2 * hour);
    gy_stats_reacquired(&stats, 2 * hour);
    gy_stats_reacquired(&stats, UINT64_MAX / 4);
    gy_stats_read(&stats, &out);
    assert_true(out.reacquire_p50_ns >= 2 * hour);
    assert_int_equal(out.reacquire_max_ns, UINT64_MAX / 4);
}

static void test_nothing_yet(void **state)
{
    (void)state;
    gilyield_stats out, zero;
    memset(&out, 0xa5, sizeof out);
    memset(&zero, 0, sizeof zero);
    gy_stats_reset(&stats);
    gy_stats_read(&stats, &out);
    zero.size = out.size; /* these two are the caller's */
    zero.elapsed_ns = out.elapsed_ns;
    assert_memory_equal(&out, &zero, sizeof out);
}

static void test_maxima(void **state)
{
    (void)state;
    gilyield_stats out = {.size = sizeof out};
    gy_stats_reset(&stats);
    static const uint64_t waits[] = {7, 900, 3, 899, 900, 0};
    for (size_t i = 0; i < COUNT_OF(waits); i++) {
        gy_stats_gui_waited(&stats, waits[i]);
    }
    gy_stats_released(&stats, 40);
    gy_stats_released(&stats, 2);
    gy_stats_read(&stats, &out);
    assert_int_equal(out.gui_wait_max_ns, 900);
    assert_int_equal(out.gui_wait_ns, 7 + 900 + 3 + 899 + 900);
    assert_int_equal(out.released_ns, 42);
    assert_int_equal(out.reacquire_max_ns, 0);
}

static void test_reset(void **state)
{
    (void)state;
    /* Set everything, so that a counter that reset forgets is seen. */
    atomic_uint_least64_t *const counters[] = {&stats.ticks,     &stats.waits,   &stats.yields,
                                               &stats.handovers, &stats.skipped, &stats.alone};
    gilyield_stats out = {.size = sizeof out};
    for (size_t i = 0; i < COUNT_OF(counters); i++) {
        for (size_t n = 0; n <= i; n++) {
            gy_stats_count(counters[i]);
        }
    }
    gy_stats_reacquired(&stats, 123);
    gy_stats_released(&stats, 123);
    gy_stats_gui_waited(&stats, 123);
    gy_stats_read(&stats, &out);
    assert_int_equal(out.ticks, 1);
    assert_int_equal(out.waits, 2);
    assert_int_equal(out.yields, 3);
    assert_int_equal(out.handovers, 4);
    assert_int_equal(out.skipped, 5);
    assert_int_equal(out.alone, 6);
    test_nothing_yet(NULL);
    for (size_t i = 0; i < GY_STATS_BUCKETS; i++) {
        assert_int_equal(atomic_load(&stats.histogram[i]), 0);
    }
}

/* ---- One writer, many readers, resets between. ---- */

enum { WRITES = 200000 };
static atomic_bool written;

static void *write_all(void *unused)
{
    (void)unused;
    uint64_t seed = 1442695040888963407;
    for (int i = 0; i < WRITES; i++) {
        gy_stats_reacquired(&stats, 100 + unit_below(&seed, 1000));
        gy_stats_count(&stats.yields);
    }
    atomic_store(&written, true);
    return NULL;
}

static void *read_all(void *strange)
{
    while (!atomic_load(&written)) {
        gilyield_stats out = {.size = sizeof out};
        gy_stats_read(&stats, &out);
        /* Half counted is allowed; a figure that nobody wrote is not. */
        if (out.reacquire_max_ns >= 1100 || out.reacquire_p99_ns > 1200 || out.yields > WRITES) {
            atomic_store((atomic_bool *)strange, true);
        }
    }
    return NULL;
}

static void test_concurrent(void **state)
{
    (void)state;
    pthread_t writer, readers[2];
    atomic_bool strange = false;
    gilyield_stats out = {.size = sizeof out};
    gy_stats_reset(&stats);
    atomic_store(&written, false);
    assert_int_equal(pthread_create(&writer, NULL, write_all, NULL), 0);
    for (size_t i = 0; i < COUNT_OF(readers); i++) {
        assert_int_equal(pthread_create(&readers[i], NULL, read_all, &strange), 0);
    }
    pthread_join(writer, NULL);
    for (size_t i = 0; i < COUNT_OF(readers); i++) {
        pthread_join(readers[i], NULL);
    }
    assert_false(atomic_load(&strange));
    /* Readers take nothing away. */
    gy_stats_read(&stats, &out);
    assert_int_equal(out.yields, WRITES);
    assert_true(out.reacquire_p50_ns >= 550 && out.reacquire_p50_ns <= 660);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_percentiles), cmocka_unit_test(test_longer_than_all_buckets),
        cmocka_unit_test(test_nothing_yet), cmocka_unit_test(test_maxima),
        cmocka_unit_test(test_reset),       cmocka_unit_test(test_concurrent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

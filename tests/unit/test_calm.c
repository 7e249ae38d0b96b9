/* SPDX-License-Identifier: MIT */
/*
 * Calm, the short way of a take or drop that nobody else cares for, leaves all as the long way does. Whenever a thread could go
 * the short way it goes both, from the same state, and the two are compared to the last byte. The sanitizer tells if another
 * thread touches that state meanwhile.
 */
#include <stdbool.h>

static void both_ways_taken(void);
static bool both_ways_dropped(void);
#define GIL_TAKEN   both_ways_taken
#define GIL_DROPPED both_ways_dropped

#include "gil/calm.h"
#include "made_gil.h"

#include <pthread.h>
#include <string.h>

enum { ALONE = 100, ROUNDS = 200 };

static atomic_int calm_takes, calm_drops;

typedef struct known {
    gy_gilstate order;
    gy_account own;
    uint16_t holder;
    bool counting;
} known;

static void save(known *to)
{
    memset(to, 0, sizeof *to);
    memcpy(&to->order, &gy_order, sizeof gy_order);
    memcpy(&to->own, &gy_own, sizeof gy_own);
    to->holder = gy_account_holder();
    to->counting = gy_account_counting;
}

static void go_back(const known *to)
{
    memcpy(&gy_order, &to->order, sizeof gy_order);
    memcpy(&gy_own, &to->own, sizeof gy_own);
    gy_own.calm = 0; /* which leads the long way */
}

/* `shorter` is what the short way has left. */
static void compare(known *shorter)
{
    static known longer;
    save(&longer);
    longer.order.calm = shorter->order.calm;
    longer.own.calm = shorter->own.calm;
    assert_memory_equal(&longer, shorter, sizeof longer);
    memcpy(&gy_order, &shorter->order, sizeof gy_order);
    memcpy(&gy_own, &shorter->own, sizeof gy_own);
}

/* All under the lock's mutex. */
static void both_ways_taken(void)
{
    static known before, shorter;
    if (!gy_calm()) {
        gy_gilorder_taken();
        return;
    }
    calm_takes++;
    save(&before);
    assert_true(gy_calm_taken());
    save(&shorter);
    go_back(&before);
    gy_gilorder_taken();
    assert_true(gy_calm()); /* and so it goes on */
    compare(&shorter);
}

static bool both_ways_dropped(void)
{
    static known before, shorter;
    if (!gy_calm()) {
        return gy_gilorder_dropped();
    }
    calm_drops++;
    save(&before);
    assert_true(gy_calm_dropped());
    save(&shorter);
    go_back(&before);
    assert_true(gy_gilorder_dropped()); /* nobody is in line */
    compare(&shorter);
    return true;
}

/* Nobody waits to be relieved: who would has had it last. */
static void look_who_was_last(int self)
{
    assert_true(!gy_calm() || gil.last == self);
}

static void begin(void)
{
    static bool made;
    if (!made) {
        gil_init();
        made = true;
    }
    gil_before_take = look_who_was_last;
    assert_true(gil_begin(20 * MS));
    gy_gilorder_gui_polls(false);
}

/* ---- Alone ---- */

static void take_and_drop(int self, int times)
{
    for (int i = 0; i < times; i++) {
        gil_take(self);
        gil_drop(self);
    }
}

static void *alone(void *argument)
{
    (void)argument;
    take_and_drop(1, ALONE);
    return NULL;
}

/* All but the first few. */
static void test_alone(void **state)
{
    (void)state;
    pthread_t thread;
    begin();
    take_and_drop(0, ALONE);
    assert_true(calm_takes > ALONE - 5 && calm_drops > ALONE - 5);
    calm_takes = calm_drops = 0;
    assert_int_equal(pthread_create(&thread, NULL, alone, NULL), 0);
    pthread_join(thread, NULL);
    assert_true(calm_takes > ALONE - 5 && calm_drops > ALONE - 5);
    assert_int_equal(gy_gilorder_takes(), ALONE);

    /* Somebody looks at what they do, and looks away. */
    calm_takes = 0;
    atomic_store(&gy_account_detail_now, GY_ACCOUNT_HOLDER);
    take_and_drop(0, ALONE);
    assert_int_equal(calm_takes, 0);
    atomic_store(&gy_account_detail_now, GY_ACCOUNT_CONTENDED);
    take_and_drop(0, ALONE);
    assert_true(calm_takes > ALONE - 5);
    gy_gilorder_end();
}

/* ---- Among others ---- */

static atomic_bool stop;

static void keep(uint64_t ns)
{
    uint64_t end = gy_clock_monotonic.now() + ns;
    while (gy_clock_monotonic.now() < end && !atomic_load(&gil.request)) {
    }
}

static void round_of(int self, uint64_t *seed)
{
    switch (unit_below(seed, 4)) {
    case 0: /* a row of short calls */
        take_and_drop(self, (int)unit_below(seed, 20));
        break;
    case 1: /* which take longer */
        for (uint64_t i = unit_below(seed, 4); i > 0; i--) {
            gil_take(self);
            keep(unit_below(seed, 50) * US);
            gil_drop(self);
            keep(unit_below(seed, 20) * US);
        }
        break;
    case 2: /* computes until it is asked for it, perhaps past its turn */
        gil_take(self);
        keep(unit_below(seed, 5) * MS);
        gil_drop(self);
        break;
    default:
        gy_clock_monotonic.sleep(unit_below(seed, 3000) * US);
    }
}

static void *goes_on(void *argument)
{
    int self = *(const int *)argument;
    uint64_t seed = (uint64_t)self + 1;
    while (!atomic_load(&stop)) {
        round_of(self, &seed);
    }
    return NULL;
}

static void test_among_others(void **state)
{
    (void)state;
    static const int numbers[] = {1, 2};
    pthread_t threads[COUNT_OF(numbers)];
    uint64_t seed = 1;
    begin();
    calm_takes = calm_drops = 0;
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, goes_on, (void *)(uintptr_t)&numbers[i]), 0);
    }
    for (int i = 0; i < ROUNDS; i++) {
        round_of(0, &seed);
    }
    atomic_store(&stop, true);
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        pthread_join(threads[i], NULL);
    }
    assert_true(calm_takes > 0 && calm_drops > 0);
    take_and_drop(0, ALONE);
    assert_true(calm_takes > ALONE - 5);
    gy_gilorder_end();
}

/* A thread that is born where another had its memory is not calm because that one was. */
static void test_another(void **state)
{
    (void)state;
    begin();
    take_and_drop(0, ALONE);
    gy_mutex_lock(gy_mutex_of(&gil.mutex));
    assert_true(gy_calm());
    gy_account before = gy_own;
    gy_own = (gy_account){.thread = 0};
    assert_false(gy_calm());
    gy_own = before;
    gy_gilorder_begin_account(); /* what happened before is not known */
    assert_false(gy_calm());
    gy_mutex_unlock(gy_mutex_of(&gil.mutex));
    gy_gilorder_end();
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alone),
        cmocka_unit_test(test_among_others),
        cmocka_unit_test(test_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "os/clock.h"
#include "trace/ring.h"
#include "unit.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { WRITERS = 4, EACH = 200000, SMALL = 64 };

typedef struct seen {
    unsigned count;
    uint32_t first, last;
    uint64_t last_of[WRITERS];
    bool ordered, whole;
} seen;

static void note(const gy_event *event, void *data)
{
    seen *all = data;
    if (all->count++ == 0) {
        all->first = event->detail;
    }
    all->last = event->detail;
    /* Each writer puts its own number of the event into two fields. */
    if (event->thread < WRITERS) {
        all->ordered = all->ordered && event->when >= all->last_of[event->thread];
        all->last_of[event->thread] = event->when;
    }
    all->whole = all->whole && event->when == event->detail;
}

static gy_event event_of(uint32_t number, uint16_t thread)
{
    return (gy_event){number, number, thread, GY_EVENT_TAKE};
}

static void test_keeps_the_newest(void **state)
{
    (void)state;
    gy_ring ring;
    assert_true(gy_ring_init(&ring, SMALL - 1));
    assert_int_equal(ring.capacity, SMALL);
    for (uint32_t i = 0; i < 10; i++) {
        gy_ring_put(&ring, event_of(i, 1));
    }
    seen all = {.ordered = true, .whole = true};
    assert_int_equal(gy_ring_read(&ring, note, &all), 0);
    assert_int_equal(all.count, 10);
    for (uint32_t i = 10; i < SMALL + 5; i++) {
        gy_ring_put(&ring, event_of(i, 1));
    }
    all = (seen){.ordered = true, .whole = true};
    assert_int_equal(gy_ring_read(&ring, note, &all), 5);
    assert_int_equal(all.count, SMALL);
    assert_int_equal(all.first, 5);
    assert_int_equal(all.last, SMALL + 4);
    assert_true(all.ordered && all.whole);
    gy_ring_clear(&ring);
    all = (seen){0};
    assert_int_equal(gy_ring_read(&ring, note, &all), 0);
    assert_int_equal(all.count, 0);
    free(ring.slots);
}

static void test_an_event_in_the_making_is_lost(void **state)
{
    (void)state;
    gy_ring ring;
    assert_true(gy_ring_init(&ring, SMALL));
    for (uint32_t i = 0; i < 3; i++) {
        gy_ring_put(&ring, event_of(i, 1));
    }
    /* A writer was put aside between its ticket and its event. */
    atomic_store(&ring.slots[1].ticket, 0);
    seen all = {.ordered = true, .whole = true};
    assert_int_equal(gy_ring_read(&ring, note, &all), 1);
    assert_int_equal(all.count, 2);
    free(ring.slots);
}

static gy_ring shared;

static void *write_many(void *thread)
{
    uint16_t self = *(uint16_t *)thread;
    for (uint32_t i = 0; i < EACH; i++) {
        gy_ring_put(&shared, event_of(i, self));
    }
    return NULL;
}

/* A reader beside writers gets whole events, each writer's in their order, and each event is read or counted as lost. */
static void test_many_writers(void **state)
{
    (void)state;
    assert_true(gy_ring_init(&shared, 4096));
    pthread_t threads[WRITERS];
    uint16_t numbers[WRITERS];
    for (uint16_t i = 0; i < WRITERS; i++) {
        numbers[i] = i;
        assert_int_equal(pthread_create(&threads[i], NULL, write_many, &numbers[i]), 0);
    }
    for (int i = 0; i < 200; i++) {
        seen all = {.ordered = true, .whole = true};
        gy_ring_read(&shared, note, &all);
        assert_true(all.whole);
    }
    for (int i = 0; i < WRITERS; i++) {
        pthread_join(threads[i], NULL);
    }
    seen all = {.ordered = true, .whole = true};
    uint64_t lost = gy_ring_read(&shared, note, &all);
    assert_int_equal(lost + all.count, (uint64_t)WRITERS * EACH);
    assert_true(all.ordered && all.whole);
    free(shared.slots);
}

/* A figure to read, not to test: what an event costs, its time at hand. */
static void test_says_what_an_event_costs(void **state)
{
    (void)state;
    gy_ring ring;
    assert_true(gy_ring_init(&ring, 1 << 16));
    uint64_t begin = gy_clock_monotonic.now();
    for (uint32_t i = 0; i < 5 * EACH; i++) {
        gy_ring_put(&ring, event_of(i, 1));
    }
    uint64_t middle = gy_clock_monotonic.now();
    for (uint32_t i = 0; i < 5 * EACH; i++) {
        gy_clock_monotonic.now();
    }
    uint64_t end = gy_clock_monotonic.now();
    printf("an event: %.1f ns; a look at the clock: %.1f ns\n", (double)(middle - begin) / (5 * EACH),
           (double)(end - middle) / (5 * EACH));
    free(ring.slots);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_keeps_the_newest),
    cmocka_unit_test(test_an_event_in_the_making_is_lost),
    cmocka_unit_test(test_many_writers),
    cmocka_unit_test(test_says_what_an_event_costs),
};

UNIT_MAIN(tests)

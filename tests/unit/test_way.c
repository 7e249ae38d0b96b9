/* SPDX-License-Identifier: MIT */
/* Who makes way for whom at a processor, in made time. */
#include "made_beside.h"

#include <stdio.h>

enum { COMPUTE = 3 };

static bool shared;
static uint64_t stays_ns; /* how long who was made way for keeps the processor */
static unsigned long left, made_way;

/* Somebody was woken for a free GIL, and lets go of the processor first. Who spins is not woken, but told to go. */
static void count_way(void)
{
    const gy_waiter *promised = atomic_load(&gy_order.promised);
    if (!gy_order.held && promised && promised->account == &gy_own && !atomic_load(&promised->go)) {
        made_way++;
        made_work(stays_ns);
    }
}

static void need_little(int self)
{
    for (uint64_t end = made_self->at + GY_NS_PER_S; made_self->at < end;) {
        gil_take(self);
        made_work(100 * US);
        left++;
        gil_drop(self);
        made_sleep(1 * MS + 2 * stays_ns);
    }
}

static void run_thread(int self)
{
    made_self->processor = shared ? 0 : self;
    beside(self, need_little);
}

static void run(bool one_processor, uint64_t ns)
{
    shared = one_processor;
    stays_ns = ns;
    left = made_way = 0;
    made_gives_way = count_way;
    made_run(2 + COMPUTE, run_thread);
    made_gives_way = NULL;
    printf("%s processor, %.1f ms: left %lu times, made way %lu times\n", shared ? "one" : "its own", (double)ns / 1e6, left,
           made_way);
}

/* Who is woken by a thread that is off to sleep lets it go, where both are on one processor. */
static void test_makes_way(void **state)
{
    (void)state;
    run(true, 0);
    assert_true(made_way * 2 > left);
    run(false, 0);
    assert_int_equal(made_way, 0);
}

/* One that drops the GIL and stays on its processor does not keep the GIL free each time. */
static void test_in_vain(void **state)
{
    (void)state;
    run(true, 2 * MS);
    assert_in_range(made_way, 1, left / 20);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_makes_way),
        cmocka_unit_test(test_in_vain),
    };
    gil_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

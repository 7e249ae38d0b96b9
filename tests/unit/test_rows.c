/* SPDX-License-Identifier: MIT */
/* What a row of short calls is charged for the gaps in which the lock is left to it: in made time. */
#include "made_beside.h"

#include <stdio.h>

#define RUN_NS (20 * MS)

static uint64_t away_ns;          /* how long the row's thread stays away */
static uint64_t gaps_ns, paid_ns; /* of gaps in which nobody else had the lock, and how its virtual runtime went on */
static unsigned long gaps;

static void make_short_calls(int self)
{
    for (uint64_t end = made_self->at + RUN_NS; made_self->at < end;) {
        gil_take(self);
        made_work(300);
        gil_drop(self);
        uint64_t since = gy_own.left_at, virtual_ns = gy_own.runtime.virtual_ns, epoch = gy_own.left_epoch;
        made_work(away_ns);
        gil_take(self);
        if (since != 0 && atomic_load(&gy_order.epoch) == epoch + 1) {
            gaps++;
            gaps_ns += gy_gil_taken_at() - since;
            paid_ns += gy_own.runtime.virtual_ns - virtual_ns;
        }
        gil_drop(self);
    }
}

static void run_thread(int self)
{
    beside(self, make_short_calls);
}

/* Returns which part of its gaps it has paid for. */
static double part_paid(uint64_t each_ns)
{
    gaps = 0;
    gaps_ns = paid_ns = 0;
    away_ns = each_ns;
    made_run(3, run_thread);
    double part = (double)paid_ns / (double)gaps_ns;
    printf("%lu gaps of %.2f us, %.2f of that paid\n", gaps, (double)gaps_ns / 1e3 / (double)gaps, part);
    assert_true(gaps > 100);
    return part;
}

static void test_tiny_gaps_are_half_paid(void **state)
{
    (void)state;
    double tiny = part_paid(300), others = part_paid(8 * US);
    assert_true(tiny > 0.4 && tiny < 0.6);
    assert_true(others > 0.8 && others < 1.3);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_tiny_gaps_are_half_paid)};
    gil_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* How often one that spins looks at what all share, and how soon it sees what it waits for: in made time. */
#include "made_beside.h"

#include <stdio.h>
#include <string.h>

enum { EACH = 8 };

#define RUN_NS (30 * MS)

static unsigned long looks, holds;      /* looks: of one that spins */
static uint64_t long_ns;                /* how long each eighth read takes; 0: like the others */
static uint64_t dropped_at, reading_ns; /* dropped_at: for such a read; 0: somebody has taken the lock since */
static uint64_t idle_ns;                /* the lock was free for that */
static unsigned long long_reads;

static void count_look(void)
{
    looks++;
}

/* Gives way to another program's thread. */
static void be_late(void)
{
    count_look();
    made_work(1 * MS);
}

/* Gives way to one of ours, which takes the lock meanwhile. */
static void make_room(void)
{
    *gy_gil_took_at(gy_processor()) = gy_clock_monotonic.now();
    be_late();
}

/* Who computes has the lock whenever the other thread has not. */
static void end_idle(void)
{
    if (dropped_at != 0) {
        idle_ns += made_self->at - dropped_at;
        long_reads++;
        dropped_at = 0;
    }
}

static void read_bytes(int self)
{
    for (uint64_t end = made_self->at + RUN_NS; made_self->at < end;) {
        gil_take(self);
        uint64_t since = made_self->at;
        made_work(300);
        holds++;
        bool takes_long = long_ns != 0 && holds % EACH == 0;
        gil_drop(self);
        dropped_at = takes_long ? made_self->at : 0;
        made_work(takes_long ? long_ns : 300);
        reading_ns += made_self->at - since;
    }
}

static void run_thread(int self)
{
    beside(self, read_bytes);
}

static void run(uint64_t every_eighth_ns, void (*gives_way)(void))
{
    looks = long_reads = holds = 0;
    dropped_at = idle_ns = reading_ns = 0;
    long_ns = every_eighth_ns;
    made_gives_way = gives_way;
    made_run(3, run_thread);
    made_gives_way = NULL;
    printf("%lu reads in %.0f ms, %lu looks; the lock free %lu times for %.1f us\n", holds, (double)reading_ns / 1e6, looks,
           long_reads, (double)idle_ns / 1e3 / (double)(long_reads + !long_reads));
}

/* Beside a row of reads that goes on and on: a look for many of them. */
static void test_steady(void **state)
{
    (void)state;
    run(0, count_look);
    assert_true(holds > 1000);
    assert_true(looks * 5 * US < reading_ns);
}

/* One that stays away now and then leaves the lock free: that is seen soon. */
static void test_ends_of_rows(void **state)
{
    (void)state;
    run(100 * US, count_look);
    assert_true(long_reads > 20);
    assert_true(idle_ns < long_reads * 8 * US);
}

/* Where other programs want the processors, too, nobody spins for a while. */
static void test_crowded(void **state)
{
    (void)state;
    run(0, be_late);
    unsigned long beside_others = looks;
    run(0, make_room);
    assert_true(beside_others > 0);
    assert_true(looks > 4 * beside_others);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steady),
        cmocka_unit_test(test_ends_of_rows),
        cmocka_unit_test(test_crowded),
    };
    gil_init();
    took = end_idle;
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * The policy in an invented world: a clock that only the fakes move, a CPython that is nothing but a flag, and a queue that
 * counts. Every fake asserts what the real one demands of its caller, above all who holds the GIL.
 */
#include "loop/yielder.h"

#include "gil/share.h"
#include "unit.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static const uint64_t US = 1000, MS = 1000000;

/* One giving away and taking back: how long CPython takes for each. */
typedef struct cost {
    uint64_t release_ns, reacquire_ns;
} cost;

/* As measured: nobody waits; somebody waits and has it by then; somebody waited and has done already; it is free, but was wanted.
 */
static const cost FREE = {30, 40}, CONTENDED = {4000, 60000}, WANTED_ONLY = {4000, 40}, CONTENDED_LATE = {30, 60000};

enum { MAX_SLEEPS = 4096 };

static struct {
    uint64_t now;
    gy_gil gil; /* what gil() says while the GIL was not given away by us */
    bool alone;
    bool away;     /* given away by us */
    bool polling;  /* in the wait of a host that has released the GIL itself */
    bool prepared; /* between before_release() and after_reacquire() */
    bool priority; /* this queue knows how many wait */
    int waiting;
    uint64_t takes;     /* by others, as this queue counts them */
    const cost *script; /* for the first pairs */
    size_t script_length;
    cost rest; /* for all others */
    cost last;
    size_t pairs;
    uint64_t sleeps[MAX_SLEEPS];
    size_t sleep_count;
    uint64_t sleep_slack;
    uint64_t idle_ns; /* the thread was not on its processor for so long */
    uint64_t away_since, away_ns, reacquire_ns;
    gy_share account; /* this queue's */
    int queue_errno;  /* what the queue's own calls leave in errno; 0: they leave it alone */
} world;

static int token; /* stands for the thread state */

static uint64_t fake_now(void)
{
    return world.now;
}

static void fake_sleep(uint64_t ns)
{
    assert_true(world.away || world.polling); /* to sleep with the GIL held helps nobody */
    assert_true(world.sleep_count < MAX_SLEEPS);
    world.sleeps[world.sleep_count++] = ns;
    world.now += ns + world.sleep_slack;
    world.idle_ns += ns + world.sleep_slack;
}

/* Of the processor: all the time but what it slept or waited for the GIL. */
static uint64_t fake_used(void)
{
    return world.now - world.idle_ns;
}

static gy_gil fake_gil(void)
{
    assert_false(world.away);
    return world.gil;
}

static bool fake_alone(void)
{
    assert_int_equal(world.gil, GY_GIL_HELD);
    assert_false(world.away);
    return world.alone;
}

static void *fake_release(void)
{
    assert_int_equal(world.gil, GY_GIL_HELD);
    assert_false(world.away);
    assert_true(world.prepared);
    world.last = world.pairs < world.script_length ? world.script[world.pairs] : world.rest;
    world.pairs++;
    world.now += world.last.release_ns;
    world.away = true;
    world.away_since = world.now;
    return &token;
}

static void fake_reacquire(void *thread_state)
{
    assert_ptr_equal(thread_state, &token);
    assert_true(world.away);
    world.away_ns += world.now - world.away_since;
    world.now += world.last.reacquire_ns;
    world.reacquire_ns += world.last.reacquire_ns;
    world.takes += world.waiting > 0;
    world.away = false;
}

static void before_release(void)
{
    assert_false(world.away);
    assert_false(world.prepared);
    world.prepared = true;
    if (world.queue_errno) {
        errno = world.queue_errno;
    }
}

static void after_release(uint64_t now)
{
    assert_true(world.away);
    assert_int_equal(now, world.now);
    gy_share_released(&world.account, now);
}

static void after_reacquire(uint64_t now)
{
    assert_false(world.away);
    assert_true(world.prepared);
    assert_int_equal(now, world.now);
    gy_share_took(&world.account, now);
    world.prepared = false;
    if (world.queue_errno) {
        errno = world.queue_errno;
    }
}

static int fake_waiting(void)
{
    assert_false(world.away);
    return world.priority ? world.waiting : -1;
}

static uint64_t fake_takes(void)
{
    return world.priority ? world.takes : 0;
}

static uint64_t fake_owed(uint64_t now)
{
    assert_false(world.away);
    return gy_share_owed(&world.account, now);
}

static void fake_declined(uint64_t now)
{
    assert_false(world.away);
    gy_share_clear_deficit(&world.account, now);
}

static const gy_python fake_python = {.gil = fake_gil, .alone = fake_alone, .release = fake_release, .reacquire = fake_reacquire};
static const gy_clock fake_clock = {fake_now, fake_sleep, fake_used};
static void fake_polls(bool begins)
{
    assert_false(world.away);
    assert_true(begins != world.polling);
    world.polling = begins;
}

static const gy_gilqueue fake_queue = {.name = "fake",
                                       .before_release = before_release,
                                       .after_release = after_release,
                                       .after_reacquire = after_reacquire,
                                       .polls = fake_polls,
                                       .waiting = fake_waiting,
                                       .takes = fake_takes,
                                       .owed = fake_owed,
                                       .declined = fake_declined};

static gy_stats stats;
static gy_yielder yielder;
static gilyield_options options;

static void configure(int interval_ms, int slice_ms)
{
    options.interval_ms = interval_ms;
    options.slice_ms = slice_ms;
    gy_share_init(&world.account, (uint64_t)interval_ms * MS, (uint64_t)slice_ms * MS, true, world.now);
}

static int begin(void **state)
{
    (void)state;
    memset(&world, 0, sizeof world);
    world.now = 1000 * MS;
    world.gil = GY_GIL_HELD;
    world.rest = FREE;
    gy_stats_reset(&stats);
    gy_yielder_init(&yielder, &fake_python, &fake_clock, &options, &stats);
    yielder.queue = &fake_queue;
    configure(20, 5);
    return 0;
}

/* After every call: the GIL is back, the queue knows it, and the figures are those of the world. */
static gilyield_stats settle(void)
{
    gilyield_stats out = {.size = sizeof out};
    assert_false(world.away);
    assert_false(world.prepared);
    gy_stats_read(&stats, &out);
    assert_int_equal(out.released_ns, world.away_ns);
    assert_int_equal(out.reacquire_ns, world.reacquire_ns);
    return out;
}

static void script(const cost *pairs, size_t count)
{
    world.script = pairs;
    world.script_length = count;
    world.pairs = 0;
}

/* ---- Nothing to give. ---- */

static void test_nothing_to_give(void **state)
{
    (void)state;
    static const struct {
        gy_gil gil;
        bool alone;
        gy_outcome outcome;
        uint64_t skipped, alone_count;
    } rows[] = {
        {GY_GIL_NO_PYTHON, false, GY_OUTCOME_NO_PYTHON, 0, 0},
        {GY_GIL_NOT_HELD, false, GY_OUTCOME_NOT_HOLDING, 1, 0},
        {GY_GIL_HELD, true, GY_OUTCOME_ALONE, 0, 1},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        begin(NULL);
        world.gil = rows[i].gil;
        world.alone = rows[i].alone;
        world.now += 100 * MS; /* owed, if there were anything to give */
        uint64_t before = world.now;
        assert_int_equal(gy_yielder_look(&yielder), rows[i].outcome);
        assert_int_equal(settle().skipped, 0); /* only looking is not counted */
        assert_int_equal(gy_yielder_tick(&yielder), rows[i].outcome);
        assert_int_equal(settle().skipped, rows[i].skipped);
        assert_int_equal(settle().alone, rows[i].alone_count);
        assert_int_equal(gy_yielder_pay(&yielder), rows[i].outcome);
        assert_int_equal(settle().skipped, 2 * rows[i].skipped);
        assert_int_equal(world.pairs, 0);
        assert_int_equal(world.sleep_count, 0);
        assert_int_equal(world.now, before);
        assert_int_equal(settle().yields, 0);
        assert_int_equal(settle().gui_wait_ns, 0);
    }
}

static void test_asked_every_time(void **state)
{
    (void)state;
    assert_int_equal(gy_yielder_tick(&yielder), GY_OUTCOME_UNWANTED);
    world.gil = GY_GIL_NOT_HELD;
    assert_int_equal(gy_yielder_tick(&yielder), GY_OUTCOME_NOT_HOLDING);
    world.gil = GY_GIL_HELD;
    assert_int_equal(gy_yielder_tick(&yielder), GY_OUTCOME_UNWANTED);
    world.gil = GY_GIL_NO_PYTHON;
    assert_int_equal(gy_yielder_tick(&yielder), GY_OUTCOME_NO_PYTHON);
    assert_int_equal(world.pairs, 2);
}

/* ---- A tick. ---- */

static void test_unwanted(void **state)
{
    (void)state;
    assert_int_equal(gy_yielder_tick(&yielder), GY_OUTCOME_UNWANTED);
    gilyield_stats out = settle();
    assert_int_equal(world.pairs, 1);
    assert_int_equal(world.sleep_count, 0);
    assert_int_equal(out.yields, 1);
    assert_int_equal(out.handovers, 0);
    assert_int_equal(out.waits, 0);
    assert_int_equal(out.gui_wait_ns, 70);
    assert_int_equal(out.gui_wait_max_ns, 70);
    assert_int_equal(out.reacquire_max_ns, 40);
}

static void test_contended_gets_a_slice(void **state)
{
    (void)state;
    world.rest = CONTENDED;
    uint64_t start = world.now;
    assert_int_equal(gy_yielder_tick(&yielder), GY_OUTCOME_HANDED_OVER);
    gilyield_stats out = settle();
    assert_true(world.now - start >= 5 * MS);
    assert_true(world.now - start <= 5 * MS + CONTENDED.release_ns + CONTENDED.reacquire_ns);
    /* The others had it for all of it, but for the moments in which it was taken back to see. */
    assert_true(world.away_ns >= 4 * MS);
    assert_int_equal(out.yields, 1);
    assert_int_equal(out.handovers, 1);
    assert_int_equal(out.gui_wait_ns, world.now - start);
    assert_int_equal(out.gui_wait_max_ns, world.now - start);
    assert_int_equal(out.reacquire_max_ns, 60 * US);
    /* Naps grow: looking costs the others their place. */
    assert_true(world.sleep_count >= 3 && world.sleep_count <= 12);
    for (size_t i = 1; i + 1 < world.sleep_count; i++) {
        assert_true(world.sleeps[i] > world.sleeps[i - 1]);
    }
}

static void test_ends_when_free_twice(void **state)
{
    (void)state;
    static const cost pairs[] = {{4000, 60000}, {4000, 60000}, {30, 40}, {30, 40}};
    script(pairs, COUNT_OF(pairs));
    world.rest = CONTENDED; /* would go on to the slice's end */
    uint64_t start = world.now;
    assert_int_equal(gy_yielder_tick(&yielder), GY_OUTCOME_HANDED_OVER);
    settle();
    assert_int_equal(world.pairs, 4);
    assert_true(world.now - start < 1 * MS);
}

/* A thread that writes a file lets go of the GIL for microseconds at each call: one free look means nothing. */
static void test_one_free_look_is_not_enough(void **state)
{
    (void)state;
    static const cost pairs[] = {{4000, 60000}, {30, 40}, {30, 60000}, {30, 40}, {4000, 60000}};
    script(pairs, COUNT_OF(pairs));
    world.rest = CONTENDED;
    uint64_t start = world.now;
    gy_yielder_tick(&yielder);
    settle();
    assert_true(world.now - start >= 5 * MS);
}

/* The GIL was wanted, and whoever wanted it had done with it after the nap. */
static void test_wanted_briefly(void **state)
{
    (void)state;
    const cost pairs[] = {WANTED_ONLY};
    script(pairs, COUNT_OF(pairs));
    uint64_t start = world.now;
    assert_int_equal(gy_yielder_tick(&yielder), GY_OUTCOME_HANDED_OVER);
    assert_int_equal(world.pairs, 2);
    assert_true(world.now - start < 1 * MS);
    assert_int_equal(settle().handovers, 1);
}

/* A queue that counts the waiters is believed, not the time that dropping the GIL takes. */
static void test_queue_that_counts(void **state)
{
    (void)state;
    world.priority = true;
    world.waiting = 0;
    world.rest = CONTENDED;
    assert_int_equal(gy_yielder_tick(&yielder), GY_OUTCOME_UNWANTED);
    assert_int_equal(world.pairs, 1);
    assert_int_equal(world.sleep_count, 0);
    world.waiting = 3;
    world.rest = CONTENDED_LATE;
    assert_int_equal(gy_yielder_tick(&yielder), GY_OUTCOME_HANDED_OVER);
    assert_true(world.sleep_count >= 3);
    settle();
}

/* Taking it back takes far longer than the slice: once, and no more. */
static void test_a_convoy(void **state)
{
    (void)state;
    world.rest = (cost){4000, 200 * MS};
    gy_yielder_tick(&yielder);
    assert_int_equal(world.pairs, 1);
    assert_int_equal(settle().gui_wait_max_ns, 4 * US + world.sleeps[0] + 200 * MS);
}

/* Whatever happens: never longer than the slice and what the last way there and back costs. */
static void test_never_longer_than_the_slice(void **state)
{
    (void)state;
    uint64_t seed = 123456789;
    static cost pairs[64];
    for (int i = 0; i < 20000; i++) {
        begin(NULL);
        for (size_t p = 0; p < COUNT_OF(pairs); p++) {
            const cost kinds[] = {FREE, CONTENDED, WANTED_ONLY, CONTENDED_LATE};
            pairs[p] = kinds[unit_below(&seed, COUNT_OF(kinds))];
            pairs[p].release_ns += unit_below(&seed, 2000) >> unit_below(&seed, 12);
            pairs[p].reacquire_ns += unit_below(&seed, 4 * MS) >> unit_below(&seed, 24);
        }
        script(pairs, COUNT_OF(pairs));
        world.rest = CONTENDED;
        world.sleep_slack = unit_below(&seed, 80 * US);
        world.priority = unit_below(&seed, 2);
        world.waiting = (int)unit_below(&seed, 2);
        int slice_ms = 1 + (int)unit_below(&seed, 20);
        uint64_t slice = (uint64_t)slice_ms * MS, start = world.now;
        configure(20, slice_ms);
        gy_outcome outcome = gy_yielder_tick(&yielder);
        gilyield_stats out = settle();
        assert_true(outcome == GY_OUTCOME_HANDED_OVER || outcome == GY_OUTCOME_UNWANTED);
        assert_true(world.now - start <= slice + world.sleep_slack + world.last.release_ns + world.last.reacquire_ns);
        assert_int_equal(out.yields, 1);
        assert_int_equal(out.handovers, outcome == GY_OUTCOME_HANDED_OVER);
        assert_int_equal(out.gui_wait_ns, world.now - start);
        assert_true(outcome == GY_OUTCOME_HANDED_OVER || (world.pairs == 1 && world.sleep_count == 0));
        assert_true(world.pairs < 200);
    }
}

/* ---- Paying. ---- */

static void test_pay_only_what_is_owed(void **state)
{
    (void)state;
    world.rest = CONTENDED;
    world.now += 19 * MS;
    assert_int_equal(gy_yielder_pay(&yielder), GY_OUTCOME_UNWANTED);
    assert_int_equal(world.pairs, 0);
    world.now += 1 * MS;
    uint64_t start = world.now;
    assert_int_equal(gy_yielder_pay(&yielder), GY_OUTCOME_HANDED_OVER);
    assert_true(world.now - start >= 5 * MS);
    settle();
    /* Paid, up to the looks in between; what those cost is owed still, and no more. */
    size_t pairs = world.pairs;
    start = world.now;
    gy_yielder_pay(&yielder);
    assert_true(world.now - start <= 1 * MS);
    assert_true(world.pairs > pairs || gy_share_owed(&world.account, world.now) == 0);
}

/* A queue that sees every change of hands, those that the host makes included, knows better than the yielder. */
static void test_pay_by_the_queues_account(void **state)
{
    (void)state;
    world.rest = CONTENDED;
    world.now += 10 * MS;
    gy_share_released(&world.account, world.now); /* in a handler of the host's */
    world.now += 10 * MS;
    gy_share_took(&world.account, world.now);
    gy_yielder_pay(&yielder);
    assert_int_equal(world.pairs, 0);
    world.now += 20 * MS;
    uint64_t start = world.now;
    assert_int_equal(gy_yielder_pay(&yielder), GY_OUTCOME_HANDED_OVER);
    assert_true(world.now - start >= 5 * MS);
    settle();
}

/* ---- The event loop's wait. ---- */

typedef struct fake_poll {
    gy_poll poll;
    bool away;
    int look_result, block_result, look_errno, block_errno;
    uint64_t block_ns;
    int looks, blocks;
} fake_poll;

static int look(gy_poll *self)
{
    fake_poll *fake = (fake_poll *)self;
    assert_false(world.away);
    fake->looks++;
    errno = fake->look_errno;
    return fake->look_result;
}

static int block(gy_poll *self)
{
    fake_poll *fake = (fake_poll *)self;
    assert_int_equal(world.away, fake->away);
    fake->blocks++;
    world.now += fake->block_ns;
    errno = fake->block_errno;
    return fake->block_result;
}

static fake_poll make_poll(bool may_block, bool away)
{
    return (fake_poll){.poll = {look, block, may_block}, .away = away, .block_ns = 3 * MS};
}

static void test_poll_nothing_to_give(void **state)
{
    (void)state;
    static const gy_gil gils[] = {GY_GIL_NO_PYTHON, GY_GIL_NOT_HELD};
    for (size_t i = 0; i < COUNT_OF(gils); i++) {
        for (int may_block = 0; may_block <= 1; may_block++) {
            begin(NULL);
            world.gil = gils[i];
            world.now += 100 * MS;
            fake_poll fake = make_poll(may_block, false);
            fake.block_result = -1;
            fake.block_errno = EINTR;
            bool busy = may_block;
            assert_int_equal(gy_yielder_poll(&yielder, &fake.poll, &busy), -1);
            assert_int_equal(errno, EINTR);
            assert_int_equal(fake.looks, 0);
            assert_int_equal(fake.blocks, 1);
            assert_int_equal(world.pairs, 0);
            assert_int_equal(busy, !may_block);
            gilyield_stats out = settle();
            assert_int_equal(out.skipped, gils[i] == GY_GIL_NOT_HELD);
            assert_int_equal(out.yields + out.waits, 0);
        }
    }
}

static void test_poll_waits_without_the_gil(void **state)
{
    (void)state;
    fake_poll fake = make_poll(true, true);
    bool busy = true;
    fake.block_result = 2;
    world.rest = CONTENDED;
    assert_int_equal(gy_yielder_poll(&yielder, &fake.poll, &busy), 2);
    gilyield_stats out = settle();
    assert_false(busy);
    assert_int_equal(fake.looks, 1);
    assert_int_equal(fake.blocks, 1);
    assert_int_equal(world.pairs, 1);
    assert_int_equal(world.sleep_count, 0);
    assert_int_equal(world.away_ns, 3 * MS); /* exactly while it blocks */
    assert_int_equal(out.waits, 1);
    assert_int_equal(out.yields, 1);
    assert_int_equal(out.handovers, 1);
    assert_int_equal(out.gui_wait_ns, 60 * US); /* the wait itself keeps nobody waiting */
}

static int take_and_be_done(gy_poll *self)
{
    world.takes++;
    world.now += 3 * MS;
    (void)self;
    return 0;
}

/* Nobody wanted the GIL when it was given away, and it is free when the GUI wakes up: only the queue knows that a thread had it.
 */
static void test_poll_counts_who_is_done(void **state)
{
    (void)state;
    fake_poll fake = make_poll(true, true);
    bool busy = true;
    world.priority = true;
    fake.poll.block = take_and_be_done;
    assert_int_equal(gy_yielder_poll(&yielder, &fake.poll, &busy), 0);
    assert_int_equal(settle().handovers, 1);
    fake.poll.block = make_poll(true, true).poll.block;
    world.rest = CONTENDED_LATE; /* the kernel was late, not another thread */
    assert_int_equal(gy_yielder_poll(&yielder, &fake.poll, &busy), 0);
    assert_int_equal(settle().handovers, 1);
}

static void test_poll_ready_is_not_released(void **state)
{
    (void)state;
    fake_poll fake = make_poll(true, true);
    bool busy = false;
    fake.look_result = 3;
    world.rest = CONTENDED;
    world.now += 10 * MS;
    assert_int_equal(gy_yielder_poll(&yielder, &fake.poll, &busy), 3);
    assert_true(busy);
    assert_int_equal(fake.looks, 1);
    assert_int_equal(fake.blocks, 0);
    assert_int_equal(world.pairs, 0);
    assert_int_equal(settle().waits + settle().yields, 0);
}

/* A queue that knows that nobody waits spares the loop the look; one that knows somebody does, or cannot tell, does not. */
static void test_poll_unwanted_is_not_looked_at(void **state)
{
    (void)state;
    static const struct {
        bool priority;
        int waiting, looks;
    } rows[] = {{true, 0, 0}, {true, 1, 1}, {false, 0, 1}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        begin(NULL);
        fake_poll fake = make_poll(true, rows[i].looks == 0);
        bool busy = false;
        world.priority = rows[i].priority;
        world.waiting = rows[i].waiting;
        fake.look_result = 3;
        fake.block_result = 3;
        assert_int_equal(gy_yielder_poll(&yielder, &fake.poll, &busy), 3);
        assert_int_equal(fake.looks, rows[i].looks);
        assert_int_equal(fake.blocks, !rows[i].looks);
        assert_int_equal(busy, rows[i].looks);
        assert_int_equal(settle().waits, !rows[i].looks);
    }
}

/* A loop that never waits would starve the others: after the interval they are paid, and the poll's result stays. */
static void test_poll_busy_pays_what_is_owed(void **state)
{
    (void)state;
    fake_poll fake = make_poll(true, true);
    bool busy = false;
    fake.look_result = 1;
    world.rest = CONTENDED;
    world.queue_errno = EBADF;
    world.now += 20 * MS;
    uint64_t start = world.now;
    fake.look_errno = EAGAIN;
    assert_int_equal(gy_yielder_poll(&yielder, &fake.poll, &busy), 1);
    assert_int_equal(errno, EAGAIN);
    assert_true(busy);
    assert_true(world.now - start >= 5 * MS && world.now - start <= 5 * MS + 64 * US);
    assert_int_equal(fake.blocks, 0);
    gilyield_stats out = settle();
    assert_int_equal(out.waits, 0);
    assert_int_equal(out.yields, 1);
    assert_int_equal(out.handovers, 1);
    assert_true(out.gui_wait_max_ns >= 5 * MS);
}

static void test_poll_look_fails(void **state)
{
    (void)state;
    fake_poll fake = make_poll(true, true);
    bool busy = false;
    fake.look_result = -1;
    fake.look_errno = EINTR;
    world.now += 50 * MS;
    world.queue_errno = EBADF;
    assert_int_equal(gy_yielder_poll(&yielder, &fake.poll, &busy), -1);
    assert_int_equal(errno, EINTR);
    assert_true(busy);
    assert_int_equal(fake.blocks, 0);
    settle();
}

static void test_poll_keeps_errno(void **state)
{
    (void)state;
    fake_poll fake = make_poll(true, true);
    bool busy;
    fake.block_result = -1;
    fake.block_errno = EINTR;
    world.queue_errno = EBADF;
    world.rest = CONTENDED;
    assert_int_equal(gy_yielder_poll(&yielder, &fake.poll, &busy), -1);
    assert_int_equal(errno, EINTR);
    settle();
}

static void test_poll_that_may_not_block(void **state)
{
    (void)state;
    fake_poll fake = make_poll(false, false);
    bool busy = false;
    fake.block_result = 1;
    fake.block_errno = EINTR;
    world.queue_errno = EBADF;
    world.rest = CONTENDED;
    /* Nothing is owed: the poll with the GIL held, and no look before it. */
    assert_int_equal(gy_yielder_poll(&yielder, &fake.poll, &busy), 1);
    assert_true(busy);
    assert_int_equal(fake.looks, 0);
    assert_int_equal(fake.blocks, 1);
    assert_int_equal(world.pairs, 0);
    /* Owed: first a slice, then the same. */
    world.now += 20 * MS;
    busy = false;
    assert_int_equal(gy_yielder_poll(&yielder, &fake.poll, &busy), 1);
    assert_int_equal(errno, EINTR);
    assert_true(busy);
    assert_int_equal(fake.looks, 0);
    assert_int_equal(fake.blocks, 2);
    gilyield_stats out = settle();
    assert_int_equal(out.yields, 1);
    assert_int_equal(out.waits, 0);
}

/* A thread that Python does not know yet may come while the loop waits: given away without a look, as nobody is in a hurry. */
static void test_poll_alone(void **state)
{
    (void)state;
    fake_poll fake = make_poll(true, true);
    bool busy = true;
    world.alone = true;
    world.now += 50 * MS;
    assert_int_equal(gy_yielder_poll(&yielder, &fake.poll, &busy), 0);
    assert_false(busy);
    assert_int_equal(fake.looks, 0);
    assert_int_equal(fake.blocks, 1);
    gilyield_stats out = settle();
    assert_int_equal(out.waits, 1);
    assert_int_equal(out.handovers, 0);
    assert_int_equal(out.alone, 0); /* "times nothing was given away" */

    fake = make_poll(false, false);
    world.now += 50 * MS;
    gy_yielder_poll(&yielder, &fake.poll, &busy);
    assert_int_equal(world.pairs, 1);
    assert_int_equal(settle().alone, 1);
}

/*
 * Turns of a loop that may not wait, each with so much work beside it; each `finds`-th poll finds something, and the turn after
 * it does work of 300 us. Returns how long the GIL was away, of what the turns in vain took and that, 1 being all of it.
 */
static double pumped(uint64_t work_ns, unsigned finds)
{
    fake_poll fake = make_poll(false, false);
    bool busy = false;
    fake.block_ns = 0;
    world.priority = true;
    world.waiting = 1;
    world.rest = CONTENDED;
    uint64_t start = world.now, worked = 0;
    for (unsigned turn = 1; world.now - start < 18 * MS; turn++) { /* until then nothing is owed */
        world.now += work_ns;
        fake.block_result = finds != 0 && turn % finds == 0;
        assert_int_equal(gy_yielder_poll(&yielder, &fake.poll, &busy), fake.block_result);
        assert_true(busy);
        if (fake.block_result) {
            world.now += 300 * US;
            worked += 300 * US;
        }
    }
    return (double)world.away_ns / (double)(world.now - start - worked);
}

/* A pump that finds nothing is idle: it gives twice of what it takes. One that does something now and then has that besides. */
static void test_pump_is_idle(void **state)
{
    (void)state;
    static const unsigned FINDS[] = {0, 50, 10};
    for (size_t i = 0; i < COUNT_OF(FINDS); i++) {
        begin(NULL);
        double away = pumped(10 * US, FINDS[i]);
        assert_true(away > 0.45 && away < 0.8);
        settle();
    }
}

static void test_working_loop_is_no_pump(void **state)
{
    (void)state;
    assert_true(pumped(60 * US, 0) == 0.0);
    begin(NULL);
    assert_true(pumped(10 * US, 2) == 0.0); /* it finds something each time */
    settle();
}

/* A loop that waits begins anew: what it has turned in vain before is not counted up for ever. */
static void test_waiting_loop_is_no_pump(void **state)
{
    (void)state;
    bool busy = false;
    world.priority = true;
    world.waiting = 1;
    world.rest = CONTENDED;
    for (int i = 0; i < 1000; i++) {
        fake_poll vain = make_poll(false, false), wait = make_poll(true, true);
        vain.block_ns = 0;
        for (int turn = 0; turn < 10; turn++) {
            world.now += 10 * US;
            gy_yielder_poll(&yielder, &vain.poll, &busy);
        }
        wait.block_ns = 1 * MS;
        gy_yielder_poll(&yielder, &wait.poll, &busy);
    }
    assert_int_equal(world.sleep_count, 0);
    settle();
}

/* In a host that has released the GIL itself the pump leaves alone those who have it; where nobody has, it goes on at once. */
static void test_pump_of_releasing_host(void **state)
{
    (void)state;
    fake_poll fake = make_poll(false, false);
    bool busy = false;
    fake.block_ns = 0;
    world.gil = GY_GIL_NOT_HELD;
    world.priority = true;
    for (int i = 0; i < 1000; i++) {
        world.now += 10 * US;
        assert_int_equal(gy_yielder_poll(&yielder, &fake.poll, &busy), 0);
    }
    assert_int_equal(world.sleep_count, 0);
    for (int i = 0; i < 200; i++) {
        world.now += 10 * US + 5 * MS; /* which it waits for the GIL */
        world.idle_ns += 5 * MS;
        world.takes++;
        assert_int_equal(gy_yielder_poll(&yielder, &fake.poll, &busy), 0);
    }
    assert_in_range(world.sleep_count, 2, 15);
}

/* Waiting pays: a loop that sleeps now and then owes nothing. */
static void test_waiting_pays(void **state)
{
    (void)state;
    bool busy;
    for (int i = 0; i < 10; i++) {
        world.now += 15 * MS;
        fake_poll fake = make_poll(true, true);
        fake.block_ns = 6 * MS;
        gy_yielder_poll(&yielder, &fake.poll, &busy);
        assert_int_equal(gy_share_owed(&world.account, world.now + 19 * MS), 0);
    }
    assert_int_equal(settle().waits, 10);
}

/*
 * A loop that never waits, and handlers of 1 ms, always wanted: the others get what the options promise, whichever way the loop
 * asks, and the GUI the rest.
 */
static void test_saturated_loop_keeps_the_share(void **state)
{
    (void)state;
    for (int may_block = 0; may_block <= 1; may_block++) {
        begin(NULL);
        world.rest = CONTENDED;
        uint64_t start = world.now;
        for (int i = 0; i < 5000; i++) {
            fake_poll fake = make_poll(may_block, false);
            bool busy = false;
            fake.look_result = 1;
            fake.block_ns = 0;
            gy_yielder_poll(&yielder, &fake.poll, &busy);
            assert_true(busy);
            world.now += 1 * MS;
        }
        settle();
        uint64_t total = world.now - start;
        /* 5 of 25 ms, less a handler's length of grain; a hand-over's own time counts for the others, who run in it. */
        assert_true((world.away_ns + world.reacquire_ns) * 100 >= total * 18);
        assert_true((world.away_ns + world.reacquire_ns) * 100 <= total * 23);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_nothing_to_give, begin),
        cmocka_unit_test_setup(test_asked_every_time, begin),
        cmocka_unit_test_setup(test_unwanted, begin),
        cmocka_unit_test_setup(test_contended_gets_a_slice, begin),
        cmocka_unit_test_setup(test_ends_when_free_twice, begin),
        cmocka_unit_test_setup(test_one_free_look_is_not_enough, begin),
        cmocka_unit_test_setup(test_wanted_briefly, begin),
        cmocka_unit_test_setup(test_queue_that_counts, begin),
        cmocka_unit_test_setup(test_a_convoy, begin),
        cmocka_unit_test_setup(test_never_longer_than_the_slice, begin),
        cmocka_unit_test_setup(test_pay_only_what_is_owed, begin),
        cmocka_unit_test_setup(test_pay_by_the_queues_account, begin),
        cmocka_unit_test_setup(test_poll_nothing_to_give, begin),
        cmocka_unit_test_setup(test_poll_waits_without_the_gil, begin),
        cmocka_unit_test_setup(test_poll_counts_who_is_done, begin),
        cmocka_unit_test_setup(test_poll_ready_is_not_released, begin),
        cmocka_unit_test_setup(test_poll_busy_pays_what_is_owed, begin),
        cmocka_unit_test_setup(test_poll_unwanted_is_not_looked_at, begin),
        cmocka_unit_test_setup(test_poll_look_fails, begin),
        cmocka_unit_test_setup(test_poll_keeps_errno, begin),
        cmocka_unit_test_setup(test_poll_that_may_not_block, begin),
        cmocka_unit_test_setup(test_poll_alone, begin),
        cmocka_unit_test_setup(test_pump_is_idle, begin),
        cmocka_unit_test_setup(test_working_loop_is_no_pump, begin),
        cmocka_unit_test_setup(test_waiting_loop_is_no_pump, begin),
        cmocka_unit_test_setup(test_pump_of_releasing_host, begin),
        cmocka_unit_test_setup(test_waiting_pays, begin),
        cmocka_unit_test_setup(test_saturated_loop_keeps_the_share, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

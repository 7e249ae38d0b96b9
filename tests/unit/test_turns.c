/* SPDX-License-Identifier: MIT */
/* How often threads are woken, as they take turns: in made time, so that what is counted does not depend on the machine. */
#include "made_time.h"

#define GIL_SWITCH_NS switch_ns
static uint64_t switch_ns;
#include "made_gil.h"

#include <stdio.h>
#include <string.h>

enum { CROWD = 16, FEW = 4 };

static struct {
    int threads;                 /* that compute */
    uint64_t every_ns;           /* the GUI thread has something to do; 0: never */
    void (*handle)(void);        /* what; with the lock */
    unsigned long signals, most; /* in the handlers; in one of them */
    unsigned long handlers;
    uint64_t handling_ns;
} load;

static uint64_t half_ns = GY_NS_PER_S; /* of a run */
static bool over;
static void (*background)(int self);  /* what the other threads do */
static uint64_t had_ns[MADE_THREADS]; /* for how long each had the lock */
static unsigned long all_turns, tiny_turns;

/* Of all threads that compute, in the second half of a run. */
static struct {
    unsigned long takes, wake_ups, blocked;
} seen;

static void compute_until_asked(int self)
{
    gil_take(self);
    uint64_t since = made_self->at;
    while (!atomic_load(&gil.request) && !over) {
        made_work(500 * (1 + unit_below(&made.seed, 12))); /* CPython looks at the request now and then */
    }
    had_ns[self] += made_self->at - since;
    all_turns++;
    tiny_turns += made_self->at - since < 20 * US;
    gil_drop(self);
}

static void compute(int self)
{
    while (!over) {
        compute_until_asked(self);
    }
}

static void count(int sign)
{
    seen.takes += (unsigned long)sign * (unsigned long)gy_gilorder_takes();
    for (int i = 1; i <= load.threads; i++) {
        seen.wake_ups += (unsigned long)sign * made.threads[i].wake_ups;
        seen.blocked += (unsigned long)sign * made.threads[i].blocked;
    }
}

static void handle_event(void)
{
    gil_take(0);
    gy_gilorder_gui_polls(false);
    unsigned long before = made.signals;
    uint64_t since = made_self->at;
    load.handle();
    load.handling_ns += made_self->at - since;
    unsigned long signals = made.signals - before;
    load.signals += signals;
    load.most = signals > load.most ? signals : load.most;
    load.handlers++;
    gy_gilorder_gui_polls(true);
    gil_drop(0);
}

static void be_gui(uint64_t ns)
{
    uint64_t end = made_self->at + ns;
    while (made_self->at < end) {
        if (load.every_ns == 0) {
            made_sleep(ns);
        } else {
            made_sleep(load.every_ns / 2 + unit_below(&made.seed, load.every_ns));
            handle_event();
        }
    }
}

static void run_thread(int self)
{
    if (self != 0) {
        background(self);
        return;
    }
    bool begun = gil_begin(20 * MS);
    be_gui(begun ? half_ns : 0);
    count(-1);
    be_gui(begun ? half_ns : 0);
    count(1);
    over = true;
    gy_gilorder_end();
}

static void run_unequal(void (*body)(int self), int threads, uint64_t every_ns, void (*handle)(void))
{
    background = body;
    memset(&load, 0, sizeof load);
    memset(&seen, 0, sizeof seen);
    memset(had_ns, 0, sizeof had_ns);
    load.threads = threads;
    load.every_ns = every_ns;
    load.handle = handle;
    over = false;
    made_run(threads + 1, run_thread);
    printf("%d threads: %lu takes, wake-ups %.2f, slept for a mutex %.2f a take; %lu handlers, signals %.2f, most %lu, %.1f us\n",
           threads, seen.takes, (double)seen.wake_ups / (double)seen.takes, (double)seen.blocked / (double)seen.takes,
           load.handlers, (double)load.signals / (double)(load.handlers + !load.handlers), load.most,
           (double)load.handling_ns / 1e3 / (double)(load.handlers + !load.handlers));
}

static void run_unequal_for(uint64_t ns, void (*body)(int self), uint64_t every_ns, void (*handle)(void))
{
    half_ns = ns / 2;
    run_unequal(body, FEW, every_ns, handle);
    half_ns = GY_NS_PER_S;
}

/* Who is equal has the lock equally long. */
static void run_beside(void (*body)(int self), int threads, uint64_t every_ns, void (*handle)(void))
{
    run_unequal(body, threads, every_ns, handle);
    uint64_t least = had_ns[1], most = had_ns[1];
    for (int i = 2; i <= threads; i++) {
        least = had_ns[i] < least ? had_ns[i] : least;
        most = had_ns[i] > most ? had_ns[i] : most;
    }
    printf("one had the lock for %.2f to %.2f ms\n", (double)least / 1e6, (double)most / 1e6);
    assert_true(most * 2 < least * 3);
}

static void run(int threads, uint64_t every_ns, void (*handle)(void))
{
    run_beside(compute, threads, every_ns, handle);
}

/* Whoever is woken has a turn: nobody wakes up to look at a clock, or sleeps for a mutex that another has for a moment. */
static void check_one_wake_up_a_turn(void)
{
    assert_true(seen.takes > 300);
    assert_true(5 * seen.wake_ups < 6 * seen.takes);
    assert_true(10 * seen.blocked < seen.takes);
}

static void test_one_wake_up_a_turn(void **state)
{
    (void)state;
    run(CROWD, 0, NULL);
    check_one_wake_up_a_turn();
    run(FEW, 0, NULL);
    check_one_wake_up_a_turn();
}

enum { LONG_TURN_NS = 12 * MS, EACH = 4 };

/* The first keeps the lock for several turns now and then, as if the kernel had put it aside or it were in C. */
static void compute_unevenly(int self)
{
    for (int turns = 1; !over; turns++) {
        gil_take(self);
        uint64_t since = made_self->at;
        if (turns % EACH == 0 && self == 1) {
            made_work(LONG_TURN_NS);
        }
        while (!atomic_load(&gil.request) && !over) {
            made_work(500 * (1 + unit_below(&made.seed, 12)));
        }
        had_ns[self] += made_self->at - since;
        gil_drop(self);
    }
}

/* It has no more of the lock than the others for that. */
static void test_turns_too_long(void **state)
{
    (void)state;
    run_unequal(compute_unevenly, FEW, 0, NULL);
    uint64_t others_ns = 0;
    for (int i = 2; i <= FEW; i++) {
        others_ns += had_ns[i];
    }
    double part = (double)had_ns[1] * (FEW - 1) / (double)others_ns;
    printf("the lock of one whose turns are too long: %.2f of what an equal one had\n", part);
    assert_true(part < 1.1 && part > 0.9);
}

static void be_brief(void)
{
    made_work(10 * US);
}

/* Also where the GUI thread interrupts turns. */
static void test_interrupted_turns(void **state)
{
    (void)state;
    run(CROWD, 10 * MS, be_brief);
    check_one_wake_up_a_turn();
}

enum { READS = 300 };

/* Lets go of the lock often and briefly, outside of the event loop's wait, and unasked. */
static void read_bytes(void)
{
    for (int i = 0; i < READS; i++) {
        gil_drop(0);
        made_work(300);
        gil_take(0);
        made_work(200);
    }
}

/* The first of these drops may wake somebody, who then watches for one that the GUI thread does not come back from. */
static void check_reads_wake_nobody(void)
{
    assert_true(load.handlers > 20);
    assert_in_range(load.most, 0, 2);
}

static void test_reads_in_a_handler(void **state)
{
    (void)state;
    run(FEW, 20 * MS, read_bytes);
    check_reads_wake_nobody();
    run(CROWD, 20 * MS, read_bytes);
    check_reads_wake_nobody();
}

/* Computes in C, where nobody is asked to let go of the lock. */
static void compute_in_c(int self)
{
    while (!over) {
        gil_take(self);
        made_work(3 * MS);
        gil_drop(self);
    }
}

enum { CALLS = 8 };
static uint64_t most_away;

/* Each time another has the lock when the GUI thread wants it again, and keeps it for long. */
static void call_c(void)
{
    gy_own.away_ns = 0;
    for (int i = 0; i < CALLS; i++) {
        gil_drop(0);
        made_sleep(MS);
        gil_take(0);
    }
    most_away = gy_own.away_ns > most_away ? gy_own.away_ns : most_away;
}

static void test_wait_is_no_absence(void **state)
{
    (void)state;
    most_away = 0;
    run_unequal_for(GY_NS_PER_S, compute_in_c, 20 * MS, call_c);
    printf("away for %.2f ms at most\n", (double)most_away / 1e6);
    assert_true(load.handlers > 10);
    assert_in_range(most_away, MS / 2, 3 * MS / 2);
}

static uint64_t longest_wait; /* of the one that reads, in the second half of a run */

/* The first lets go of the lock for a moment, again and again, as a server that reads and sends; the others compute. */
static void serve_or_compute(int self)
{
    if (self != 1) {
        compute(self);
        return;
    }
    uint64_t begun = made_self->at;
    while (!over) {
        uint64_t wanted = made_self->at;
        gil_take(self);
        uint64_t waited = made_self->at - wanted;
        longest_wait = made_self->at - begun > half_ns && waited > longest_wait ? waited : longest_wait;
        made_work(10 * US);
        had_ns[self] += 10 * US;
        gil_drop(self);
        made_work(7 * US);
    }
}

/* It has its part in small pieces, and does not wait for a turn of each other. */
static void test_server_waits_for_less_than_turns(void **state)
{
    (void)state;
    longest_wait = 0;
    run_unequal_for(GY_NS_PER_S / 2, serve_or_compute, 20 * MS, be_brief);
    uint64_t others = (had_ns[2] + had_ns[3] + had_ns[4]) / 3;
    printf("waits for %.2f ms at most, has the lock for %.2f of what another has it for\n", (double)longest_wait / 1e6,
           (double)had_ns[1] / (double)others);
    assert_true(longest_wait < 2 * switch_ns * 2 / 5);
    assert_true(3 * had_ns[1] > others);
    assert_true(2 * had_ns[1] < 3 * others);
}

static struct {
    unsigned long number, whole;
} rows;

static void read_a_row(void)
{
    uint64_t before = gy_gilorder_takes();
    read_bytes();
    rows.number++;
    rows.whole += gy_gilorder_takes() == before;
}

/* Whom the GUI thread wakes runs on its processor, and finds the lock free, as that one is put aside: no row ends for that. */
static void test_reads_beside_who_is_woken(void **state)
{
    (void)state;
    made.follows = true;
    for (int threads = FEW; threads <= CROWD; threads += CROWD - FEW) {
        memset(&rows, 0, sizeof rows);
        run_unequal(compute, threads, 20 * MS, read_a_row);
        printf("%lu of %lu rows without a turn of another\n", rows.whole, rows.number);
        assert_true(rows.number > 20);
        assert_true(10 * rows.whole > 9 * rows.number);
    }
    made.follows = false;
}

/* A turn that is over before the clock is read: who has asked lets go of the mutex, which the holder needs to answer. */
static void test_turns_shorter_than_a_look(void **state)
{
    (void)state;
    switch_ns = 5;
    half_ns = 50 * MS;
    run(FEW, 2 * MS, be_brief);
    half_ns = GY_NS_PER_S;
    switch_ns = 5 * MS;
    assert_true(load.handlers > 20);
    assert_true(seen.takes > 300);
}

/* Needs little, and that as often as it can. */
static void need_little(int self)
{
    while (!over) {
        gil_take(self);
        made_work(10 * US);
        had_ns[self] += 10 * US;
        gil_drop(self);
        made_sleep(10 * US);
    }
}

enum { HANDLER_NS = 10 * MS };

static struct {
    unsigned long number;
    uint64_t away_ns;
    unsigned long answers, without; /* in handlers; handlers without any */
} loans;

static unsigned long answers;

/* Computes, and lets go of the lock when it is asked to. */
static void compute_in_handler(void)
{
    unsigned long before = answers;
    for (uint64_t end = made_self->at + HANDLER_NS; made_self->at < end;) {
        made_work(US);
        if (atomic_load(&gil.request)) {
            uint64_t from = made_self->at;
            gil_drop(0);
            gil_take(0);
            loans.away_ns += made_self->at - from;
            loans.number++;
        }
    }
    loans.answers += answers - before;
    loans.without += answers == before;
}

/* However many threads want a moment of a handler, and however often, a twentieth of its time is all that they get. */
static void test_loans_within_the_budget(void **state)
{
    (void)state;
    for (int threads = 1; threads <= FEW; threads++) {
        memset(&loans, 0, sizeof loans);
        run_beside(need_little, threads, 20 * MS, compute_in_handler);
        uint64_t held_ns = load.handling_ns - loans.away_ns;
        printf("%lu loans, %.1f %% of the handlers' time\n", loans.number, 100.0 * (double)loans.away_ns / (double)held_ns);
        assert_true(loans.number > load.handlers);
        assert_true(20 * loans.away_ns < held_ns + held_ns / 4);
    }
}

/* Computes; one time in four the kernel puts it aside between two turns, for longer than anybody waits for one that was asked. */
static void compute_and_come_late(int self)
{
    while (!over) {
        compute_until_asked(self);
        if (unit_below(&made.seed, 4) == 0) {
            made_sleep(2 * GY_RETRY_NS);
        }
    }
}

/* Late is not little: it is lent nothing. */
static void test_nothing_lent_to_who_computes(void **state)
{
    (void)state;
    memset(&loans, 0, sizeof loans);
    run_unequal(compute_and_come_late, FEW, 20 * MS, compute_in_handler);
    printf("%lu loans in %lu handlers\n", loans.number, load.handlers);
    assert_true(load.handlers > 50);
    assert_true(10 * loans.number < load.handlers);
}

/* Sleeps, and needs little; begins as one that needed a second. */
static void sleep_again(int self)
{
    gy_own.need_ns = GY_NS_PER_S;
    made_self->processor = made.follows ? 0 : self;
    while (!over) {
        made_sleep(900 * US);
        gil_take(self);
        made_work(50 * US);
        gil_drop(self);
    }
}

/*
 * Once it needs little it is lent the GIL. A loan costs no more than its work and the way to it, also where it runs on the GUI
 * thread's processor, which that leaves to it then.
 */
static void test_sleeper_in_a_handler(void **state)
{
    (void)state;
    for (int follows = 0; follows <= 1; follows++) {
        made.follows = follows;
        memset(&loans, 0, sizeof loans);
        run_unequal(sleep_again, 1, 20 * MS, compute_in_handler);
        made.follows = false;
        printf("%s processor: %lu loans, %.1f us each\n", follows ? "the GUI thread's" : "its own", loans.number,
               (double)loans.away_ns / 1e3 / (double)(loans.number + !loans.number));
        assert_true(loans.number > 3 * load.handlers);
        assert_true(loans.away_ns < loans.number * 110 * US);
    }
}

/* Answers one request after the other: some calls with the lock, between which it is away for a moment. */
static void serve(int self)
{
    enum { PARTS = 6 };
    while (!over) {
        for (int i = 0; i < PARTS; i++) {
            gil_take(self);
            made_work(10 * US);
            gil_drop(self);
            made_work(2 * US);
        }
        answers++;
        made_sleep(60 * US);
    }
}

/*
 * A server is mostly interrupted by the handler itself, in the midst of an answer, and needs little all the same. It is lent the
 * GIL for an answer, not for each of its calls.
 */
static void test_server_in_a_handler(void **state)
{
    (void)state;
    memset(&loans, 0, sizeof loans);
    run_unequal(serve, 1, 20 * MS, compute_in_handler);
    printf("%lu loans, %lu answers within %lu handlers, none in %lu, %.1f us for each loan\n", loans.number, loans.answers,
           load.handlers, loans.without, (double)loans.away_ns / 1e3 / (double)(loans.number + !loans.number));
    assert_true(loans.answers > 2 * load.handlers);
    assert_true(loans.without * 20 < load.handlers);
    assert_true(loans.number < 2 * loans.answers);
}

/*
 * What the GUI thread waits for in its handlers; thread 1 wants the lock `late_ns` later, sets it, and works for `more_ns` with
 * the lock after that.
 */
static struct {
    gy_static_mutex mutex;
    gy_cond cond;
    bool wanted, set;
    unsigned long number, interrupted;
    unsigned long turns, tiny_turns; /* of others, until it is set */
    uint64_t late_ns, more_ns;
} event;

static void set_events(int self)
{
    if (self != 1) {
        compute(self);
        return;
    }
    while (!over) {
        made_sleep(50 * US);
        if (!event.wanted) {
            continue;
        }
        unsigned long before = all_turns, tiny_before = tiny_turns;
        if (event.late_ns != 0) {
            made_sleep(event.late_ns);
        }
        gil_take(self);
        event.wanted = false;
        event.turns += all_turns - before;
        event.tiny_turns += tiny_turns - tiny_before;
        gy_mutex_lock(gy_mutex_of(&event.mutex));
        gy_gilorder_gui_given();
        event.set = true;
        gy_cond_signal(&event.cond);
        gy_mutex_unlock(gy_mutex_of(&event.mutex));
        uint64_t done_ns = 0;
        while (done_ns < event.more_ns && !atomic_load(&gil.request)) {
            made_work(500);
            done_ns += 500;
        }
        event.number++;
        event.interrupted += done_ns < event.more_ns;
        gil_drop(self);
    }
}

static void wait_for_event(void)
{
    event.wanted = true;
    event.set = false;
    gil_drop(0);
    gy_gilorder_gui_in_lock(NULL);
    gy_mutex_lock(gy_mutex_of(&event.mutex));
    while (!event.set) {
        gy_cond_wait_until(&event.cond, gy_mutex_of(&event.mutex), UINT64_MAX);
    }
    gy_mutex_unlock(gy_mutex_of(&event.mutex));
    gy_gilorder_gui_out_of_lock();
    gil_take(0);
}

static void run_events(int threads, uint64_t more_ns)
{
    event.number = event.interrupted = 0;
    event.more_ns = more_ns;
    run_unequal(set_events, threads, 20 * MS, wait_for_event);
    printf("%lu of %lu interrupted\n", event.interrupted, event.number);
    assert_true(event.number > 50);
}

/* Who sets an event, and runs on the processor on which the GUI thread then wakes up, is left to do a little more. */
static void test_event_is_set(void **state)
{
    (void)state;
    made.follows = true;
    run_events(1, 45 * US);
    assert_true(10 * event.interrupted < event.number);
    run_events(1, 5 * MS);
    assert_true(10 * event.interrupted > 9 * event.number);
    run_events(FEW, 45 * US); /* there the next in line would have the lock */
    assert_true(10 * event.interrupted > 9 * event.number);
    made.follows = false;
}

/*
 * While the GUI thread is blocked turns are short. Who was interrupted by it has had more than such a turn, and has no more of it
 * to come: else the lock would go to and fro between those, each asked as soon as it has it.
 */
static void test_turns_while_blocked(void **state)
{
    (void)state;
    event.late_ns = 5 * MS;
    event.turns = event.tiny_turns = 0;
    run_events(CROWD, 5 * US);
    event.late_ns = 0;
    printf("%lu turns while it was blocked, %lu of them tiny\n", event.turns, event.tiny_turns);
    assert_true(event.turns > 10 * event.number);
    assert_true(event.tiny_turns < event.number);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_loans_within_the_budget),
        cmocka_unit_test(test_nothing_lent_to_who_computes),
        cmocka_unit_test(test_sleeper_in_a_handler),
        cmocka_unit_test(test_server_in_a_handler),
        cmocka_unit_test(test_one_wake_up_a_turn),
        cmocka_unit_test(test_interrupted_turns),
        cmocka_unit_test(test_turns_too_long),
        cmocka_unit_test(test_reads_in_a_handler),
        cmocka_unit_test(test_wait_is_no_absence),
        cmocka_unit_test(test_server_waits_for_less_than_turns),
        cmocka_unit_test(test_reads_beside_who_is_woken),
        cmocka_unit_test(test_event_is_set),
        cmocka_unit_test(test_turns_while_blocked),
        cmocka_unit_test(test_turns_shorter_than_a_look),
    };
    switch_ns = 5 * MS;
    gil_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

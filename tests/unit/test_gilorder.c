/* SPDX-License-Identifier: MIT */
/*
 * The order in which threads get the GIL. Real threads, so that the thread sanitizer sees them; nothing here depends on how fast
 * they are.
 */
#include "gil/gilstate.h"
#include "gil/guiwait.h"
#include "made_gil.h"
#include "trace/account.h"

#include <pthread.h>

enum { THREADS = 4 };

static atomic_ulong stolen; /* from the GUI thread, to which it had just been handed */

/* Who takes it is not the GUI thread, which waits for it and was handed it a moment ago. */
static bool steals(int self)
{
    return self != 0 && gy_order.gui_waiting && atomic_load(&gy_order.on_offer);
}

static void count_stolen(int self)
{
    stolen += steals(self);
}

/* ---- The threads. ---- */

static atomic_bool stop;
static unsigned long guarded; /* by the lock alone: the sanitizer tells if two threads have it at once */

typedef struct computing {
    pthread_t thread;
    int number;
    unsigned long turns;       /* under the lock */
    unsigned long short_turns; /* of these, in which it computed for less than seven tenths of a switch interval */
    uint64_t had_ns;           /* its time with the lock */
} computing;

static computing threads[THREADS];

static void keep_until_asked(computing *self)
{
    uint64_t start = gy_clock_monotonic.now(), used = gy_clock_monotonic.used();
    self->turns++;
    do {
        guarded++;
    } while (!atomic_load(&gil.request) && !atomic_load(&stop));
    self->had_ns += gy_clock_monotonic.now() - start;
    self->short_turns += gy_clock_monotonic.used() - used < 7 * GIL_SWITCH_NS / 10;
    gil_drop(self->number);
}

static void *compute(void *argument)
{
    computing *self = argument;
    while (!atomic_load(&stop)) {
        gil_take(self->number);
        keep_until_asked(self);
    }
    return NULL;
}

static void keep_busy(uint64_t ns)
{
    for (uint64_t end = gy_clock_monotonic.now() + ns; gy_clock_monotonic.now() < end;) {
        guarded++;
    }
}

static int begin(void **state)
{
    (void)state;
    assert_true(gil_begin(20 * MS));
    atomic_store(&stop, false);
    for (int i = 0; i < THREADS; i++) {
        threads[i] = (computing){.number = i + 1};
        assert_int_equal(pthread_create(&threads[i].thread, NULL, compute, &threads[i]), 0);
    }
    return 0;
}

static int end(void **state)
{
    (void)state;
    atomic_store(&stop, true);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i].thread, NULL);
    }
    gy_gilorder_end();
    assert_int_equal(gy_gilorder_waiting(), 0);
    return 0;
}

/* ---- Tests. ---- */

/* What the GUI thread asks for is handed to it, past all others that wait, and every other thread gets its turns. */
static void test_gui_is_handed_it(void **state)
{
    (void)state;
    uint64_t seed = 1, takes = gy_gilorder_takes(), overtaken = 0;
    for (int i = 0; i < 300; i++) {
        uint64_t before = gy_gilorder_takes();
        gil_take(0);
        overtaken += gy_gilorder_takes() - before;
        keep_busy(unit_below(&seed, 4) == 0 ? 300 * US : 5 * US); /* longer and shorter than anybody spins */
        gil_drop(0);
        gy_clock_monotonic.sleep(unit_below(&seed, 3) * MS);
    }
    assert_true(gy_gilorder_takes() - takes >= 100); /* they had it in between */
    assert_true(overtaken < 100);                    /* some barge while the lock changes hands */
    gil_take(0);
    for (int i = 0; i < THREADS; i++) {
        assert_true(threads[i].turns > 0);
    }
    gil_drop(0);
}

static void wait_for_turns(void)
{
    for (bool all = false; !all;) {
        gy_clock_monotonic.sleep(10 * MS);
        gil_take(0);
        all = true;
        for (int i = 0; i < THREADS; i++) {
            all = all && threads[i].turns >= 2;
        }
        gil_drop(0);
    }
}

/* However late the GUI thread is for what was handed to it: nobody else takes it. */
static void test_offer_is_kept(void **state)
{
    (void)state;
    wait_for_turns();
    gil_take(0);
    gy_clock_monotonic.sleep(10 * MS); /* all others are in line */
    gy_mutex_lock(gy_mutex_of(&gil.mutex));
    gil.locked = gy_order.held = gy_order.gui_has_it = false;
    gy_order.gui_waiting = true;
    atomic_store(&gy_order.on_offer, true);
    atomic_store(&gy_order.free_since, gy_clock_monotonic.now());
    uint64_t takes = gy_gilorder_takes();
    gy_mutex_unlock(gy_mutex_of(&gil.mutex));
    gy_clock_monotonic.sleep(6 * GY_RETRY_NS);
    gy_mutex_lock(gy_mutex_of(&gil.mutex));
    takes = gy_gilorder_takes() - takes;
    gy_order.gui_waiting = false;
    gy_mutex_unlock(gy_mutex_of(&gil.mutex));
    gil_take(0);
    gil_drop(0);
    assert_int_equal(takes, 0);
}

/* Nobody interrupts the GUI thread within its hold, however long it is asked for the lock; after it somebody does. */
static void test_hold(void **state)
{
    (void)state;
    int holds = 0;
    wait_for_turns(); /* each has been asked for it: none needs little */
    for (int i = 0; i < 20; i++) {
        gil_take(0);
        gy_mutex_lock(gy_mutex_of(&gil.mutex));
        uint64_t hold_end = gy_share_hold_end(gy_gilorder_share());
        gy_mutex_unlock(gy_mutex_of(&gil.mutex));
        while (!atomic_load(&gil.request)) {
            guarded++;
        }
        holds += gy_clock_monotonic.now() >= hold_end;
        gil_drop(0);
        gy_clock_monotonic.sleep(10 * MS);
    }
    /* All of them, but for threads that a busy machine has let wait: these need little, and ask at once. Without a hold: none. */
    assert_true(holds >= 6);
}

/* A request that CPython overlooks (up to 3.12 it may) is made again, also by threads of class 3. */
static void test_overlooked_request(void **state)
{
    (void)state;
    wait_for_turns();
    gil_take(0);
    for (int i = 0; i < 5; i++) {
        while (!atomic_load(&gil.request)) {
            guarded++;
        }
        atomic_store(&gil.request, false);
    }
    gil_drop(0);
}

/* Lets go of the lock by itself, and what it asks for is not heard, as with a thread of another interpreter. */
static void *work_unheard(void *argument)
{
    (void)argument;
    gil_unheard = true;
    for (int i = 0; i < 20; i++) {
        gil_take(THREADS + 1);
        guarded++;
        gil_drop(THREADS + 1);
        gy_clock_monotonic.sleep(1 * MS);
    }
    return NULL;
}

/* Such a thread is first in line: whoever can ask the holder still does. */
static void test_unheard_first(void **state)
{
    (void)state;
    pthread_t thread;
    wait_for_turns();
    assert_int_equal(pthread_create(&thread, NULL, work_unheard, NULL), 0);
    pthread_join(thread, NULL);
}

/* Is back at once when it has been asked for it, without being relieved. */
static void *come_back(void *argument)
{
    (void)argument;
    while (!atomic_load(&stop)) {
        gil_take(THREADS + 1);
        while (!atomic_load(&gil.request) && !atomic_load(&stop)) {
            guarded++;
        }
        atomic_store(&gil.request, false);
        gil_drop(THREADS + 1);
    }
    return NULL;
}

/* What is on offer to the GUI thread is not for who comes a moment later and finds it free. */
static void test_nobody_steals(void **state)
{
    (void)state;
    pthread_t thread;
    stolen = 0;
    assert_int_equal(pthread_create(&thread, NULL, come_back, NULL), 0);
    for (int i = 0; i < 300; i++) {
        gil_take(0);
        gil_drop(0);
        gy_clock_monotonic.sleep(1 * MS);
    }
    atomic_store(&stop, true);
    pthread_join(thread, NULL);
    assert_int_equal(stolen, 0);
}

/* How often one that lets go of the lock again and again did so as its turn was over, and had it back all the same. */
static struct {
    unsigned long given, kept;
} reader;

static void *read_without_end(void *argument)
{
    (void)argument;
    while (!atomic_load(&stop)) {
        gil_take(THREADS + 1);
        guarded++;
        unsigned long before = gil.switches;
        gil_drop(THREADS + 1);
        bool gives = gy_own.gives_turn;
        gil_take(THREADS + 1);
        reader.given += gives;
        reader.kept += gives && gil.switches == before;
        gil_drop(THREADS + 1);
    }
    return NULL;
}

/* Whoever is next has the turn, and may have to be woken for it. */
static void test_turn_is_given(void **state)
{
    (void)state;
    pthread_t thread;
    reader.given = reader.kept = 0;
    assert_int_equal(pthread_create(&thread, NULL, read_without_end, NULL), 0);
    unsigned long given = 0;
    while (given < 30) {
        gy_clock_monotonic.sleep(10 * MS);
        gil_take(0);
        given = reader.given;
        gil_drop(0);
    }
    atomic_store(&stop, true);
    pthread_join(thread, NULL);
    printf("%lu turns given, %lu kept\n", reader.given, reader.kept);
    /* A few: the next was relieved, and has let go of the mutex once more before it takes the lock. */
    assert_true(reader.kept * 4 < reader.given * 3);
}

/* Takes the lock once for long enough to have an account of its own, and again when it comes upon it free, without a wait. */
static void *come_upon_it(void *argument)
{
    computing *self = argument;
    gil_take(self->number);
    keep_busy(2 * GY_NEWBORN_NS);
    uint64_t virtual_ns = gy_order.clock.virtual_ns;
    gil_drop(self->number);
    for (bool taken = false; !taken && !atomic_load(&stop);) {
        gy_relax();
        gy_mutex_lock(gy_mutex_of(&gil.mutex));
        taken = !gil.locked && !gy_order.gui_waiting && gy_order.clock.virtual_ns > virtual_ns + 100 * MS;
        if (taken) {
            gil.locked = true;
            gil.last = self->number;
            gil.switches++;
            gy_gilorder_taken();
            atomic_store(&gil.request, false);
        }
        gy_mutex_unlock(gy_mutex_of(&gil.mutex));
    }
    keep_until_asked(self);
    return compute(self);
}

/* Who has been away for long and finds the lock free is not owed all that it did not want: others have their turns. */
static void test_comes_upon_it(void **state)
{
    computing late = {.number = THREADS + 1};
    (void)state;
    assert_int_equal(pthread_create(&late.thread, NULL, come_upon_it, &late), 0);
    unsigned long turns = 0, before[THREADS] = {0};
    while (turns < 30UL * THREADS) { /* the GUI thread ends most of them after a millisecond */
        gy_clock_monotonic.sleep(1 * MS);
        gil_take(0);
        for (int i = 0; i < THREADS; i++) {
            before[i] = late.turns == 0 ? threads[i].turns : before[i];
        }
        turns = late.turns;
        for (int i = 0; i < THREADS; i++) {
            turns += threads[i].turns - before[i];
        }
        gil_drop(0);
    }
    gil_take(0);
    int without = 0;
    for (int i = 0; i < THREADS; i++) {
        without += threads[i].turns == before[i];
    }
    gil_drop(0);
    atomic_store(&stop, true);
    pthread_join(late.thread, NULL);
    assert_int_equal(without, 0);
}

/* A GUI thread that always wants it: the others take turns, and none gets less than half of the mean. */
static void test_even_turns(void **state)
{
    (void)state;
    uint64_t until = gy_clock_monotonic.now() + 2 * GY_NS_PER_S;
    while (gy_clock_monotonic.now() < until) {
        gil_take(0);
        keep_busy(1 * MS);
        gil_drop(0);
    }
    gil_take(0);
    uint64_t sum = 0;
    for (int i = 0; i < THREADS; i++) {
        sum += threads[i].had_ns;
    }
    for (int i = 0; i < THREADS; i++) {
        assert_true(threads[i].had_ns * THREADS * 2 > sum);
    }
    gil_drop(0);
}

/* Turns are shorter than a switch interval: so short that the kernel rarely ends one before they do. */
static void test_short_turns(void **state)
{
    (void)state;
    unsigned long turns = 0, short_turns = 0;
    while (turns < 100) {
        gy_clock_monotonic.sleep(20 * MS);
        gil_take(0);
        turns = short_turns = 0;
        for (int i = 0; i < THREADS; i++) {
            turns += threads[i].turns;
            short_turns += threads[i].short_turns;
        }
        gil_drop(0);
    }
    assert_true(short_turns > turns / 2);
}

/* While the GUI thread is blocked turns are short, and what may be missing of one is part of that, however long others are. */
static void test_tolerance(void **state)
{
    (void)state;
    uint64_t turn_ns = gy_order.turn_ns;
    gy_gilorder_gui_polls(false);
    gy_order.turn_ns = 200 * MS;
    gy_order.gui_left_at = 0;
    assert_int_equal(gy_gil_turn_tolerance(GY_NS_PER_S), 25 * MS);
    assert_int_equal(gy_gil_turn(GY_NS_PER_S + MS), 200 * MS);
    gy_order.gui_left_at = GY_NS_PER_S;
    assert_true(gy_gil_gui_blocked(GY_NS_PER_S + MS));
    assert_true(gy_gil_turn(GY_NS_PER_S + MS) < MS);
    assert_true(gy_gil_turn_tolerance(GY_NS_PER_S + MS) < gy_gil_turn(GY_NS_PER_S + MS) / 4);
    /* In a lock, which somebody in line may have, they are shorter at first. */
    uint64_t short_ns = gy_gil_turn(GY_NS_PER_S + MS);
    atomic_store(&gy_account_gui_in_lock, true);
    assert_true(gy_gil_turn(GY_NS_PER_S + MS) < short_ns / 2);
    assert_int_equal(gy_gil_turn(2 * GY_NS_PER_S), short_ns);
    atomic_store(&gy_account_gui_in_lock, false);
    gy_order.gui_left_at = 0;
    gy_order.turn_ns = turn_ns;
}

/* ---- What the GUI thread lends of a handler. ---- */

/* A twentieth of its time with the GIL, up to a quarter of a millisecond, less all the time in which it was away for a loan. */
static void test_budget(void **state)
{
    (void)state;
    gy_gilorder_gui_polls(false);
    gy_order.budget_ns = 0;
    gy_order.earns_since = 100 * MS;
    assert_int_equal(gy_gui_budget(100 * MS), 0);
    assert_int_equal(gy_gui_budget(102 * MS), 100 * US);
    assert_int_equal(gy_gui_budget(10 * GY_NS_PER_S), 250 * US);
    gy_order.budget_ns = 250 * US;
    gy_order.earns_since = 0;
    gy_order.lent_at = 200 * MS;
    assert_int_equal(gy_gui_budget(300 * MS), 250 * US);
    gy_gui_has_it_back(200 * MS + 600 * US);
    assert_int_equal(gy_order.lent_at, 0);
    assert_true(gy_gui_budget(200 * MS + 600 * US) == -350 * (int64_t)US);
    assert_int_equal(gy_gui_budget(207 * MS + 600 * US), 0);
    gy_order.lent_at = 300 * MS;
    gy_gui_has_it_back(2 * GY_NS_PER_S); /* it went to sleep: no loan costs the next ones more than a hundredth of a second */
    assert_int_equal(gy_gui_budget(2 * GY_NS_PER_S + 10 * MS), 0);
    gy_gilorder_gui_polls(true);
    gy_order.budget_ns = 250 * US;
    gy_order.lent_at = 3 * GY_NS_PER_S;
    gy_gui_has_it_back(4 * GY_NS_PER_S); /* it was in its loop's wait meanwhile */
    assert_int_equal(gy_gui_budget(4 * GY_NS_PER_S), 0);
    gy_order.budget_ns = 0;
    gy_order.earns_since = 0;
}

static pthread_t brief;
static unsigned long brief_turns; /* under the lock */

/* Again and again it needs the lock for so long, and gives it back when it is asked to. */
static void *take_briefly(void *argument)
{
    uint64_t needs = *(const uint64_t *)argument;
    /* As it was seen before: it usually needs little, and has had more than its part. */
    gy_own.need_ns = 20 * US;
    gy_own.runtime = (gy_runtime){.virtual_ns = gy_order.clock.virtual_ns + 3 * MS, .newborn_ns = GY_NEWBORN_NS};
    while (!atomic_load(&stop)) {
        gil_take(1);
        for (uint64_t had = 0; had < needs && !atomic_load(&stop);) {
            uint64_t start = gy_clock_monotonic.now();
            while (!atomic_load(&gil.request) && had + gy_clock_monotonic.now() - start < needs) {
                guarded++;
            }
            had += gy_clock_monotonic.now() - start;
            if (had < needs) {
                gil_drop(1);
                gy_own.need_ns = 20 * US;
                gil_take(1);
            }
        }
        brief_turns++;
        gil_drop(1);
        gy_clock_monotonic.sleep(100 * US);
    }
    return NULL;
}

/* The GUI thread's hold is longer than the test: who wants the GIL meanwhile gets it on loan or not at all. */
static int begin_brief(void **state)
{
    assert_true(gil_begin(100 * GY_NS_PER_S));
    gy_gilorder_gui_polls(false);
    atomic_store(&stop, false);
    brief_turns = 0;
    gil_take(0);
    assert_int_equal(pthread_create(&brief, NULL, take_briefly, *state), 0);
    return 0;
}

static int begin_nothing(void **state)
{
    static uint64_t nothing = 0;
    *state = &nothing;
    return begin_brief(state);
}

static int begin_more_than_is_lent(void **state)
{
    static uint64_t more = 300 * US;
    *state = &more;
    return begin_brief(state);
}

static int end_brief(void **state)
{
    (void)state;
    atomic_store(&stop, true);
    gil_drop(0);
    pthread_join(brief, NULL);
    gy_gilorder_end();
    return 0;
}

/* A thread that needs little gets its moments of a handler, and the handler gets by far the most of the time. */
static void test_loans(void **state)
{
    unsigned long turns = 0, wanted = *(const uint64_t *)*state == 0 ? 5 : 1;
    uint64_t begun = gy_clock_monotonic.now(), now = begun, away = 0;
    while ((turns < wanted || now < begun + 300 * MS) && now < begun + 20 * GY_NS_PER_S) {
        turns = brief_turns;
        if (atomic_load(&gil.request)) {
            uint64_t from = gy_clock_monotonic.now();
            gil_drop(0);
            gil_take(0);
            uint64_t took = gy_clock_monotonic.now() - from;
            away += took < 5 * MS ? took : 5 * MS; /* no more is charged for one */
        }
        now = gy_clock_monotonic.now();
    }
    assert_true(turns >= wanted);
    assert_true(away < (now - begun) / 2);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_gui_is_handed_it, begin, end),
        cmocka_unit_test_setup_teardown(test_offer_is_kept, begin, end),
        cmocka_unit_test_setup_teardown(test_hold, begin, end),
        cmocka_unit_test_setup_teardown(test_overlooked_request, begin, end),
        cmocka_unit_test_setup_teardown(test_unheard_first, begin, end),
        cmocka_unit_test_setup_teardown(test_nobody_steals, begin, end),
        cmocka_unit_test_setup_teardown(test_turn_is_given, begin, end),
        cmocka_unit_test_setup_teardown(test_comes_upon_it, begin, end),
        cmocka_unit_test_setup_teardown(test_even_turns, begin, end),
        cmocka_unit_test_setup_teardown(test_short_turns, begin, end),
        cmocka_unit_test(test_tolerance),
        cmocka_unit_test(test_budget),
        cmocka_unit_test_setup_teardown(test_loans, begin_nothing, end_brief),
        cmocka_unit_test_setup_teardown(test_loans, begin_more_than_is_lent, end_brief),
    };
    gil_init();
    gil_before_take = count_stolen;
    return cmocka_run_group_tests(tests, NULL, NULL);
}

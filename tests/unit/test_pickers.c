/* SPDX-License-Identifier: MIT */
/* Which way to wrap the event loop's wait is picked, and which place of the GUI thread in the GIL's queue; with invented ways. */
#include "gil/gilqueue.h"
#include "loop/wait.h"
#include "qt/qt.h"
#include "unit.h"

#include <string.h>

/* ---- The wait. ---- */

static const char *dispatcher; /* the class of the GUI thread's */
static char installed[16];     /* the first letters of what is */
static bool cannot_have_a;

bool gy_qt_dispatcher_inherits(const char *class_name)
{
    return strcmp(class_name, dispatcher) == 0;
}

static void add(char letter)
{
    assert_null(strchr(installed, letter));
    installed[strlen(installed)] = letter;
}

static void take(char letter)
{
    char *found = strchr(installed, letter);
    assert_non_null(found);
    memmove(found, found + 1, strlen(found));
}

static const char *install_a(gy_wait_handler handler)
{
    assert_non_null(handler);
    if (cannot_have_a) {
        return "there is no a";
    }
    add('a');
    return NULL;
}

static void remove_a(void)
{
    take('a');
}

static const char *install_b(gy_wait_handler handler)
{
    assert_non_null(handler);
    add('b');
    return NULL;
}

static void remove_b(void)
{
    take('b');
}

static const gy_wait way_a = {.name = "a", .dispatcher = "A", .reason = "it is A", .install = install_a, .remove = remove_a};
static const gy_wait way_b = {
    .name = "b", .dispatcher = "B", .reason = "it is B", .elsewhere = true, .install = install_b, .remove = remove_b};

const gy_wait *const gy_wait_ways[] = {&way_a, &way_b, &gy_wait_none, NULL};

static int handler(gy_poll *poll)
{
    return poll->block(poll);
}

static void test_wait(void **state)
{
    (void)state;
    static const struct {
        const char *dispatcher;
        bool cannot_have_a;
        const char *name, *reason, *installed;
    } rows[] = {
        {"A", false, "a", "it is A", "ab"}, /* b too: Qt waits there elsewhere */
        {"B", false, "b", "it is B", "b"},
        {"A", true, "none", "there is no a", "b"},
        {"C", false, "none", "no way is known to wrap this event dispatcher's wait", "b"},
        {"A", false, "a", "it is A", "ab"}, /* and again */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *reason = NULL;
        dispatcher = rows[i].dispatcher;
        cannot_have_a = rows[i].cannot_have_a;
        assert_string_equal(gy_wait_install(handler, &reason)->name, rows[i].name);
        assert_string_equal(reason, rows[i].reason);
        assert_string_equal(installed, rows[i].installed);
        gy_wait_remove();
        assert_string_equal(installed, "");
        gy_wait_remove(); /* harmless */
    }
}

/* ---- The queue. ---- */

static const char *obstacle;

static const char *install_gui(const gy_python *python, const gilyield_options *options, uint64_t now)
{
    (void)python;
    assert_int_equal(options->interval_ms, 20);
    assert_int_equal(now, 7);
    return obstacle;
}

static bool without_gil;

bool gy_python_free_threaded(void)
{
    return without_gil;
}

const gy_gilqueue gy_gilqueue_gui = {.name = "gui", .install = install_gui};

static void test_queue(void **state)
{
    (void)state;
    static const struct {
        int priority;
        const char *obstacle, *name, *reason;
        bool without_gil;
    } rows[] = {
        {GILYIELD_PRIORITY_GUI, NULL, "gui", "as asked for", false},
        {GILYIELD_PRIORITY_GUI, "there is no queue", "switch-interval", "there is no queue", false},
        {GILYIELD_PRIORITY_SWITCH_INTERVAL, "there is no queue", "switch-interval", "as asked for", false},
        {GILYIELD_PRIORITY_NONE, NULL, "none", "as asked for", false},
        {GILYIELD_PRIORITY_GUI, NULL, "none", "this CPython is built without a GIL", true},
        {GILYIELD_PRIORITY_SWITCH_INTERVAL, NULL, "none", "this CPython is built without a GIL", true},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const gilyield_options options = {.interval_ms = 20, .slice_ms = 5, .priority = rows[i].priority, .switch_us = 100};
        const char *reason = NULL;
        obstacle = rows[i].obstacle;
        without_gil = rows[i].without_gil;
        assert_string_equal(gy_gilqueue_install(NULL, &options, 7, &reason)->name, rows[i].name);
        assert_string_equal(reason, rows[i].reason);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wait),
        cmocka_unit_test(test_queue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

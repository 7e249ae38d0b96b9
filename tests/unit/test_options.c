/* SPDX-License-Identifier: MIT */
#include "settings/options.h"
#include "unit.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* ---- What was complained about. ---- */

enum { MAX_COMPLAINTS = 8 };
static char complaints[MAX_COMPLAINTS][1024];
static size_t complaint_count;

static void collect(const char *sentence)
{
    assert_true(complaint_count < MAX_COMPLAINTS);
    assert_true(strlen(sentence) < sizeof complaints[0]);
    strcpy(complaints[complaint_count++], sentence);
}

static gilyield_options from_environment; /* by the environment that was read last */

static gy_environment read_environment(char *const *entries)
{
    complaint_count = 0;
    return gy_options_from_environment(entries, &from_environment, collect);
}

/* Reads an environment of one variable, among others that do not concern us. */
static gy_environment read_one(const char *name, const char *value)
{
    char entry[256];
    snprintf(entry, sizeof entry, "%s=%s", name, value);
    char *entries[] = {"HOME=/root", entry, "NOT_GILYIELD_MODE=junk", NULL};
    return read_environment(entries);
}

static void assert_says(const char *sentence, const char *part)
{
    if (!strstr(sentence, part)) {
        fail_msg("\"%s\" does not say \"%s\"", sentence, part);
    }
}

/* ---- The values. ---- */

typedef struct option {
    const char *variable, *member, *accepted, *fallback;
    size_t offset;
    int error, max, default_value;
} option;

#define OPTION(variable, member, accepted, fallback, error, max, value)                                                          \
    {                                                                                                                            \
        variable, #member, accepted, fallback, offsetof(gilyield_options, member), error, max, value                             \
    }
static const option OPTIONS[] = {
    OPTION("GILYIELD_MODE", mode, "auto, wait, timer", "auto", GILYIELD_E_MODE, 3, GILYIELD_MODE_AUTO),
    OPTION("GILYIELD_INTERVAL_MS", interval_ms, "1 to 10000 (milliseconds)", "20", GILYIELD_E_INTERVAL, 10000, 20),
    OPTION("GILYIELD_SLICE_MS", slice_ms, "1 to 10000 (milliseconds)", "5", GILYIELD_E_SLICE, 10000, 5),
    OPTION("GILYIELD_PRIORITY", priority, "gui, switch-interval, none", "gui", GILYIELD_E_PRIORITY, 3, GILYIELD_PRIORITY_GUI),
    OPTION("GILYIELD_SWITCH_US", switch_us, "1 to 1000000 (microseconds)", "100", GILYIELD_E_SWITCH, 1000000, 100),
    OPTION("GILYIELD_LOG_LEVEL", log_level, "error, warn, info, debug", "warn", GILYIELD_E_LOG, 4, GILYIELD_LOG_WARN),
};

static int value_of(const gilyield_options *options, const option *row)
{
    return *(const int *)((const char *)options + row->offset);
}

static void set_value(gilyield_options *options, const option *row, int value)
{
    *(int *)((char *)options + row->offset) = value;
}

/* All options but `row` are as they were: not set. */
static void assert_only(const gilyield_options *options, const option *row)
{
    for (size_t i = 0; i < COUNT_OF(OPTIONS); i++) {
        if (&OPTIONS[i] != row) {
            assert_int_equal(value_of(options, &OPTIONS[i]), 0);
        }
    }
    assert_int_equal(options->size, sizeof *options);
}

static const option *find(const char *variable)
{
    for (size_t i = 0; i < COUNT_OF(OPTIONS); i++) {
        if (strcmp(OPTIONS[i].variable, variable) == 0) {
            return &OPTIONS[i];
        }
    }
    return NULL;
}

static void test_good_values(void **state)
{
    (void)state;
    static const struct {
        const char *variable, *text;
        int value;
    } rows[] = {
        {"GILYIELD_MODE", "auto", GILYIELD_MODE_AUTO},
        {"GILYIELD_MODE", "wait", GILYIELD_MODE_WAIT},
        {"GILYIELD_MODE", "timer", GILYIELD_MODE_TIMER},
        {"GILYIELD_INTERVAL_MS", "1", 1},
        {"GILYIELD_INTERVAL_MS", "20", 20},
        {"GILYIELD_INTERVAL_MS", "10000", 10000},
        {"GILYIELD_INTERVAL_MS", "0007", 7},
        {"GILYIELD_SLICE_MS", "1", 1},
        {"GILYIELD_SLICE_MS", "10000", 10000},
        {"GILYIELD_PRIORITY", "gui", GILYIELD_PRIORITY_GUI},
        {"GILYIELD_PRIORITY", "switch-interval", GILYIELD_PRIORITY_SWITCH_INTERVAL},
        {"GILYIELD_PRIORITY", "none", GILYIELD_PRIORITY_NONE},
        {"GILYIELD_SWITCH_US", "1", 1},
        {"GILYIELD_SWITCH_US", "1000000", 1000000},
        {"GILYIELD_LOG_LEVEL", "error", GILYIELD_LOG_ERROR},
        {"GILYIELD_LOG_LEVEL", "warn", GILYIELD_LOG_WARN},
        {"GILYIELD_LOG_LEVEL", "info", GILYIELD_LOG_INFO},
        {"GILYIELD_LOG_LEVEL", "debug", GILYIELD_LOG_DEBUG},
        {"GILYIELD_MODE", "", 0}, /* empty is the same as unset */
        {"GILYIELD_INTERVAL_MS", "", 0},
        {"GILYIELD_SLICE_MS", "", 0},
        {"GILYIELD_PRIORITY", "", 0},
        {"GILYIELD_SWITCH_US", "", 0},
        {"GILYIELD_LOG_LEVEL", "", 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const option *row = find(rows[i].variable);
        gy_environment environment = read_one(rows[i].variable, rows[i].text);
        assert_int_equal(complaint_count, 0);
        assert_false(environment.bad);
        assert_false(environment.enabled);
        assert_int_equal(value_of(&from_environment, row), rows[i].value);
        assert_only(&from_environment, row);
        assert_int_equal(gy_options_check(&from_environment, NULL, 0), 0);
    }
}

static void test_bad_values(void **state)
{
    (void)state;
    static const char *const bad_words[] = {"AUTO", "auto ",   " auto",     "autos", "aut", "0",
                                            "1",    "default", "auto,wait", "-",     "\xff"};
    static const char *const bad_numbers[] = {
        "0",
        "-1",
        "+5",
        " 5",
        "5 ",
        "5ms",
        "1e3",
        "0x10",
        "1.5",
        "5,0",
        "auto",
        "10000000",
        "-2147483649",
        "4294967297", /* 1, in 32 bits */
        "18446744073709551617",
        "99999999999999999999999999999999",
    };
    for (size_t o = 0; o < COUNT_OF(OPTIONS); o++) {
        const option *row = &OPTIONS[o];
        bool words = row->max < 10;
        const char *const *values = words ? bad_words : bad_numbers;
        size_t count = words ? COUNT_OF(bad_words) : COUNT_OF(bad_numbers);
        for (size_t i = 0; i < count; i++) {
            gy_environment environment = read_one(row->variable, values[i]);
            char assignment[128], instead[32];
            snprintf(assignment, sizeof assignment, "%s=%s ", row->variable, values[i]);
            snprintf(instead, sizeof instead, "using %s", row->fallback);
            assert_int_equal(complaint_count, 1);
            assert_says(complaints[0], assignment);
            assert_says(complaints[0], row->accepted);
            assert_says(complaints[0], instead);
            assert_true(environment.bad);
            assert_int_equal(value_of(&from_environment, row), 0);
            assert_only(&from_environment, row);
            gilyield_options merged = gy_options_merge(from_environment, gy_options_default());
            assert_int_equal(value_of(&merged, row), row->default_value);
        }
    }
    read_one("GILYIELD_INTERVAL_MS", "10001");
    assert_int_equal(complaint_count, 1);
    read_one("GILYIELD_SWITCH_US", "1000001");
    assert_int_equal(complaint_count, 1);
}

/* One line that a person can read, however long or strange the value is. */
static void test_very_long_values(void **state)
{
    (void)state;
    enum { LONG = 100000 };
    static const char *const names[] = {
        "GILYIELD_MODE=", "GILYIELD_INTERVAL_MS=", "GILYIELD=", "GILYIELD_STATS=", "GILYIELD_STRICT=", "GILYIELD_"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char *entry = malloc(strlen(names[i]) + LONG + 1);
        assert_non_null(entry);
        strcpy(entry, names[i]);
        memset(entry + strlen(names[i]), '7', LONG);
        entry[strlen(names[i]) + LONG] = '\0';
        if (i == COUNT_OF(names) - 1) {
            strcpy(entry + strlen(names[i]) + LONG - 2, "=1"); /* here it is the name that is long */
        }
        char *entries[] = {entry, NULL};
        read_environment(entries);
        assert_int_equal(complaint_count, 1);
        assert_says(complaints[0], names[i]);
        assert_says(complaints[0], "7777777777");
        assert_true(strlen(complaints[0]) < 500);
        free(entry);
    }
    read_one("GILYIELD_MODE", "auto\nGILYIELD=1\x1b[2J");
    assert_int_equal(complaint_count, 1);
    assert_null(strpbrk(complaints[0], "\n\x1b"));
    assert_says(complaints[0], "GILYIELD_MODE=auto");
}

static void test_flags(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        bool set, bad;
    } rows[] = {
        {"1", true, false},    {"0", false, false},  {"", false, false},  {"2", false, true},
        {"true", false, true}, {"yes", false, true}, {"on", false, true}, {"01", false, true},
        {" 1", false, true},   {"1 ", false, true},  {"-1", false, true},
    };
    static const char *const names[] = {"GILYIELD", "GILYIELD_STATS", "GILYIELD_STRICT", "GILYIELD_CHILDREN"};
    for (size_t n = 0; n < COUNT_OF(names); n++) {
        for (size_t i = 0; i < COUNT_OF(rows); i++) {
            gy_environment environment = read_one(names[n], rows[i].value);
            const bool flags[] = {environment.enabled, environment.stats_at_exit, environment.strict};
            for (size_t f = 0; f < COUNT_OF(flags); f++) {
                assert_int_equal(flags[f], f == n && rows[i].set);
            }
            assert_int_equal(environment.bad, rows[i].bad);
            assert_int_equal(complaint_count, rows[i].bad ? 1 : 0);
            if (rows[i].bad) {
                char assignment[64];
                snprintf(assignment, sizeof assignment, "%s=%s ", names[n], rows[i].value);
                assert_says(complaints[0], assignment);
                assert_says(complaints[0], "0, 1");
            }
            assert_only(&from_environment, NULL);
        }
    }
}

static void test_what_is_to_be_seen(void **state)
{
    (void)state;
    static char *entries[] = {"GILYIELD_WATCH_MS=250", "GILYIELD_TRACE=/tmp/gil.json", "GILYIELD_TRACE_SECONDS=10", NULL};
    gy_environment environment = read_environment(entries);
    assert_int_equal(complaint_count, 0);
    assert_int_equal(environment.watch_ms, 250);
    assert_true(environment.traces);
    assert_int_equal(environment.trace_seconds, 10);
    static char *bad[] = {"GILYIELD_WATCH_MS=60001", "GILYIELD_TRACE=", "GILYIELD_TRACE_SECONDS=1s", NULL};
    environment = read_environment(bad);
    assert_int_equal(complaint_count, 2);
    assert_says(complaints[0], "GILYIELD_WATCH_MS");
    assert_says(complaints[0], "60000");
    assert_says(complaints[1], "GILYIELD_TRACE_SECONDS");
    assert_true(environment.bad && !environment.traces && environment.watch_ms == 0 && environment.trace_seconds == 0);
}

static void test_unknown_variables(void **state)
{
    (void)state;
    static char *entries[] = {"GILYIELD_INTERVAL=5", "GILYIELD_=1", "GILYIELD_MODE_=auto", "GILYIELD_interval_ms=", NULL};
    gy_environment environment = read_environment(entries);
    /* Once each, with what is known; not a bad value: a later version may know it. */
    assert_int_equal(complaint_count, 4);
    assert_says(complaints[0], "GILYIELD_INTERVAL ");
    assert_says(complaints[1], "GILYIELD_ ");
    assert_says(complaints[2], "GILYIELD_MODE_ ");
    assert_says(complaints[3], "GILYIELD_interval_ms ");
    for (size_t i = 0; i < COUNT_OF(OPTIONS); i++) {
        assert_says(complaints[0], OPTIONS[i].variable);
    }
    assert_says(complaints[0], "GILYIELD,");
    assert_says(complaints[0], "GILYIELD_STATS");
    assert_says(complaints[0], "GILYIELD_STRICT");
    assert_false(environment.bad);
    assert_only(&from_environment, NULL);
}

static void test_what_is_not_ours(void **state)
{
    (void)state;
    static char *entries[] = {
        "GILYIELDER=1", "gilyield=1", "XGILYIELD_MODE=x", "GILYIELD", "GILYIELD_MODE", "=GILYIELD_MODE=x", "", NULL};
    gy_environment environment = read_environment(entries);
    assert_int_equal(complaint_count, 0);
    assert_false(environment.enabled);
    assert_only(&from_environment, NULL);
    static char *nothing[] = {NULL};
    environment = read_environment(nothing);
    assert_false(environment.enabled);
    environment = read_environment(NULL);
    assert_false(environment.enabled);
    assert_int_equal(complaint_count, 0);
}

static void test_strict(void **state)
{
    (void)state;
    static const struct {
        char *entries[5];
        bool enabled;
        size_t complaints;
    } rows[] = {
        {{"GILYIELD=1"}, true, 0},
        {{"GILYIELD=1", "GILYIELD_MODE=x"}, true, 1},
        {{"GILYIELD=1", "GILYIELD_STRICT=1"}, true, 0},
        {{"GILYIELD=1", "GILYIELD_STRICT=1", "GILYIELD_MODE=x"}, false, 2},
        {{"GILYIELD_MODE=x", "GILYIELD=1", "GILYIELD_STRICT=1"}, false, 2}, /* in whatever order */
        {{"GILYIELD_SLICE_MS=0", "GILYIELD_STRICT=1", "GILYIELD=1"}, false, 2},
        {{"GILYIELD=1", "GILYIELD_STRICT=1", "GILYIELD_STATS=x"}, false, 2},
        {{"GILYIELD=1", "GILYIELD_STRICT=0", "GILYIELD_MODE=x"}, true, 1},
        {{"GILYIELD=1", "GILYIELD_STRICT=1", "GILYIELD_FUTURE=x"}, true, 1}, /* unknown is not bad */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        gy_environment environment = read_environment((char *const *)rows[i].entries);
        assert_int_equal(environment.enabled, rows[i].enabled);
        assert_int_equal(complaint_count, rows[i].complaints);
        if (rows[i].complaints == 2) {
            assert_says(complaints[1], "GILYIELD_STRICT=1");
            assert_says(complaints[1], "stays off");
        }
    }
}

/* ---- The struct. ---- */

static void test_default(void **state)
{
    (void)state;
    gilyield_options options = gy_options_default();
    assert_int_equal(options.size, sizeof options);
    for (size_t i = 0; i < COUNT_OF(OPTIONS); i++) {
        assert_int_equal(value_of(&options, &OPTIONS[i]), OPTIONS[i].default_value);
    }
    assert_int_equal(gy_options_check(&options, NULL, 0), 0);
}

static void test_check(void **state)
{
    (void)state;
    for (size_t o = 0; o < COUNT_OF(OPTIONS); o++) {
        const option *row = &OPTIONS[o];
        const struct {
            int value;
            bool good;
        } rows[] = {{0, true},   {1, true},        {row->max, true}, {row->max + 1, false},
                    {-1, false}, {INT_MIN, false}, {INT_MAX, false}};
        for (size_t i = 0; i < COUNT_OF(rows); i++) {
            gilyield_options options = {0};
            char text[256] = "junk", said[64];
            set_value(&options, row, rows[i].value);
            assert_int_equal(gy_options_check(&options, text, sizeof text), rows[i].good ? 0 : row->error);
            assert_int_equal(gy_options_check(&options, NULL, 0), rows[i].good ? 0 : row->error);
            if (rows[i].good) {
                assert_string_equal(text, "");
            } else {
                snprintf(said, sizeof said, "%s=%d ", row->member, rows[i].value);
                assert_says(text, said);
                assert_says(text, row->accepted);
            }
        }
    }
    char text[64] = "junk";
    assert_int_equal(gy_options_check(NULL, text, sizeof text), 0);
    assert_string_equal(text, "");
}

static void test_check_with_little_room(void **state)
{
    (void)state;
    gilyield_options options = {.mode = 77};
    char whole[256];
    gy_options_check(&options, whole, sizeof whole);
    for (size_t size = 1; size < sizeof whole; size++) {
        char *text = malloc(size); /* of exactly this size, for the sanitizer */
        assert_non_null(text);
        memset(text, 'x', size);
        assert_int_equal(gy_options_check(&options, text, size), GILYIELD_E_MODE);
        assert_int_equal(strnlen(text, size), strlen(whole) < size ? strlen(whole) : size - 1);
        assert_memory_equal(text, whole, strlen(text));
        free(text);
    }
}

static void test_size(void **state)
{
    (void)state;
    const size_t first = offsetof(gilyield_options, log_level) + sizeof(int);
    static const struct {
        size_t size;
        bool good;
    } rows[] = {{0, true}, {1, false}, {sizeof(size_t), false}, {sizeof(gilyield_options), true}, {4096, true}, {SIZE_MAX, true}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        gilyield_options options = {.size = rows[i].size, .mode = GILYIELD_MODE_TIMER};
        char text[256];
        assert_int_equal(gy_options_check(&options, text, sizeof text), rows[i].good ? 0 : GILYIELD_E_SIZE);
        if (!rows[i].good) {
            assert_says(text, "size=");
        }
    }
    gilyield_options options = {.size = first - 1};
    assert_int_equal(gy_options_check(&options, NULL, 0), GILYIELD_E_SIZE);
    options.size = first;
    assert_int_equal(gy_options_check(&options, NULL, 0), 0);
}

/* A caller that was built with a newer header has a larger struct, and members that this version does not know. */
static void test_import(void **state)
{
    (void)state;
    struct {
        gilyield_options options;
        int more[16];
    } larger = {.options = {.size = sizeof larger, .interval_ms = 33, .log_level = GILYIELD_LOG_DEBUG}, .more = {1, 2, 3}};
    gilyield_options imported = gy_options_import(&larger.options);
    assert_int_equal(imported.size, sizeof imported);
    assert_int_equal(imported.interval_ms, 33);
    assert_int_equal(imported.log_level, GILYIELD_LOG_DEBUG);
    assert_int_equal(imported.mode, 0);

    gilyield_options zero_size = {.slice_ms = 9};
    imported = gy_options_import(&zero_size);
    assert_int_equal(imported.size, sizeof imported);
    assert_int_equal(imported.slice_ms, 9);

    imported = gy_options_import(NULL);
    assert_only(&imported, NULL);

    /* A size of 0 means the first layout: what lies behind it in the caller's memory is not read. */
    const size_t first = offsetof(gilyield_options, log_level) + sizeof(int);
    gilyield_options *tight = malloc(first);
    assert_non_null(tight);
    memset(tight, 0, first);
    tight->switch_us = 7;
    imported = gy_options_import(tight);
    free(tight);
    assert_int_equal(imported.switch_us, 7);
}

static void test_merge(void **state)
{
    (void)state;
    for (size_t o = 0; o < COUNT_OF(OPTIONS); o++) {
        const option *row = &OPTIONS[o];
        gilyield_options over = {.size = sizeof over}, under = gy_options_default();
        set_value(&over, row, 2);
        gilyield_options merged = gy_options_merge(over, under);
        for (size_t i = 0; i < COUNT_OF(OPTIONS); i++) {
            assert_int_equal(value_of(&merged, &OPTIONS[i]), &OPTIONS[i] == row ? 2 : OPTIONS[i].default_value);
        }
        assert_int_equal(merged.size, sizeof merged);
    }
}

static void test_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(OPTIONS); i++) {
        static const int none[] = {0, -1, 5, INT_MIN, INT_MAX};
        for (size_t n = 0; n < COUNT_OF(none); n++) {
            assert_null(gy_options_word(OPTIONS[i].member, none[n]));
        }
    }
    assert_string_equal(gy_options_word("mode", GILYIELD_MODE_AUTO), "auto");
    assert_string_equal(gy_options_word("mode", GILYIELD_MODE_TIMER), "timer");
    assert_string_equal(gy_options_word("priority", GILYIELD_PRIORITY_SWITCH_INTERVAL), "switch-interval");
    assert_string_equal(gy_options_word("log_level", GILYIELD_LOG_DEBUG), "debug");
    assert_null(gy_options_word("interval_ms", 1));
    assert_null(gy_options_word("speed", 1));
}

/* What the environment says and what set() is given are read by the same rules; each word comes back as it went in. */
static void test_set(void **state)
{
    (void)state;
    static const struct {
        const char *name, *value;
        int error;
        const char *sentence;
    } rows[] = {
        {"mode", "timer", 0, ""},
        {"priority", "none", 0, ""},
        {"interval_ms", "10000", 0, ""},
        {"mode", "fast", GILYIELD_E_MODE, "mode=fast is not accepted: use auto, wait, timer"},
        {"mode", "", GILYIELD_E_MODE, "mode= is not accepted: use auto, wait, timer"},
        {"mode", "1", GILYIELD_E_MODE, "mode=1 is not accepted: use auto, wait, timer"},
        {"interval_ms", "10001", GILYIELD_E_INTERVAL,
         "interval_ms=10001 is not accepted: use whole numbers from 1 to 10000 (milliseconds)"},
        {"interval_ms", "0", GILYIELD_E_INTERVAL,
         "interval_ms=0 is not accepted: use whole numbers from 1 to 10000 (milliseconds)"},
        {"speed", "1", GILYIELD_E_OPTION,
         "speed is not an option: use mode, interval_ms, slice_ms, priority, switch_us, log_level"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        gilyield_options options = {.size = sizeof options};
        char text[256] = "junk";
        assert_int_equal(gy_options_set(&options, rows[i].name, rows[i].value, text, sizeof text), rows[i].error);
        assert_string_equal(text, rows[i].sentence);
        if (rows[i].error) {
            assert_only(&options, NULL); /* nothing was set */
        }
        assert_int_equal(gy_options_set(&options, rows[i].name, rows[i].value, NULL, 0), rows[i].error);
        assert_int_equal(gy_options_accept(rows[i].name, rows[i].value, text, sizeof text), rows[i].error == 0);
        assert_string_equal(text, rows[i].sentence);
    }
    gilyield_options options = {.size = sizeof options};
    assert_int_equal(gy_options_set(&options, "mode", "timer", NULL, 0), 0);
    assert_int_equal(options.mode, GILYIELD_MODE_TIMER);
    /* A struct that has no room for it is not written to. */
    options.size = offsetof(gilyield_options, log_level);
    assert_int_equal(gy_options_set(&options, "log_level", "debug", NULL, 0), GILYIELD_E_SIZE);
    assert_int_equal(options.log_level, 0);
    options.size = 0;
    assert_int_equal(gy_options_set(&options, "log_level", "debug", NULL, 0), 0);
    assert_int_equal(options.log_level, GILYIELD_LOG_DEBUG);
}

/* Numbers of the environment that are no options. */
static void test_accept(void **state)
{
    (void)state;
    char text[256];
    assert_true(gy_options_accept("watch_ms", "60000", text, sizeof text));
    assert_string_equal(text, "");
    assert_true(gy_options_accept("trace_seconds", "86400", NULL, 0));
    assert_false(gy_options_accept("watch_ms", "60001", text, sizeof text));
    assert_string_equal(text, "watch_ms=60001 is not accepted: use whole numbers from 1 to 60000 (milliseconds)");
    assert_false(gy_options_accept("trace_seconds", "1.5", text, sizeof text));
    assert_string_equal(text, "trace_seconds=1.5 is not accepted: use whole numbers from 1 to 86400 (seconds)");
    assert_false(gy_options_accept("watch_ms", "", NULL, 0));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_values),
        cmocka_unit_test(test_bad_values),
        cmocka_unit_test(test_very_long_values),
        cmocka_unit_test(test_flags),
        cmocka_unit_test(test_what_is_to_be_seen),
        cmocka_unit_test(test_unknown_variables),
        cmocka_unit_test(test_what_is_not_ours),
        cmocka_unit_test(test_strict),
        cmocka_unit_test(test_default),
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_check_with_little_room),
        cmocka_unit_test(test_size),
        cmocka_unit_test(test_import),
        cmocka_unit_test(test_merge),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_set),
        cmocka_unit_test(test_accept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

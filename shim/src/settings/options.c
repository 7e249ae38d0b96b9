/* SPDX-License-Identifier: MIT */
/*
 * One table describes every option: its place in the struct, its environment variable, what is accepted, the default and the
 * error. The environment, the C API and the sentences of all errors come from it.
 */
#include "settings/options.h"

#include "trace/watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct option_row {
    const char *member;       /* name in gilyield_options */
    const char *variable;     /* name in the environment */
    size_t offset;            /* of the int in gilyield_options */
    const char *const *words; /* the enum's words from value 1 on, NULL-terminated; NULL for a number */
    int max;                  /* numbers: 1 to max */
    const char *unit;         /* numbers: the unit in words */
    int fallback;             /* the default */
    int error;
} option_row;

static const char *const MODE_WORDS[] = {"auto", "wait", "timer", NULL};
static const char *const PRIORITY_WORDS[] = {"gui", "switch-interval", "none", NULL};
static const char *const LOG_WORDS[] = {"error", "warn", "info", "debug", NULL};

enum { MAX_MS = 10000, MAX_US = 1000000 };

static const option_row OPTIONS[] = {
    {"mode", "GILYIELD_MODE", offsetof(gilyield_options, mode), MODE_WORDS, 0, NULL, GILYIELD_MODE_AUTO, GILYIELD_E_MODE},
    {"interval_ms", "GILYIELD_INTERVAL_MS", offsetof(gilyield_options, interval_ms), NULL, MAX_MS, "milliseconds", 20,
     GILYIELD_E_INTERVAL},
    {"slice_ms", "GILYIELD_SLICE_MS", offsetof(gilyield_options, slice_ms), NULL, MAX_MS, "milliseconds", 5, GILYIELD_E_SLICE},
    {"priority", "GILYIELD_PRIORITY", offsetof(gilyield_options, priority), PRIORITY_WORDS, 0, NULL, GILYIELD_PRIORITY_GUI,
     GILYIELD_E_PRIORITY},
    {"switch_us", "GILYIELD_SWITCH_US", offsetof(gilyield_options, switch_us), NULL, MAX_US, "microseconds", 100,
     GILYIELD_E_SWITCH},
    {"log_level", "GILYIELD_LOG_LEVEL", offsetof(gilyield_options, log_level), LOG_WORDS, 0, NULL, GILYIELD_LOG_WARN,
     GILYIELD_E_LOG},
};
enum { OPTION_COUNT = sizeof OPTIONS / sizeof *OPTIONS };

/* Numbers that are no options: `offset` is in gy_environment, and not set means 0, off. */
static const option_row NUMBERS[] = {
    {"watch_ms", "GILYIELD_WATCH_MS", offsetof(gy_environment, watch_ms), NULL, GY_WATCH_MOST_MS, "milliseconds", 0, 0},
    {"trace_seconds", "GILYIELD_TRACE_SECONDS", offsetof(gy_environment, trace_seconds), NULL, 86400, "seconds", 0, 0},
};

/* Variables that are no options: `offset` is that of a bool in gy_environment. */
static const struct flag_row {
    const char *variable;
    size_t offset;
    bool is_text; /* set means true; else 0 or 1 */
} FLAGS[] = {
    {"GILYIELD", offsetof(gy_environment, enabled), false},
    {"GILYIELD_CHILDREN", offsetof(gy_environment, children), false},
    {"GILYIELD_STATS", offsetof(gy_environment, stats_at_exit), false},
    {"GILYIELD_STRICT", offsetof(gy_environment, strict), false},
    {"GILYIELD_TRACE", offsetof(gy_environment, traces), true},
};
enum { FLAG_COUNT = sizeof FLAGS / sizeof *FLAGS, NUMBER_COUNT = sizeof NUMBERS / sizeof *NUMBERS };

/* The layout that was published first; callers built with it may leave `size` at 0. */
#define FIRST_SIZE (offsetof(gilyield_options, log_level) + sizeof(int))

enum { SENTENCE_SIZE = 512, VALUE_SHOWN = 64 };

static int *member(gilyield_options *options, const option_row *row)
{
    return (int *)((char *)options + row->offset);
}

static int value_of(const gilyield_options *options, const option_row *row)
{
    return *(const int *)((const char *)options + row->offset);
}

static int word_count(const char *const *words)
{
    int n = 0;
    while (words[n]) {
        n++;
    }
    return n;
}

/* "auto, wait, timer" or "whole numbers from 1 to 10000 (milliseconds)" */
static void describe_accepted(const option_row *row, char *text, size_t size)
{
    if (!row->words) {
        snprintf(text, size, "whole numbers from 1 to %d (%s)", row->max, row->unit);
        return;
    }
    size_t used = 0;
    for (int i = 0; row->words[i] && used < size; i++) {
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "", row->words[i]);
    }
}

/* "mode, interval_ms, …" */
static void list_names(char *text, size_t size)
{
    size_t used = 0;
    for (int i = 0; i < OPTION_COUNT && used < size; i++) {
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "", OPTIONS[i].member);
    }
}

static const option_row *find_variable(const char *name, size_t length)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (strlen(OPTIONS[i].variable) == length && strncmp(OPTIONS[i].variable, name, length) == 0) {
            return &OPTIONS[i];
        }
    }
    return NULL;
}

/* The option's int, or 0 if the text is not one that is accepted. */
static int parse_value(const option_row *row, const char *text)
{
    if (row->words) {
        for (int i = 0; row->words[i]; i++) {
            if (strcmp(row->words[i], text) == 0) {
                return i + 1;
            }
        }
        return 0;
    }
    if (*text < '0' || *text > '9') {
        return 0; /* strtol would take blanks and signs */
    }
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    return *end == '\0' && errno == 0 && number >= 1 && number <= row->max ? (int)number : 0;
}

/* One line on any terminal: control characters become '?'. */
static void complain_line(gy_complaint complain, char *sentence)
{
    for (char *c = sentence; *c; c++) {
        if ((unsigned char)*c < ' ' || *c == 127) {
            *c = '?';
        }
    }
    complain(sentence);
}

static void complain_value(gy_complaint complain, const char *name, const char *value, const char *accepted, const char *instead)
{
    char sentence[SENTENCE_SIZE];
    snprintf(sentence, sizeof sentence, "%s=%.*s is not understood: accepted are %s; using %s", name, VALUE_SHOWN, value,
             accepted, instead);
    complain_line(complain, sentence);
}

static bool parse_flag(gy_environment *environment, const char *name, const char *value, gy_complaint complain)
{
    if (strcmp(value, "1") == 0) {
        return true;
    }
    if (*value && strcmp(value, "0") != 0) {
        complain_value(complain, name, value, "0, 1", "0");
        environment->bad = true;
    }
    return false;
}

/* The value, or 0 and a complaint. */
static int parse_row(gy_environment *environment, const option_row *row, const char *value, gy_complaint complain)
{
    int parsed = parse_value(row, value);
    if (parsed == 0) {
        char accepted[SENTENCE_SIZE / 2], instead[32];
        describe_accepted(row, accepted, sizeof accepted);
        if (row->words) {
            snprintf(instead, sizeof instead, "%s", row->words[row->fallback - 1]);
        } else {
            snprintf(instead, sizeof instead, "%d", row->fallback);
        }
        complain_value(complain, row->variable, value, accepted, instead);
        environment->bad = true;
    }
    return parsed;
}

static const option_row *find_number(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof NUMBERS / sizeof *NUMBERS; i++) {
        if (strlen(NUMBERS[i].variable) == length && strncmp(NUMBERS[i].variable, name, length) == 0) {
            return &NUMBERS[i];
        }
    }
    return NULL;
}

static const struct flag_row *find_flag(const char *name, size_t length)
{
    for (int i = 0; i < FLAG_COUNT; i++) {
        if (strlen(FLAGS[i].variable) == length && strncmp(FLAGS[i].variable, name, length) == 0) {
            return &FLAGS[i];
        }
    }
    return NULL;
}

static void append_name(char *sentence, size_t *used, const char *separator, const char *name)
{
    if (*used < SENTENCE_SIZE) {
        *used += (size_t)snprintf(sentence + *used, SENTENCE_SIZE - *used, "%s%s", separator, name);
    }
}

static void complain_unknown(gy_complaint complain, const char *name, size_t length)
{
    char sentence[SENTENCE_SIZE];
    size_t used = (size_t)snprintf(sentence, sizeof sentence, "%.*s is not a variable of gilyield and is ignored: known:",
                                   (int)(length < VALUE_SHOWN ? length : VALUE_SHOWN), name);
    for (int i = 0; i < FLAG_COUNT; i++) {
        append_name(sentence, &used, i ? ", " : " ", FLAGS[i].variable);
    }
    for (int i = 0; i < OPTION_COUNT; i++) {
        append_name(sentence, &used, ", ", OPTIONS[i].variable);
    }
    for (int i = 0; i < NUMBER_COUNT; i++) {
        append_name(sentence, &used, ", ", NUMBERS[i].variable);
    }
    complain_line(complain, sentence);
}

gy_environment gy_options_from_environment(char *const *variables, gilyield_options *options, gy_complaint complain)
{
    gy_environment result = {0};
    *options = (gilyield_options){.size = sizeof *options};
    for (char *const *entry = variables; entry && *entry; entry++) {
        const char *equals = strchr(*entry, '=');
        if (!equals || strncmp(*entry, "GILYIELD", strlen("GILYIELD")) != 0) {
            continue;
        }
        size_t length = (size_t)(equals - *entry);
        const char *value = equals + 1;
        const option_row *option = find_variable(*entry, length), *number = find_number(*entry, length);
        const struct flag_row *flag = find_flag(*entry, length);
        if (option) {
            if (*value) {
                *member(options, option) = parse_row(&result, option, value, complain);
            }
        } else if (number) {
            *(int *)((char *)&result + number->offset) = *value ? parse_row(&result, number, value, complain) : 0;
        } else if (flag) {
            *(bool *)((char *)&result + flag->offset) =
                flag->is_text ? *value != '\0' : parse_flag(&result, flag->variable, value, complain);
        } else if ((*entry)[strlen("GILYIELD")] == '_') {
            complain_unknown(complain, *entry, length);
        }
    }
    if (result.strict && result.bad) {
        result.enabled = false;
        complain("GILYIELD_STRICT=1 and a bad value: gilyield stays off");
    }
    return result;
}

static int explain(int error, char *text, size_t size, const option_row *row, int value)
{
    if (size > 0) {
        char accepted[SENTENCE_SIZE / 2];
        describe_accepted(row, accepted, sizeof accepted);
        snprintf(text, size, "%s=%d is not accepted: use %s", row->member, value, accepted);
    }
    return error;
}

static int explain_size(const gilyield_options *options, char *text, size_t size)
{
    if (size > 0) {
        snprintf(text, size, "size=%zu is not accepted: use 0, or sizeof(gilyield_options), which is %zu or more", options->size,
                 FIRST_SIZE);
    }
    return GILYIELD_E_SIZE;
}

int gy_options_check(const gilyield_options *options, char *text, size_t size)
{
    if (size > 0) {
        *text = '\0';
    }
    if (!options) {
        return 0;
    }
    if (options->size != 0 && options->size < FIRST_SIZE) {
        return explain_size(options, text, size);
    }
    for (int i = 0; i < OPTION_COUNT; i++) {
        const option_row *row = &OPTIONS[i];
        int value = value_of(options, row);
        int max = row->words ? word_count(row->words) : row->max;
        if (value < 0 || value > max) {
            return explain(row->error, text, size, row, value);
        }
    }
    return 0;
}

gilyield_options gy_options_import(const gilyield_options *options)
{
    gilyield_options result = {.size = sizeof result};
    if (options) {
        size_t known = options->size == 0 ? FIRST_SIZE : options->size;
        memcpy(&result, options, known < sizeof result ? known : sizeof result);
        result.size = sizeof result;
    }
    return result;
}

gilyield_options gy_options_merge(gilyield_options over, gilyield_options under)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (value_of(&over, &OPTIONS[i]) == 0) {
            *member(&over, &OPTIONS[i]) = value_of(&under, &OPTIONS[i]);
        }
    }
    return over;
}

gilyield_options gy_options_default(void)
{
    gilyield_options result = {.size = sizeof result};
    for (int i = 0; i < OPTION_COUNT; i++) {
        *member(&result, &OPTIONS[i]) = OPTIONS[i].fallback;
    }
    return result;
}

static const option_row *find_in(const option_row *rows, int count, const char *name)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(rows[i].member, name) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

static const option_row *find_member(const char *name)
{
    return find_in(OPTIONS, OPTION_COUNT, name);
}

/* What is written into `text` is cut to `size`, which may be 0. */
static void explain_name(const char *name, char *text, size_t size)
{
    if (size > 0) {
        char accepted[SENTENCE_SIZE / 2];
        list_names(accepted, sizeof accepted);
        snprintf(text, size, "%.*s is not an option: use %s", VALUE_SHOWN, name, accepted);
    }
}

static void explain_text(const option_row *row, const char *value, char *text, size_t size)
{
    if (size > 0) {
        char accepted[SENTENCE_SIZE / 2];
        describe_accepted(row, accepted, sizeof accepted);
        snprintf(text, size, "%s=%.*s is not accepted: use %s", row->member, VALUE_SHOWN, value, accepted);
    }
}

int gy_options_set(gilyield_options *options, const char *name, const char *value, char *text, size_t size)
{
    const option_row *row = find_member(name);
    if (size > 0) {
        *text = '\0';
    }
    if (!row) {
        explain_name(name, text, size);
        return GILYIELD_E_OPTION;
    }
    if (row->offset + sizeof(int) > (options->size ? options->size : FIRST_SIZE)) {
        return explain_size(options, text, size);
    }
    int parsed = parse_value(row, value);
    if (parsed == 0) {
        explain_text(row, value, text, size);
        return row->error;
    }
    *member(options, row) = parsed;
    return 0;
}

bool gy_options_accept(const char *name, const char *value, char *text, size_t size)
{
    const option_row *number = find_in(NUMBERS, NUMBER_COUNT, name), *row = number ? number : find_member(name);
    if (size > 0) {
        *text = '\0';
    }
    if (!row) {
        explain_name(name, text, size);
        return false;
    }
    if (parse_value(row, value) == 0) {
        explain_text(row, value, text, size);
        return false;
    }
    return true;
}

const char *gy_options_word(const char *name, int value)
{
    const option_row *row = find_member(name);
    return row && row->words && value >= 1 && value <= word_count(row->words) ? row->words[value - 1] : NULL;
}

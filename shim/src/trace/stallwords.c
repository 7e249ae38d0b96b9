/* SPDX-License-Identifier: MIT */
#include "trace/stallwords.h"

#include "os/clock.h"
#include "os/compiler.h"
#include "trace/stall.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static void append(char *text, size_t size, const char *format, ...) GY_PRINTF(3, 4);
static void append(char *text, size_t size, const char *format, ...)
{
    size_t used = strlen(text);
    va_list args;
    va_start(args, format);
    vsnprintf(text + used, size - used, format, args);
    va_end(args);
}

/* Python's standard library, by where it is installed: no package of anybody's, and no program. */
static bool is_library(const char *file)
{
    const char *found = strstr(file, "/lib/python3");
    return found && !strstr(found, "-packages/") && !strchr(file, '\n');
}

static void say_time(char *text, size_t size, uint64_t ns)
{
    if (ns < GY_NS_PER_S) {
        append(text, size, "%llu ms", (unsigned long long)(ns / GY_NS_PER_MS));
    } else {
        append(text, size, "%.1f s", (double)ns / 1e9);
    }
}

static void say_place(const gilyield_stall *stall, const char *before, char *text, size_t size)
{
    if (stall->file[0] != '\0') {
        append(text, size, "%s%s:%d, in %s", before, stall->file, stall->line, stall->function);
    }
}

static void say_native(const gilyield_stall *stall, char *text, size_t size)
{
    if (stall->native[0] != '\0') {
        append(text, size, " (%s)", stall->native);
    }
}

/* Of Python's own library the program's line that called it says more. Looked for among the calls that led there. */
static void say_caller(const gilyield_stall *stall, char *text, size_t size)
{
    if (!is_library(stall->file)) {
        return;
    }
    for (const char *line = stall->stack; gy_stall_is_call(line);) {
        const char *place = line + strlen(GY_STALL_CALLED_FROM " ");
        size_t length = strcspn(place, "\n");
        char copy[sizeof stall->file + sizeof stall->function + 32];
        snprintf(copy, sizeof copy, "%.*s", (int)length, place);
        if (!is_library(copy)) {
            append(text, size, ", for %s", copy);
            return;
        }
        line = place + length + (place[length] != '\0');
    }
}

/* By `sleeps`. */
static const char *const VERBS[] = {[0] = "it ran C or C++",
                                    [GILYIELD_SLEEPS] = "it slept in C or C++",
                                    [GILYIELD_WAITS] = "it waited in C or C++",
                                    [GILYIELD_UNSEEN] = "it was over before it could be looked at, as the machine was busy"};

static void say_cause(const gilyield_stall *stall, char *text, size_t size)
{
    const char *by = stall->file[0] != '\0' ? ", called at " : "";
    switch (stall->kind) {
    case GILYIELD_STALL_PYTHON:
        append(text, size, "it ran Python");
        say_place(stall, ", at ", text, size);
        break;
    case GILYIELD_STALL_GIL:
        if (stall->thread[0] == '\0') {
            append(text, size, "it waited for the GIL, which threads had by turns");
            break;
        }
        append(text, size, "it waited for the GIL, which thread \"%s\" had", stall->thread);
        say_place(stall, " at ", text, size);
        if (stall->keeps) {
            append(text, size, ", inside a C function that does not release it");
            say_native(stall, text, size);
        }
        break;
    case GILYIELD_STALL_LOCK:
        if (stall->file[0] != '\0') {
            append(text, size, "it waited for a lock"); /* in which function of the C library says nothing more */
        } else {
            append(text, size, "it waited for a lock or another thread in C or C++");
            say_native(stall, text, size);
        }
        say_place(stall, by, text, size);
        break;
    default:
        append(text, size, VERBS[stall->sleeps]);
        say_native(stall, text, size);
        say_place(stall, by, text, size);
        if (stall->file[0] == '\0' && stall->sleeps != GILYIELD_UNSEEN) {
            append(text, size, ", called by no Python");
        }
    }
}

void gy_words_say_cause(const gilyield_stall *stall, char *text, size_t size)
{
    *text = '\0';
    say_cause(stall, text, size);
    say_caller(stall, text, size);
}

void gy_words_say(gilyield_stall *stall)
{
    char *text = stall->text;
    size_t size = sizeof stall->text;
    text[0] = '\0';
    append(text, size,
           stall->lasts ? "the GUI thread has been late for its events for " : "the GUI thread was late for its events by ");
    say_time(text, size, stall->ns);
    append(text, size, ": ");
    say_cause(stall, text, size);
    say_caller(stall, text, size);
    if (stall->count > 1) {
        append(text, size, " (here %llu times, ", (unsigned long long)stall->count);
        say_time(text, size, stall->total_ns);
        append(text, size, " in all)");
    }
    append(text, size, "\n");
    for (const char *line = stall->stack; *line;) {
        size_t length = strcspn(line, "\n");
        append(text, size, "    %.*s\n", (int)length, line);
        line += length + (line[length] != '\0');
    }
}

void gy_words_say_other(gilyield_stall *stall, const gilyield_stall *other, uint64_t ns)
{
    char *text = stall->text;
    size_t size = sizeof stall->text;
    append(text, size, "    and for ");
    say_time(text, size, ns);
    append(text, size, " ");
    say_cause(other, text, size);
    append(text, size, "\n");
}

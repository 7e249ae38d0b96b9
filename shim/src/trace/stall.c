/* SPDX-License-Identifier: MIT */
/* What kept the GUI thread, and how that is said. */
#include "trace/stall.h"

#include "os/clock.h"
#include "os/compiler.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/*
 * CPython gives the GIL away some microseconds after it is asked to, unless a C function runs: who keeps it for longer than this
 * is in one, if it does not go from one Python instruction to the next, as a thread does that the kernel has put aside. The
 * slices that the GUI thread owes are shorter.
 */
#define KEPT_NS (UINT64_C(40) * GY_NS_PER_MS)

/* Lines of a stack that are shown. */
enum { SHOWN = 6 };

#define CALLED_FROM "called from"

/* Frames of the import machinery and other code that is frozen into CPython say nothing about the program. */
static bool is_frozen(const gy_pyframe *frame)
{
    return strncmp(frame->file, "<frozen ", strlen("<frozen ")) == 0;
}

/* Nor does how gilyield's own package carries a call to the GUI thread. */
static bool is_ours(const gy_pyframe *frame)
{
    static const char PACKAGE[] = "/gilyield/";
    const char *found = NULL;
    for (const char *next = strstr(frame->file, PACKAGE); next; next = strstr(next + 1, PACKAGE)) {
        found = next;
    }
    const char *name = found ? found + strlen(PACKAGE) : ""; /* the program may have a directory of that name */
    return name[0] == '_' || strcmp(name, "gui.py") == 0 || strcmp(name, "jobs.py") == 0;
}

/* Nor does how threading starts a thread. */
static bool starts_thread(const gy_pyframe *frame)
{
    return strncmp(frame->function, "_bootstrap", strlen("_bootstrap")) == 0;
}

/* Python's standard library, by where it is installed: no package of anybody's, and no program. */
static bool is_library(const char *file)
{
    const char *found = strstr(file, "/lib/python3");
    return found && !strstr(found, "-packages/") && !strchr(file, '\n');
}

/* The innermost frame that says something. Where all are ours, ours: it is we who take long. */
static int first_own(const gy_pystack *stack)
{
    int found = -1;
    for (int i = 0; i < stack->count; i++) {
        const gy_pyframe *frame = &stack->frames[i];
        if (!is_frozen(frame) && !is_ours(frame)) {
            return i;
        }
        found = found < 0 && !is_frozen(frame) ? i : found;
    }
    return found < 0 ? 0 : found;
}

static void append(char *text, size_t size, const char *format, ...) GY_PRINTF(3, 4);
static void append(char *text, size_t size, const char *format, ...)
{
    size_t used = strlen(text);
    va_list args;
    va_start(args, format);
    vsnprintf(text + used, size - used, format, args);
    va_end(args);
}

static void take_place(const gy_pystack *stack, gilyield_stall *stall)
{
    if (stack->count == 0) {
        return;
    }
    int own = first_own(stack);
    const gy_pyframe *frame = &stack->frames[own];
    snprintf(stall->file, sizeof stall->file, "%s", frame->file);
    snprintf(stall->function, sizeof stall->function, "%s", frame->function);
    stall->line = frame->line;
}

static void list_frames(const gy_pystack *stack, int from, const char *first, gilyield_stall *stall)
{
    int shown = 0;
    for (int i = from; i < stack->count && shown < SHOWN; i++) {
        const gy_pyframe *frame = &stack->frames[i];
        if (!is_frozen(frame) && !starts_thread(frame) && !is_ours(frame)) {
            append(stall->stack, sizeof stall->stack, "%s %s:%d, in %s\n", shown == 0 ? first : CALLED_FROM, frame->file,
                   frame->line, frame->function);
            shown++;
        }
    }
}

void gy_stall_judge(const gy_look *look, gilyield_stall *stall)
{
    memset(stall, 0, sizeof *stall);
    stall->size = sizeof *stall;
    if (!look) {
        stall->kind = GILYIELD_STALL_NATIVE;
        stall->sleeps = GILYIELD_UNSEEN;
        return;
    }
    gy_native_name(look->where, stall->native, sizeof stall->native);
    if (look->waits_for_gil) {
        stall->kind = GILYIELD_STALL_GIL;
        stall->keeps = look->held_ns > KEPT_NS && !look->moves && !look->nowhere;
        snprintf(stall->thread, sizeof stall->thread, "%s", look->holder);
        take_place(look->holds, stall);
        list_frames(look->holds, first_own(look->holds) + 1, CALLED_FROM, stall);
        list_frames(look->gui, first_own(look->gui), "the GUI thread was at", stall);
        return;
    }
    if (look->doing == GY_DOING_LOCK) {
        stall->kind = GILYIELD_STALL_LOCK;
        if (!strstr(stall->native, " in ")) {
            stall->native[0] = '\0'; /* how the C library waits has no name */
        }
    } else if (look->gui->count > 0 && look->doing == GY_DOING_COMPUTES && (look->moves || look->nowhere || look->in_python)) {
        stall->kind = GILYIELD_STALL_PYTHON;
        stall->native[0] = '\0';
    } else {
        stall->kind = GILYIELD_STALL_NATIVE;
        stall->sleeps = look->doing == GY_DOING_SLEEPS ? GILYIELD_SLEEPS : look->doing == GY_DOING_CALL ? GILYIELD_WAITS : 0;
    }
    take_place(look->gui, stall);
    list_frames(look->gui, first_own(look->gui) + 1, CALLED_FROM, stall);
}

bool gy_stall_computes(const gilyield_stall *stall)
{
    return stall->kind == GILYIELD_STALL_PYTHON || (stall->kind == GILYIELD_STALL_NATIVE && !stall->sleeps);
}

bool gy_stall_same_python(const gilyield_stall *one, const gilyield_stall *other)
{
    bool same_kind = one->kind == other->kind && one->sleeps == other->sleeps;
    bool both_compute = one->file[0] != '\0' && gy_stall_computes(one) && gy_stall_computes(other);
    /* The line goes round in a loop. */
    return (same_kind || both_compute) && strcmp(one->file, other->file) == 0 && strcmp(one->function, other->function) == 0 &&
           strcmp(one->thread, other->thread) == 0;
}

/* Is the next line of a listed stack one of the calls that led there? */
static bool is_call(const char *line)
{
    return strncmp(line, CALLED_FROM, strlen(CALLED_FROM)) == 0;
}

/* Do the same functions call it? Their lines go round in loops, too. */
static bool same_callers(const char *one, const char *other)
{
    while (is_call(one) && is_call(other)) {
        size_t file = strcspn(one, "\n");
        const char *end = one + file, *colon = end;
        while (colon > one && *colon != ':') {
            colon--;
        }
        size_t head = (size_t)(colon - one);
        if (strncmp(one, other, head) != 0 || other[head] != ':') {
            return false;
        }
        one = colon + 1 + strspn(colon + 1, "0123456789");
        other += head + 1 + strspn(other + head + 1, "0123456789");
        size_t tail = (size_t)(end - one);
        if (strncmp(one, other, tail) != 0 || (other[tail] != '\n' && other[tail] != '\0')) {
            return false;
        }
        one += tail + (one[tail] != '\0');
        other += tail + (other[tail] != '\0');
    }
    return !is_call(one) && !is_call(other);
}

bool gy_stall_same_place(const gilyield_stall *one, const gilyield_stall *other)
{
    /* Where there is no Python, the native function has to tell. */
    return gy_stall_same_python(one, other) &&
           (one->file[0] != '\0' ? same_callers(one->stack, other->stack) : strcmp(one->native, other->native) == 0);
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

/*
 * Of Python's own library the program's line that called it says more. Looked for among the calls that led there.
 */
static void say_caller(const gilyield_stall *stall, char *text, size_t size)
{
    if (!is_library(stall->file)) {
        return;
    }
    for (const char *line = stall->stack; is_call(line);) {
        const char *place = line + strlen(CALLED_FROM " ");
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

void gy_stall_say_cause(const gilyield_stall *stall, char *text, size_t size)
{
    *text = '\0';
    say_cause(stall, text, size);
    say_caller(stall, text, size);
}

void gy_stall_say(gilyield_stall *stall)
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

void gy_stall_say_other(gilyield_stall *stall, const gilyield_stall *other, uint64_t ns)
{
    char *text = stall->text;
    size_t size = sizeof stall->text;
    append(text, size, "    and for ");
    say_time(text, size, ns);
    append(text, size, " ");
    say_cause(other, text, size);
    append(text, size, "\n");
}

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

/* Frames of the import machinery and other code that is frozen into CPython say nothing about the program. */
static bool is_frozen(const gy_pyframe *frame)
{
    return strncmp(frame->file, "<frozen ", strlen("<frozen ")) == 0;
}

/* Nor does how threading starts a thread. */
static bool starts_thread(const gy_pyframe *frame)
{
    return strncmp(frame->function, "_bootstrap", strlen("_bootstrap")) == 0;
}

static int first_own(const gy_pystack *stack)
{
    for (int i = 0; i < stack->count; i++) {
        if (!is_frozen(&stack->frames[i])) {
            return i;
        }
    }
    return 0;
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
        if (!is_frozen(frame) && !starts_thread(frame)) {
            append(stall->stack, sizeof stall->stack, "%s %s:%d, in %s\n", shown == 0 ? first : "called from", frame->file,
                   frame->line, frame->function);
            shown++;
        }
    }
}

void gy_stall_judge(const gy_look *look, gilyield_stall *stall)
{
    memset(stall, 0, sizeof *stall);
    stall->size = sizeof *stall;
    gy_native_name(look->where, stall->native, sizeof stall->native);
    if (look->waits_for_gil) {
        stall->kind = GILYIELD_STALL_GIL;
        stall->keeps = look->held_ns > KEPT_NS && !look->moves;
        snprintf(stall->thread, sizeof stall->thread, "%s", look->holder);
        take_place(look->holds, stall);
        list_frames(look->holds, first_own(look->holds) + 1, "called from", stall);
        list_frames(look->gui, first_own(look->gui), "the GUI thread was at", stall);
        return;
    }
    if (look->doing == GY_DOING_LOCK) {
        stall->kind = GILYIELD_STALL_LOCK;
        if (!strstr(stall->native, " in ")) {
            stall->native[0] = '\0'; /* how the C library waits has no name */
        }
    } else if (look->gui->count > 0 && look->doing == GY_DOING_COMPUTES && (look->moves || look->in_python)) {
        stall->kind = GILYIELD_STALL_PYTHON;
        stall->native[0] = '\0';
    } else {
        stall->kind = GILYIELD_STALL_NATIVE;
        stall->sleeps = look->doing == GY_DOING_SLEEPS;
    }
    take_place(look->gui, stall);
    list_frames(look->gui, first_own(look->gui) + 1, "called from", stall);
}

bool gy_stall_same_python(const gilyield_stall *one, const gilyield_stall *other)
{
    /* The line goes round in a loop. */
    return one->kind == other->kind && strcmp(one->file, other->file) == 0 && strcmp(one->function, other->function) == 0 &&
           strcmp(one->thread, other->thread) == 0;
}

bool gy_stall_same_place(const gilyield_stall *one, const gilyield_stall *other)
{
    /* Where there is no Python, the native function has to tell. */
    return gy_stall_same_python(one, other) && (one->file[0] != '\0' || strcmp(one->native, other->native) == 0);
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
        append(text, size, stall->sleeps ? "it slept in C or C++" : "it ran C or C++");
        say_native(stall, text, size);
        say_place(stall, by, text, size);
        if (stall->file[0] == '\0') {
            append(text, size, ", called by no Python");
        }
    }
}

void gy_stall_say_cause(const gilyield_stall *stall, char *text, size_t size)
{
    *text = '\0';
    say_cause(stall, text, size);
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

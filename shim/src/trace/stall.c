/* SPDX-License-Identifier: MIT */
#include "trace/stall.h"

#include "os/clock.h"

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
            size_t used = strlen(stall->stack);
            snprintf(stall->stack + used, sizeof stall->stack - used, "%s %s:%d, in %s\n",
                     shown == 0 ? first : GY_STALL_CALLED_FROM, frame->file, frame->line, frame->function);
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
        list_frames(look->holds, first_own(look->holds) + 1, GY_STALL_CALLED_FROM, stall);
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
    list_frames(look->gui, first_own(look->gui) + 1, GY_STALL_CALLED_FROM, stall);
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

/* Do the same functions call it? Their lines go round in loops, too. */
static bool same_callers(const char *one, const char *other)
{
    while (gy_stall_is_call(one) && gy_stall_is_call(other)) {
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
    return !gy_stall_is_call(one) && !gy_stall_is_call(other);
}

bool gy_stall_same_place(const gilyield_stall *one, const gilyield_stall *other)
{
    /* Where there is no Python, the native function has to tell. */
    return gy_stall_same_python(one, other) &&
           (one->file[0] != '\0' ? same_callers(one->stack, other->stack) : strcmp(one->native, other->native) == 0);
}

/* SPDX-License-Identifier: MIT */
#include "trace/export.h"

#include "gilyield/gilyield.h"
#include "os/sync.h"
#include "os/threads.h"
#include "trace/figures.h"
#include "trace/names.h"
#include "trace/trace.h"
#include "trace/watch.h"
#include "trace/who.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The event loop has a track of its own, as its turns begin and end inside what the thread has or waits for. No kernel has it. */
enum { LOOP_TRACK = 0x7fffffff, TEXT_SIZE = 512 };

#define LONG_TURN_NS GY_NS_PER_MS

typedef struct track {
    bool seen;
    uint16_t from;         /* who has handed it over to this one, which is to take it; else GY_WHO_NONE */
    uint64_t holds, waits; /* since when; 0: does not */
    uint64_t dropped;      /* the end of its last slice with the GIL; 0: there is none */
} track;

typedef struct writer {
    FILE *file;
    int process;
    uint64_t first, last;
    uint64_t turn, idle; /* since when the event loop turns, or waits; 0: does not */
    unsigned arrows;
    bool any;
    track tracks[GY_WHO_MAX];
    gy_figures threads[GY_WHO_MAX];
} writer;

static double microseconds(const writer *to, uint64_t when)
{
    return (double)(when > to->first ? when - to->first : 0) / 1e3;
}

/* The thread's number in the kernel; of one that has ended, a number that none has. */
static int track_of(const writer *to, uint16_t thread)
{
    return to->threads[thread].index != 0 ? to->threads[thread].id : LOOP_TRACK - 1 - thread;
}

static void begin(writer *to, const char *kind, const char *name, int thread, uint64_t when)
{
    fprintf(to->file, "%s\n{\"ph\":\"%s\",\"name\":\"%s\",\"pid\":%d,\"tid\":%d,\"ts\":%.3f", to->any ? "," : "", kind, name,
            to->process, thread, microseconds(to, when));
    to->any = true;
}

static void put_slice(writer *to, const char *name, int thread, uint64_t from, uint64_t until)
{
    begin(to, "X", name, thread, from);
    fprintf(to->file, ",\"cat\":\"gil\",\"dur\":%.3f}", (double)(until > from ? until - from : 0) / 1e3);
}

static void put_text(FILE *file, const char *text)
{
    putc('"', file);
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\') {
            fprintf(file, "\\%c", *c);
        } else if (*c < 0x20) {
            fprintf(file, "\\u%04x", *c);
        } else {
            putc(*c, file);
        }
    }
    putc('"', file);
}

static void put_mark(writer *to, const char *name, uint64_t when, const char *key, const char *text)
{
    begin(to, "i", name, LOOP_TRACK, when);
    fprintf(to->file, ",\"cat\":\"loop\",\"s\":\"t\",\"args\":{\"%s\":", key);
    put_text(to->file, text);
    fputs("}}", to->file);
}

/*
 * An arrow starts in the slice that ends, and ends in the one that begins: a nanosecond inside each, since a viewer looks for the
 * slice that is open at that moment.
 */
static void put_arrow(writer *to, uint16_t from, uint16_t whom, uint64_t when)
{
    uint64_t left = to->tracks[from].dropped;
    if (left == 0) {
        return; /* that is older than the timeline */
    }
    to->arrows++;
    begin(to, "s", "hands over", track_of(to, from), left - 1);
    fprintf(to->file, ",\"cat\":\"gil\",\"id\":%u}", to->arrows);
    begin(to, "f", "hands over", track_of(to, whom), when + 1);
    fprintf(to->file, ",\"cat\":\"gil\",\"id\":%u,\"bp\":\"e\"}", to->arrows);
}

static void end_turn(writer *to, uint64_t now)
{
    if (to->turn != 0) {
        put_slice(to, now - to->turn >= LONG_TURN_NS ? "handlers over 1 ms" : "turn", LOOP_TRACK, to->turn, now);
        to->turn = 0;
    }
}

static void end_idle(writer *to, uint64_t now)
{
    if (to->idle != 0) {
        put_slice(to, "waits for events", LOOP_TRACK, to->idle, now);
        to->idle = 0;
    }
}

static void put_loop_event(writer *to, const gy_event *event)
{
    char text[TEXT_SIZE];
    switch (event->kind) {
    case GY_EVENT_TURN_BEGIN:
        end_idle(to, event->when);
        end_turn(to, event->when);
        to->turn = event->when;
        break;
    case GY_EVENT_TURN_END:
        end_turn(to, event->when);
        end_idle(to, event->when);
        to->idle = event->when;
        break;
    case GY_EVENT_TICK:
        put_mark(to, "tick", event->when, "what", "the timer of a busy event loop");
        break;
    case GY_EVENT_OWED:
        snprintf(text, sizeof text, "%.3f ms", event->detail / 1e3);
        put_mark(to, "gives a slice", event->when, "owed", text);
        break;
    default:
        gy_watch_headline(event->detail, text, sizeof text);
        put_mark(to, "stall", event->when, "report", text);
    }
}

static void put_event(const gy_event *event, void *data)
{
    writer *to = data;
    track *own = &to->tracks[event->thread % GY_WHO_MAX];
    if (to->first == 0) {
        to->first = event->when;
    }
    to->last = event->when > to->last ? event->when : to->last;
    own->seen = true;
    int thread = track_of(to, event->thread);
    switch (event->kind) {
    case GY_EVENT_TAKE:
        own->holds = event->when;
        if (own->from != GY_WHO_NONE) {
            put_arrow(to, own->from, event->thread, event->when);
            own->from = GY_WHO_NONE;
        }
        break;
    case GY_EVENT_DROP:
        if (own->holds != 0) {
            put_slice(to, "has the GIL", thread, own->holds, event->when);
        }
        own->dropped = own->holds != 0 ? event->when : 0;
        own->holds = 0;
        break;
    case GY_EVENT_WAIT_BEGIN:
        own->waits = event->when;
        break;
    case GY_EVENT_WAIT_END:
        if (own->waits != 0) {
            put_slice(to, "waits for the GIL", thread, own->waits, event->when);
        }
        own->waits = 0;
        break;
    case GY_EVENT_ASK:
        begin(to, "i", "asks for the GIL", thread, event->when);
        fputs(",\"cat\":\"gil\",\"s\":\"t\"}", to->file);
        break;
    case GY_EVENT_HAND_OVER:
        own->from = (uint16_t)(event->detail % GY_WHO_MAX); /* the take comes next */
        break;
    default:
        put_loop_event(to, event);
    }
}

/* `place`: from above, in viewers that ask. */
static void put_name(writer *to, int thread, const char *name, int place)
{
    begin(to, "M", "thread_name", thread, to->first);
    fputs(",\"args\":{\"name\":", to->file);
    put_text(to->file, name);
    fputs("}}", to->file);
    begin(to, "M", "thread_sort_index", thread, to->first);
    fprintf(to->file, ",\"args\":{\"sort_index\":%d}}", place);
}

/* What was going on at the end, and the names. */
static void put_rest(writer *to, uint64_t lost)
{
    char name[GY_NAME_SIZE + 32], text[64];
    to->last += GY_NS_PER_US; /* what began with the last event is there to be seen */
    for (int i = 0; i < GY_WHO_MAX; i++) {
        if (!to->tracks[i].seen) {
            continue;
        }
        int thread = track_of(to, (uint16_t)i);
        if (to->tracks[i].holds != 0) {
            put_slice(to, "has the GIL", thread, to->tracks[i].holds, to->last);
        }
        if (to->tracks[i].waits != 0) {
            put_slice(to, "waits for the GIL", thread, to->tracks[i].waits, to->last);
        }
        snprintf(name, sizeof name, "thread %d", thread);
        const char *known = to->threads[i].name;
        put_name(to, thread, known[0] != '\0' ? known : name, strcmp(known, GY_NAME_OF_GUI) == 0 ? 0 : i + 1);
    }
    end_turn(to, to->last);
    end_idle(to, to->last);
    put_name(to, LOOP_TRACK, GY_NAME_OF_GUI "'s event loop", 1);
    if (lost > 0) {
        snprintf(text, sizeof text, "%llu", (unsigned long long)lost);
        put_mark(to, "events lost before this", to->first, "count", text);
    }
}

static int export(const char *path)
{
    static writer to; /* large; protected by gy_export()'s lock */
    memset(&to, 0, sizeof to);
    to.process = gy_threads_process();
    to.file = fopen(path, "we");
    if (!to.file) {
        return GILYIELD_E_FILE;
    }
    for (int i = 1; i < GY_WHO_MAX; i++) {
        gy_figures_last((uint16_t)i, &to.threads[i]);
    }
    fputs("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[", to.file);
    uint64_t lost = gy_trace_read(put_event, &to);
    put_rest(&to, lost);
    fprintf(to.file, "\n],\"otherData\":{\"written by\":\"gilyield %d.%d.%d\",\"events lost\":\"%llu\"}}\n",
            GILYIELD_VERSION_MAJOR, GILYIELD_VERSION_MINOR, GILYIELD_VERSION_PATCH, (unsigned long long)lost);
    errno = 0;
    bool failed = fflush(to.file) != 0 || ferror(to.file) != 0;
    int reason = failed && errno == 0 ? EIO : errno; /* what failed earlier has not left its reason */
    failed = fclose(to.file) != 0 || failed;
    errno = reason != 0 ? reason : errno;
    return failed ? GILYIELD_E_FILE : 0;
}

int gy_export(const char *path)
{
    static gy_static_mutex lock;
    gy_mutex_lock(gy_mutex_of(&lock));
    int error = export(path);
    gy_mutex_unlock(gy_mutex_of(&lock));
    return error;
}

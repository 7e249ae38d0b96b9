/* SPDX-License-Identifier: MIT */
#include "trace/reports.h"

#include "os/log.h"
#include "trace/bell.h"
#include "trace/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { HEADLINES = 128, HEADLINE_SIZE = 256 };

static void (*on_stall)(const gilyield_stall *stall, void *data);
static void *on_stall_data;
static int report_file = -1; /* -1: fd 2 */
static bool refused;         /* the file has not taken a report, and that has been said */
static char headlines[HEADLINES][HEADLINE_SIZE];
static uint32_t headline_count;

int gy_reports_set(const gilyield_watch_options *options)
{
    int file = -1;
    /* Not blocking: a FIFO that nobody reads is a file that cannot be written. */
    const int how = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    if (options->file && (file = open(options->file, how, 0666)) < 0) {
        return GILYIELD_E_FILE;
    }
    refused = false;
    if (report_file >= 0) {
        close(report_file);
    }
    report_file = file;
    on_stall = options->on_stall;
    on_stall_data = options->data;
    return 0;
}

void gy_reports_call_nobody(void)
{
    on_stall = NULL;
}

/* In one piece, so that reports and other lines do not mix. False: all or a part of it could not be written. */
static bool write_report(int file, const gilyield_stall *stall)
{
    char text[sizeof stall->text + 16];
    int length = snprintf(text, sizeof text, "gilyield: %s", stall->text);
    return write(file >= 0 ? file : STDERR_FILENO, text, (size_t)length) == length;
}

static void note_headline(const gilyield_stall *stall)
{
    snprintf(headlines[headline_count % HEADLINES], HEADLINE_SIZE, "%.*s", (int)strcspn(stall->text, "\n"), stall->text);
    gy_trace(GY_EVENT_STALL, gy_trace_now(), headline_count);
    headline_count++;
}

void gy_reports_give(const gilyield_stall *stall)
{
    if (!stall->lasts) {
        note_headline(stall);
    }
    void (*callback)(const gilyield_stall *, void *) = on_stall;
    void *data = on_stall_data;
    /* Its own: watch() may close the other meanwhile, and its number be another file's. */
    int file = report_file >= 0 ? fcntl(report_file, F_DUPFD_CLOEXEC, 0) : -1;
    bool nowhere = report_file >= 0 && file < 0, said = refused;
    gy_bell_unlock();
    bool written = !nowhere && write_report(file, stall), first = !written && !said && (nowhere || file >= 0);
    if (first) {
        gy_log(GILYIELD_LOG_WARN, "watch: reports cannot be written to their file: %s", strerror(errno));
    }
    if (file >= 0) {
        close(file);
    }
    if (callback && !stall->lasts) {
        callback(stall, data);
    }
    gy_bell_lock();
    refused = refused || first;
}

void gy_reports_headline(uint32_t number, char *text, size_t size)
{
    bool known = number < headline_count && headline_count - number <= HEADLINES;
    snprintf(text, size, "%s", known ? headlines[number % HEADLINES] : "");
}

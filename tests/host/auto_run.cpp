/* SPDX-License-Identifier: MIT */
#include "auto_run.h"

#include "demo_window.h"

#include <QCoreApplication>
#include <QPixmap>

#include <cstdio>

static constexpr int pressAfterMs = 500;
static constexpr int checkPeriodMs = 20;
/* So that the picture shows the button enabled again. */
static constexpr int restMs = 300;

static const char *boolean(bool value)
{
    return value ? "true" : "false";
}

AutoRun::AutoRun(DemoWindow *demo, const AutoRunOptions &what) : window(demo), options(what)
{
    QTimer::singleShot(pressAfterMs, this, [this] { press(); });
    connect(this, &QTimer::timeout, this, [this] { check(); });
}

void AutoRun::press()
{
    if (window->pressButton(options.button)) {
        start(checkPeriodMs);
        return;
    }
    std::fprintf(stderr, "%s is disabled: %s\n", qPrintable(options.button), qPrintable(window->buttonToolTip(options.button)));
    takeScreenshot();
    QCoreApplication::exit(1);
}

void AutoRun::check()
{
    const PrintCounter &counter = window->counter;
    if (counter.prints() >= options.screenshotAt) {
        takeScreenshot();
    }
    if (options.cancelAt >= 0 && counter.prints() >= options.cancelAt) {
        options.cancelAt = -1;
        window->pressButton("cancelButton");
    }
    if (ended || !(counter.ended() || counter.seconds() >= options.limitSeconds)) {
        return;
    }
    ended = true;
    /* Before the rest: the figures are those of the run. */
    printResult();
    if (atEnd) {
        atEnd();
    }
    QTimer::singleShot(restMs, this, [this] {
        takeScreenshot();
        QCoreApplication::quit();
    });
}

void AutoRun::takeScreenshot()
{
    if (!options.screenshot.isEmpty() && !window->picture().save(options.screenshot)) {
        std::fprintf(stderr, "cannot write %s\n", qPrintable(options.screenshot));
    }
    if (!options.screenshot.isEmpty()) {
        /* A picture takes some 80 ms. */
        window->heartbeat.excuse();
    }
    options.screenshot.clear();
}

void AutoRun::printResult() const
{
    const PrintCounter &counter = window->counter;
    const Heartbeat &heartbeat = window->heartbeat;
    const QByteArray stalled = counter.stalledAfter() < 0 ? "null" : QByteArray::number(counter.stalledAfter());
    const QByteArray end = counter.ended() ? '"' + counter.end().toLower().toUtf8() + '"' : "null";
    std::printf("{\"prints\": %d, \"finished\": %s, \"seconds\": %.3f, \"gui_ticks\": %d, \"gui_longest_gap_ms\": %.2f, "
                "\"gui_p99_gap_ms\": %.2f, \"stalled_after_prints\": %s, \"end\": %s, \"bar_percent\": %d, "
                "\"button_enabled\": %s, \"cancel_enabled\": %s}\n",
                counter.prints(), boolean(counter.finished()), counter.seconds(), heartbeat.ticks(), heartbeat.longestMs(),
                heartbeat.quantileMs(0.99), stalled.constData(), end.constData(), window->shownPercent(),
                boolean(window->buttonEnabled(options.button)), boolean(window->buttonEnabled("cancelButton")));
    std::fflush(stdout);
}

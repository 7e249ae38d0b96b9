/* SPDX-License-Identifier: MIT */
#include "print_counter.h"

#include "clock.h"

#include <QStringList>

static constexpr int64_t standstillNs = 1000000000;
static const char finishedLine[] = "Finished";
static const QStringList endLines = {finishedLine, "Cancelled", "Failed"};

void PrintCounter::restart()
{
    *this = PrintCounter();
    startNs = lastPrintNs = monotonicNs();
}

void PrintCounter::write(const QString &text)
{
    unfinishedLine += text;
    QStringList lines = unfinishedLine.split('\n');
    unfinishedLine = lines.takeLast();
    for (const QString &line : lines) {
        readLine(line);
    }
}

void PrintCounter::readLine(const QString &line)
{
    if (!started() || ended()) {
        return;
    }
    bool isNumber = false;
    line.toLongLong(&isNumber);
    if (isNumber) {
        ++count;
        lastPrintNs = monotonicNs();
    } else if (endLines.contains(line)) {
        endLine = line;
        endNs = monotonicNs();
    }
}

void PrintCounter::watch()
{
    if (started() && !ended() && stalled < 0 && monotonicNs() - lastPrintNs >= standstillNs) {
        stalled = count;
    }
}

bool PrintCounter::started() const
{
    return startNs != 0;
}

int PrintCounter::prints() const
{
    return count;
}

const QString &PrintCounter::end() const
{
    return endLine;
}

bool PrintCounter::ended() const
{
    return !endLine.isEmpty();
}

bool PrintCounter::finished() const
{
    return endLine == finishedLine;
}

double PrintCounter::seconds() const
{
    return started() ? double((ended() ? endNs : monotonicNs()) - startNs) / 1e9 : 0;
}

int PrintCounter::stalledAfter() const
{
    return stalled;
}

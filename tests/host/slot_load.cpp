/* SPDX-License-Identifier: MIT */
#include "slot_load.h"

#include "clock.h"

#include <algorithm>

SlotLoad::SlotLoad(int periodMs, const Callback &function)
    : callback(function), periodNs(int64_t(periodMs) * 1000000), dueNs(monotonicNs() + periodNs)
{
    setTimerType(Qt::PreciseTimer);
    connect(this, &QTimer::timeout, this, [this] { run(); });
    start(periodMs);
}

void SlotLoad::run()
{
    const int64_t begin = monotonicNs();
    /* Qt counts in whole milliseconds, so a turn may come a little before its time. */
    lateMs.push_back(std::max(0.0, double(begin - dueNs) / 1e6));
    dueNs += periodNs;
    if (dueNs < begin) {
        dueNs = begin + periodNs;
    }
    const Callback kept = callback;
    kept->call();
    durationMs.push_back(double(monotonicNs() - begin) / 1e6);
}

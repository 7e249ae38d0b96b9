/* SPDX-License-Identifier: MIT */
#include "heartbeat.h"

#include "clock.h"

#include <algorithm>

Heartbeat::Heartbeat()
{
    setTimerType(Qt::PreciseTimer);
    connect(this, &QTimer::timeout, this, [this] { beat(); });
    restart();
}

void Heartbeat::restart()
{
    lateMs.clear();
    recentMs = 0;
    lastNs = monotonicNs();
    start(periodMs);
}

void Heartbeat::excuse()
{
    lastNs = monotonicNs();
    if (isActive()) {
        start(periodMs);
    }
}

void Heartbeat::beat()
{
    const int64_t now = monotonicNs();
    const double late = std::max(0.0, double(now - lastNs) / 1e6 - periodMs);
    lastNs = now;
    lateMs.push_back(late);
    recentMs = std::max(recentMs, late);
}

int Heartbeat::ticks() const
{
    return int(lateMs.size());
}

double Heartbeat::longestMs() const
{
    return lateMs.empty() ? 0 : *std::max_element(lateMs.begin(), lateMs.end());
}

double Heartbeat::quantileMs(double share) const
{
    if (lateMs.empty()) {
        return 0;
    }
    std::vector<double> sorted(lateMs);
    std::sort(sorted.begin(), sorted.end());
    return sorted[size_t(share * double(sorted.size() - 1))];
}

double Heartbeat::takeRecentMs()
{
    const double value = recentMs;
    recentMs = 0;
    return value;
}

/* SPDX-License-Identifier: MIT */
#include "animation.h"

#include "clock.h"

#include <QPainter>

#include <algorithm>

static constexpr int64_t drawingNs = 2000000;

Animation::Animation(double fps, const Callback &function) : callback(function)
{
    setWindowTitle("animation");
    resize(320, 240);
    timer.setTimerType(Qt::PreciseTimer);
    connect(&timer, &QTimer::timeout, this, [this] { update(); });
    timer.start(std::max(1, int(1000 / fps)));
}

void Animation::paintEvent(QPaintEvent *)
{
    const int64_t now = monotonicNs();
    if (frames++ > 0) {
        intervalMs.push_back(double(now - lastNs) / 1e6);
    }
    lastNs = now;
    QPainter painter(this);
    const int64_t end = threadCpuNs() + drawingNs;
    for (int step = 0; threadCpuNs() < end; ++step) {
        painter.fillRect(step * 7 % width(), 0, 7, height(), QColor::fromHsv((frames * 3 + step * 5) % 360, 160, 220));
    }
    if (callback) {
        const Callback kept = callback;
        kept->call();
    }
}

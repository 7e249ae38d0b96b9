/* SPDX-License-Identifier: MIT */
#include "timeline.h"

#include "theme.h"

#include <QPainter>
#include <QPainterPath>

#include <algorithm>

/* Top of the lower chart. A gap above 100 ms is one that a person sees. */
static constexpr double gapScaleMs = 100;

Timeline::Timeline()
{
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Expanding);
    setMinimumHeight(170);
}

QSize Timeline::sizeHint() const
{
    return QSize(260, 210);
}

void Timeline::clear()
{
    samples.clear();
    update();
}

void Timeline::add(double seconds, double progress, double gapMs)
{
    samples.push_back({seconds, progress, gapMs});
    update();
}

double Timeline::spanSeconds() const
{
    double span = 2;
    while (!samples.empty() && span < samples.back().seconds) {
        span *= 2;
    }
    return span;
}

void Timeline::paintFrame(QPainter &painter, const QRect &area, const QString &title, const QString &top) const
{
    painter.fillRect(area, theme::well);
    painter.setPen(QPen(theme::line, 1));
    for (int quarter = 1; quarter < 4; ++quarter) {
        const int x = area.left() + area.width() * quarter / 4;
        painter.drawLine(x, area.top(), x, area.bottom());
    }
    painter.drawRect(area);
    painter.setPen(theme::faintText);
    const QRect above(area.left(), area.top() - 20, area.width(), 18);
    painter.drawText(above, Qt::AlignLeft | Qt::AlignVCenter, title);
    painter.drawText(above, Qt::AlignRight | Qt::AlignVCenter, top);
}

void Timeline::paintProgress(QPainter &painter, const QRect &area) const
{
    if (samples.empty()) {
        return;
    }
    const auto point = [&](const Sample &sample) {
        return QPointF(area.left() + area.width() * sample.seconds / spanSeconds(),
                       area.bottom() - area.height() * sample.progress);
    };
    QPainterPath path(point(samples.front()));
    for (const Sample &sample : samples) {
        path.lineTo(point(sample));
    }
    QPainterPath filled(path);
    filled.lineTo(point(samples.back()).x(), area.bottom());
    filled.lineTo(point(samples.front()).x(), area.bottom());
    QColor fill = theme::accent;
    fill.setAlpha(60);
    painter.fillPath(filled, fill);
    painter.setPen(QPen(theme::accent, 2));
    painter.setClipRect(area.adjusted(0, -1, 1, 1));
    painter.drawPath(path);
    painter.setClipping(false);
}

void Timeline::paintGaps(QPainter &painter, const QRect &area) const
{
    for (const Sample &sample : samples) {
        const double share = std::min(1.0, sample.gapMs / gapScaleMs);
        const int x = area.left() + int(area.width() * sample.seconds / spanSeconds());
        painter.fillRect(QRect(x, area.bottom() - int(area.height() * share), 2, int(area.height() * share) + 1), theme::warm);
    }
}

void Timeline::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QFont small = font();
    small.setPointSizeF(small.pointSizeF() * 0.88);
    painter.setFont(small);
    const int each = (height() - 2 * 22 - 20) / 2;
    const QRect upper(0, 22, width() - 1, each);
    const QRect lower(0, 2 * 22 + each, width() - 1, each);
    paintFrame(painter, upper, "prints of the thread", "100");
    paintProgress(painter, upper);
    paintFrame(painter, lower, "GUI thread late by", QString("%1 ms").arg(gapScaleMs));
    paintGaps(painter, lower);
    painter.setPen(theme::faintText);
    const QRect below(0, lower.bottom() + 2, width(), 18);
    painter.drawText(below, Qt::AlignLeft | Qt::AlignVCenter, "0");
    painter.drawText(below, Qt::AlignRight | Qt::AlignVCenter, QString("%1 s").arg(spanSeconds()));
}

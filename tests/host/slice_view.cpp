/* SPDX-License-Identifier: MIT */
#include "slice_view.h"

#include <QMouseEvent>
#include <QPainter>

#include <algorithm>

static constexpr int cinePeriodMs = 120;

SliceView::SliceView() : caption("move the mouse over the image"), current(Phantom::sliceCount * 6 / 10)
{
    setMouseTracking(true);
    setMinimumSize(320, 320);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    setAttribute(Qt::WA_OpaquePaintEvent);
    setCursor(Qt::CrossCursor);
    connect(&cine, &QTimer::timeout, this, [this] { nextSlice(); });
    cine.start(cinePeriodMs);
}

QSize SliceView::sizeHint() const
{
    return QSize(540, 460);
}

QRect SliceView::imageRect() const
{
    const int side = std::min(width(), height());
    return QRect((width() - side) / 2, (height() - side) / 2, side, side);
}

void SliceView::nextSlice()
{
    if (mouseInside) {
        return;
    }
    /* The middle of the head is the part worth looking at. */
    if (current + step > Phantom::sliceCount * 3 / 4 || current + step < Phantom::sliceCount / 3) {
        step = -step;
    }
    current += step;
    update();
}

SliceView::Position SliceView::position() const
{
    const QRect area = imageRect();
    const auto voxel = [&area](int offset) {
        return std::min(Phantom::size - 1, std::max(0, offset * Phantom::size / std::max(1, area.width())));
    };
    const int x = voxel(mouse.x() - area.left());
    const int y = voxel(mouse.y() - area.top());
    return {x, y, current, qGray(phantom.slice(current).pixel(x, y))};
}

void SliceView::setCaption(const QString &text)
{
    caption = text;
    update();
}

void SliceView::mouseMoveEvent(QMouseEvent *event)
{
    mouse = event->pos();
    mouseInside = true;
    const QRect area = imageRect();
    const int offset = std::min(std::max(0, mouse.y() - area.top()), area.height() - 1);
    current = offset * Phantom::sliceCount / std::max(1, area.height());
    if (onMouseMove) {
        onMouseMove();
    }
    update();
}

void SliceView::leaveEvent(QEvent *)
{
    mouseInside = false;
    update();
}

void SliceView::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), QColor(5, 6, 8));
    const QRect area = imageRect();
    painter.setRenderHint(QPainter::SmoothPixmapTransform);
    painter.drawImage(area, phantom.slice(current));
    if (mouseInside) {
        paintCrossHair(painter, area);
    }
    paintLabels(painter, area);
}

void SliceView::paintCrossHair(QPainter &painter, const QRect &area) const
{
    painter.setPen(QPen(QColor(255, 200, 60, 170), 1));
    painter.drawLine(area.left(), mouse.y(), area.right(), mouse.y());
    painter.drawLine(mouse.x(), area.top(), mouse.x(), area.bottom());
}

void SliceView::paintLabels(QPainter &painter, const QRect &area) const
{
    const QRect inner = rect().adjusted(12, 10, -12, -10);
    painter.setPen(QColor(236, 93, 87));
    QFont bold = font();
    bold.setBold(true);
    painter.setFont(bold);
    painter.drawText(inner, Qt::AlignTop | Qt::AlignLeft, "R  axial");
    painter.setPen(QColor(190, 198, 208));
    painter.setFont(font());
    painter.drawText(inner, Qt::AlignTop | Qt::AlignRight, QString("slice %1 of %2").arg(current + 1).arg(Phantom::sliceCount));
    painter.drawText(inner, Qt::AlignBottom | Qt::AlignLeft, caption);
    const QRect letters = area.adjusted(8, 8, -8, -8);
    painter.setPen(QColor(120, 130, 142));
    painter.drawText(letters, Qt::AlignTop | Qt::AlignHCenter, "A");
    painter.drawText(letters, Qt::AlignVCenter | Qt::AlignLeft, "R");
    painter.drawText(letters, Qt::AlignVCenter | Qt::AlignRight, "L");
}

/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_DEMO_SLICE_VIEW_H
#define GILYIELD_DEMO_SLICE_VIEW_H

#include "phantom.h"

#include <QTimer>
#include <QWidget>

#include <functional>

/* The image area: slices of a head. They pass by slowly; under the mouse the slice follows it, with a cross-hair. */
class SliceView : public QWidget
{
  public:
    struct Position {
        int x;
        int y;
        int slice;
        int value;
    };

    SliceView();

    /* Where the mouse is, in voxels, and the grey level there. */
    Position position() const;
    /* The line at the foot of the image. */
    void setCaption(const QString &text);
    /* Called at each mouse move over the image. */
    std::function<void()> onMouseMove;

    QSize sizeHint() const override;

  protected:
    void paintEvent(QPaintEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;

  private:
    QRect imageRect() const;
    void paintCrossHair(QPainter &painter, const QRect &area) const;
    void paintLabels(QPainter &painter, const QRect &area) const;
    void nextSlice();

    const Phantom phantom;
    QTimer cine;
    QString caption;
    QPoint mouse;
    bool mouseInside = false;
    int current;
    int step = 1;
};

#endif

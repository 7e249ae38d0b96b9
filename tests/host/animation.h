/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_TESTHOST_ANIMATION_H
#define GILYIELD_TESTHOST_ANIMATION_H

#include "python_call.h"

#include <QTimer>
#include <QWidget>

#include <vector>

/* A widget that repaints at a given rate, about 2 ms of drawing each, and calls Python in each frame if asked to. */
class Animation : public QWidget
{
  public:
    Animation(double fps, const Callback &callback);

    /* From frame to frame; one fewer than there were frames. */
    std::vector<double> intervalMs;
    int frames = 0;

  protected:
    void paintEvent(QPaintEvent *event) override;

  private:
    const Callback callback;
    QTimer timer;
    int64_t lastNs = 0;
};

#endif

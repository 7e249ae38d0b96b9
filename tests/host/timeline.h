/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_DEMO_TIMELINE_H
#define GILYIELD_DEMO_TIMELINE_H

#include <QWidget>

#include <vector>

/* Two small charts over the seconds since the button was pressed: how far the thread is, and how late the GUI thread was. */
class Timeline : public QWidget
{
  public:
    Timeline();

    void clear();
    void add(double seconds, double progress, double gapMs);

    QSize sizeHint() const override;

  protected:
    void paintEvent(QPaintEvent *event) override;

  private:
    struct Sample {
        double seconds;
        double progress;
        double gapMs;
    };
    double spanSeconds() const;
    void paintFrame(QPainter &painter, const QRect &area, const QString &title, const QString &top) const;
    void paintProgress(QPainter &painter, const QRect &area) const;
    void paintGaps(QPainter &painter, const QRect &area) const;

    std::vector<Sample> samples;
};

#endif

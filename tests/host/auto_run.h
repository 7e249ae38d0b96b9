/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_DEMO_AUTO_RUN_H
#define GILYIELD_DEMO_AUTO_RUN_H

#include <QString>
#include <QTimer>

#include <functional>

class DemoWindow;

struct AutoRunOptions {
    QString button; /* The one that is pressed. */
    double limitSeconds;
    int cancelAt;       /* Prints; negative: Cancel is not pressed. */
    QString screenshot; /* A file; empty: none is taken. */
    int screenshotAt;   /* Prints. */
};

/*
 * --auto: presses the button, waits for the thread to end or for the time to be over, says how it went, calls atEnd and
 * takes a picture. A button that is disabled ends the application with exit code 1.
 */
class AutoRun : public QTimer
{
  public:
    AutoRun(DemoWindow *window, const AutoRunOptions &options);

    std::function<void()> atEnd;

  private:
    void press();
    void check();
    void takeScreenshot();
    void printResult() const;

    DemoWindow *const window;
    AutoRunOptions options; /* What has been done is taken out: cancelAt is negative then, screenshot empty. */
    bool ended = false;
};

#endif

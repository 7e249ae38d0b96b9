/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_DEMO_HEARTBEAT_H
#define GILYIELD_DEMO_HEARTBEAT_H

#include <QTimer>

#include <vector>

/*
 * Is the GUI thread there when it is wanted? A timer that is due every 10 ms, and how late it comes each time: what a person
 * feels as a GUI that hangs. Pure C++. GUI thread only.
 */
class Heartbeat : public QTimer
{
  public:
    static constexpr int periodMs = 10;

    Heartbeat();

    /* Forgets what was measured, and measures from now on. */
    void restart();

    /* What kept the GUI thread until now was not the run: the next beat is due a period from here. */
    void excuse();

    int ticks() const;
    double longestMs() const;
    /* The value that `share` (0 to 1) of all gaps do not exceed. */
    double quantileMs(double share) const;
    /* The longest since the last call of this. */
    double takeRecentMs();

  private:
    void beat();

    std::vector<double> lateMs;
    double recentMs = 0;
    int64_t lastNs = 0;
};

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_DEMO_PRINT_COUNTER_H
#define GILYIELD_DEMO_PRINT_COUNTER_H

#include <QString>

/* Reads the thread's output: how many of its prints there were, when, and whether it has finished. GUI thread only. */
class PrintCounter
{
  public:
    static constexpr int total = 100;

    /* The button was pressed: all anew. */
    void restart();
    /* Text of sys.stdout, in pieces as it comes. */
    void write(const QString &text);
    /* Now and then, so that a standstill is seen. */
    void watch();

    bool started() const;
    int prints() const;
    /* What the thread printed as the last: "Finished", "Cancelled", "Failed"; empty while it runs. */
    const QString &end() const;
    bool ended() const;
    bool finished() const;
    /* Since the button was pressed; stands still from the end of the thread on. */
    double seconds() const;
    /* How many prints there had been when first none came for a second; -1 if that did not happen. */
    int stalledAfter() const;

  private:
    void readLine(const QString &line);

    QString unfinishedLine;
    QString endLine;
    int count = 0;
    int stalled = -1;
    int64_t startNs = 0;
    int64_t lastPrintNs = 0;
    int64_t endNs = 0;
};

#endif

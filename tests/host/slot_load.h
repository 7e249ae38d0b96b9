/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_TESTHOST_SLOT_LOAD_H
#define GILYIELD_TESTHOST_SLOT_LOAD_H

#include "python_call.h"

#include <QTimer>

#include <vector>

/* A repeating QTimer whose slot runs Python: does the slot take longer than it should, does it start late? GUI thread only. */
class SlotLoad : public QTimer
{
  public:
    SlotLoad(int periodMs, const Callback &callback);

    /* From wanting the GIL until the callable has returned. */
    std::vector<double> durationMs;
    /* From the moment the timer was due until its slot began. Qt drops the turns it has missed, and so does this schedule. */
    std::vector<double> lateMs;

  private:
    void run();

    const Callback callback;
    const int64_t periodNs;
    int64_t dueNs;
};

#endif

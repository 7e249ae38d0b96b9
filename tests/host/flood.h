/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_TESTHOST_FLOOD_H
#define GILYIELD_TESTHOST_FLOOD_H

#include "python_call.h"

#include <QObject>

/* A saturated event loop: each handler works for a while and posts the next event at once. GUI thread only. */
class Flood : public QObject
{
  public:
    Flood(int workUs, const Callback &callback);

    uint64_t events = 0;

  protected:
    bool event(QEvent *event) override;

  private:
    void post();

    const int64_t workNs;
    const Callback callback;
};

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_TESTHOST_LATENCY_H
#define GILYIELD_TESTHOST_LATENCY_H

#include "python_call.h"

#include <memory>
#include <vector>

/*
 * How long an event takes to reach Python on the GUI thread. A C++ thread, which has nothing to do with Python, posts an event
 * after a random delay and stamps it; its handler calls a Python callable. GUI thread only.
 */
class Latency
{
  public:
    struct Options {
        double minMs;
        double maxMs;
        unsigned seed;
        bool backlog; /* Post on without waiting until the event before has been handled. */
    };

    Latency(const Options &options, const Callback &callback);
    ~Latency();

    /* From the stamp until the GIL is held, just before the call; and from the stamp until the handler is done. */
    const std::vector<double> &startMs() const;
    const std::vector<double> &endMs() const;

  private:
    struct Parts;
    std::unique_ptr<Parts> parts;
};

#endif

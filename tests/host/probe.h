/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_TESTHOST_PROBE_H
#define GILYIELD_TESTHOST_PROBE_H

#include <array>
#include <cstdint>
#include <memory>

/* True when this OS thread holds the GIL. Takes nothing, touches no Python object. Any thread. */
bool threadHoldsGil();

/*
 * The exactness probe: every way in which Qt enters host code on the GUI thread, kept busy from C++ alone. Each callback asks
 * threadHoldsGil() and counts. In a host that holds the GIL through its event loop, each unsafe count is a crash in waiting.
 * GUI thread only.
 */
class Probe
{
  public:
    enum Kind { Timer, ZeroTimer, Notifier, Posted, Native, Window, Paint, KindCount };
    static const char *const kindNames[KindCount];

    struct Count {
        uint64_t safe = 0;
        uint64_t unsafe = 0;
    };

    Probe();
    ~Probe();
    const std::array<Count, KindCount> &counts() const;

  private:
    struct Parts;
    std::unique_ptr<Parts> parts;
};

#endif

# SPDX-License-Identifier: MIT
"""Threads that compute beside an event loop that has a timer."""

import os
import sys
import time

sys.path.insert(0, os.environ["TEST_SCRIPTS"])
from host_support import *

enable()
load = Load()
ticks = Ticks(busy_ms=float(os.environ.get("TEST_BUSY_MS", "0"))) if os.environ.get("TEST_TICKS", "1") == "1" else None
began, count = time.perf_counter(), load.total()
quit_after(SECONDS)


def finished():
    load.stopped = True
    say("loops_per_s", round((load.total() - count) / (time.perf_counter() - began)))
    if ticks:
        say("ticks", len(ticks.late))
        say("late_ms", round(median(ticks.late), 3))
        say("slot_ms", round(median(ticks.lasted), 3))
    if ENABLED or "GILYIELD" in os.environ:
        import gilyield

        say("priority", gilyield.status().priority)
        say("yields", gilyield.stats().yields)

# SPDX-License-Identifier: MIT
"""What the program itself set by sys.setswitchinterval() is kept, and given back, to the microsecond."""

import sys

import gilyield
import inhost


def script():
    spinners = inhost.Spinners(2)
    for interval in (0.005, 0.0123):
        sys.setswitchinterval(interval)
        for priority in ("switch-interval", "gui", "switch-interval"):
            gilyield.configure(priority=priority)
            yield 100
            assert gilyield.status().priority_active == priority, gilyield.status()
            assert abs(sys.getswitchinterval() - interval) < 1e-6, (priority, sys.getswitchinterval())
            yield from spinners.progress(f"the event loop, priority {priority}")
    gilyield.disable()
    assert abs(sys.getswitchinterval() - 0.0123) < 1e-6, sys.getswitchinterval()
    spinners.stop()


inhost.run(script)

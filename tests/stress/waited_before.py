# SPDX-License-Identifier: MIT
"""Threads already stand in CPython's own queue when gilyield is switched on, and the program has a long switch interval: all of them go on."""

import _thread
import sys
import time

import gilyield
import host
import stress

INTERVAL_S = 60


def script():
    gilyield.disable()
    before = sys.getswitchinterval()
    threads = [stress.Counted(lambda: [None for _ in range(500)]) for _ in range(4)]
    sys.setswitchinterval(INTERVAL_S)
    for thread in threads:
        _thread.start_new_thread(thread.run, ())  # Thread.start() would wait for the GIL itself, so long
    end = time.monotonic() + 0.3
    while time.monotonic() < end:  # keeps the GIL: all four come to wait for it
        pass
    yield from stress.gui_first()
    host.latency_start(7, 16, lambda: None)  # a turn is as long as the program wants: the GIL changes hands for the GUI thread only
    yield 2000
    host.latency_stop()
    stress.alive(threads, "with a switch interval of a minute")
    for thread in threads:
        thread.stopping = True
    sys.setswitchinterval(before)


stress.run(script)

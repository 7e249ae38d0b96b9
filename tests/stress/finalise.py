# SPDX-License-Identifier: MIT
"""The host ends while threads wait for the GIL in every way there is. That it ends, and with 0, is the test."""

import os
import threading
import time

import host
import stress


def script():
    if "GILYIELD" in os.environ:  # else to see what the host does by itself
        yield from stress.gui_first()
    condition = threading.Condition()

    def timed():
        with condition:
            condition.wait(0.001)

    for work in (int, int, int, lambda: time.sleep(0), lambda: os.stat("/"), timed):
        stress.Counted(work).start()
    host.latency_start(0, 2, lambda: None)
    yield 150
    host.latency_stop()


stress.run(script)

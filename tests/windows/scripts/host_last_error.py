# SPDX-License-Identifier: MIT
"""The last error of a thread belongs to what it called last: giving the GIL away and waiting for it change nothing of it."""

import ctypes
import os
import sys
import threading

sys.path.insert(0, os.environ["TEST_SCRIPTS"])
from host_support import *

import gilyield

enable()

# Both keep the GIL; what is asked is Windows' own value, not the copy that ctypes can keep.
kernel = ctypes.PyDLL("kernel32.dll")
changed = []
load = Load()
MARK = 4711
ERROR_TIMEOUT = 1460  # CPython's own, since 3.13: its wait for the GIL tells by it that time has run out
stop = threading.Event()


def check(where, seconds, give):
    end = time.perf_counter() + seconds
    number = 0
    while time.perf_counter() < end and len(changed) < 5:
        number += 1
        kernel.SetLastError(MARK + number)
        give()
        found = kernel.GetLastError()
        if found not in (MARK + number, ERROR_TIMEOUT):
            changed.append((where, found, MARK + number))


def compute():
    sum(range(2000))  # in which the GIL is taken away from time to time


threading.Thread(target=lambda: check("thread", SECONDS / 2, compute), daemon=True).start()


def on_gui():
    """In a handler: the GIL goes and comes between two calls, since the hold is over."""
    check("handler", SECONDS / 2, compute)


later(100, on_gui)
quit_after(SECONDS)


def finished():
    load.stopped = True
    say("changed", changed)
    say("handovers", gilyield.stats().handovers)

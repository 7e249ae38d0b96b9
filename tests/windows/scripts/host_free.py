# SPDX-License-Identifier: MIT
"""A thread's speed beside an idle event loop, as a part of its speed where the GIL is released for good, in one process."""

import os
import sys

sys.path.insert(0, os.environ["TEST_SCRIPTS"])
from host_support import *

enable()
load = Load(1)


def speed(seconds):
    began, count = time.perf_counter(), load.total()
    time.sleep(seconds)  # releases the GIL
    return (load.total() - count) / (time.perf_counter() - began)


speed(SECONDS / 3)
free = [speed(SECONDS)]
beside = []
# The thread that looks is not the GUI thread, which stays in the event loop's wait.
threading.Thread(target=lambda: (time.sleep(SECONDS / 3), beside.append(speed(SECONDS)))).start()
quit_after(SECONDS * 1.6)


def finished():
    free.append(speed(SECONDS))
    load.stopped = True
    say("part", round(beside[0] / (sum(free) / 2), 3))

# SPDX-License-Identifier: MIT
"""Thread.start() on the GUI thread, where the new thread runs on the GUI thread's own processor: it comes back when the new thread has begun, not
when the kernel ends that one's time slice."""

import os
import threading

import stress

STARTS = 40


class Born(threading.Thread):
    """Computes for less than the kernel's time slice, and ends."""

    def __init__(self, work):
        super().__init__(daemon=True)
        self.work = work
        self.ended = False

    def run(self):
        for _ in range(self.work):
            pass
        self.ended = True


def starts():
    """Generator: what is wrong, or "": start() is back before the new thread has computed for a millisecond."""
    work, first = stress.loops_for(0.001), 0
    for _ in range(STARTS):
        thread = Born(work)
        thread.start()
        first += not thread.ended
        yield 2
        thread.join()
    print(f"Thread.start() was first {first} times of {STARTS}", flush=True)
    return "" if first > STARTS * 2 / 3 else f"only {first} times of {STARTS} Thread.start() was first"


def script():
    yield from stress.gui_first()
    # This thread, and those that it starts. gilyield has found several processors before, and spins.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    yield from stress.inhost.until_good(starts)


stress.run(script)

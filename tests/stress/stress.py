# SPDX-License-Identifier: MIT
"""What the stress scripts share, on top of the integration tests' inhost.

Shares are of processor time of threads: who has the GIL uses the processor, so on a machine that is busy with other things the figures
of one run still compare with each other.
"""

import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "integration", "in_host"))

import gilyield
import inhost

SECONDS = float(os.environ.get("STRESS_SECONDS", "5"))  # how long a script keeps up its load
run = inhost.run
Spinners = inhost.Spinners


def gui_first():
    """Generator: until the GUI thread stands first in the GIL's queue, and the event loop runs."""
    gilyield.enable(priority="gui", interval_ms=20, slice_ms=5)
    for _ in range(100):
        yield 10
        if gilyield.status().priority_active == "gui":
            return
    raise AssertionError(gilyield.status())


def cpu(idents):
    """Return the processor time of each of these threads so far, in seconds."""
    return [time.clock_gettime(time.pthread_getcpuclockid(ident)) for ident in idents]


class Shares:
    """Processor time of the GUI thread and of spinners since it was made. On the GUI thread only."""

    def __init__(self, spinners):
        self.idents = [threading.get_ident()] + [thread.ident for thread in spinners.threads]
        self.start = cpu(self.idents)

    def used(self):
        """Return the GUI thread's time and the list of the others'."""
        used = [after - before for before, after in zip(self.start, cpu(self.idents))]
        return used[0], used[1:]

    def of_others(self):
        gui, others = self.used()
        return sum(others) / max(gui + sum(others), 1e-9)


def loops_for(seconds):
    """Return how many empty turns of a loop take about that much processor time."""
    n, best = 20000, 1.0
    for _ in range(5):
        start = time.thread_time()
        for _ in range(n):
            pass
        best = min(best, time.thread_time() - start)
    return int(n * seconds / max(best, 1e-6))


def alive(threads, what):
    """Assert that each of these Counted has moved since the last look."""
    still = [index for index, thread in enumerate(threads) if not thread.moved()]
    assert not still, f"{what}: threads {still} of {len(threads)} stand still"


def all_move(threads, what, limit_s=60):
    """Generator: until each of these Counted has gone round. A busy machine may take its time, a lost wake-up takes all."""
    before, end = [thread.count for thread in threads], time.monotonic() + limit_s
    while True:
        yield 20
        still = [index for index, thread in enumerate(threads) if thread.count == before[index]]
        if not still:
            return
        assert time.monotonic() < end, f"{what}: threads {still} of {len(threads)} stand still"


class Counted(threading.Thread):
    """Does work() again and again and counts."""

    def __init__(self, work):
        super().__init__(daemon=True)
        self.work = work
        self.count = self.seen = 0
        self.stopping = False

    def run(self):
        while not self.stopping:
            self.work()
            self.count += 1

    def moved(self):
        before, self.seen = self.seen, self.count
        return self.seen > before

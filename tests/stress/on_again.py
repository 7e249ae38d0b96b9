# SPDX-License-Identifier: MIT
"""gilyield goes away and comes back at once, as configure() has it do, while threads stand in line; the program has a very long switch interval.
They go on, also while the GUI thread waits for them outside of its event loop."""

import os
import select
import sys
import threading
import time

import gilyield
import stress

INTERVAL_S = 1000
LIMIT_S = 10
ROUNDS = 20


class Round:
    """Ends when each thread has moved since it began."""

    def __init__(self, threads):
        self.left, (self.over, self.end) = len(threads), os.pipe()
        for thread in threads:
            thread.round = self

    def moved(self):
        self.left -= 1
        if self.left == 0:
            os.write(self.end, b"x")


def work():
    for _ in range(500):
        pass
    mine = threading.current_thread()
    if getattr(mine, "round", None):
        mine.round, ended = None, mine.round
        ended.moved()
    time.sleep(0)


def script():
    threads = [stress.Counted(work) for _ in range(2)]
    for thread in threads:
        thread.start()
    yield from stress.gui_first()
    before = sys.getswitchinterval()
    for number in range(ROUNDS):
        sys.setswitchinterval(before)
        yield from stress.gui_first()
        sys.setswitchinterval(INTERVAL_S)
        yield 20
        end = time.monotonic() + 0.005
        while time.monotonic() < end:  # keeps the GIL: they come to wait for it
            pass
        this_round = Round(threads)
        gilyield.configure(interval_ms=9000 + number)
        assert select.select([this_round.over], [], [], LIMIT_S)[0], f"round {number}: {this_round.left} of {len(threads)} threads stand still"
    sys.setswitchinterval(before)
    for thread in threads:
        thread.stopping = True


stress.run(script)

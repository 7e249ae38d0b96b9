# SPDX-License-Identifier: MIT
"""What the scripts inside the test host share.

A script is a generator on the GUI thread: ``yield ms`` goes back to the host's event loop for that long. Progress of threads is
never held against the clock, but against the same threads just before and after, while the GUI thread sleeps in Python, which
releases the GIL: 1.0 is all they could have. A machine may be busy with other things for a moment, so a figure gets several
chances; threads that stand still do so every time, and threads that run do not.
"""

import faulthandler
import os
import sys
import time

import host
from spinner import Spinner

WATCHDOG_S = 50  # below the limits of the runner and of CTest; it needs no GIL, and it says where every thread stands
CHANCES = 6
WINDOW_MS = 400
# Each return to Python on the GUI thread lets the others run for a switch interval: a few per cent of a window, more if the machine is busy
# and puts the GUI thread aside there.
STALLED = 0.15
# Of the speed that the thread has alone: safely above nothing and safely below what a tick gives (0.4) and the wait (0.97).
PROGRESS = {"timer": 0.12, "wait": 0.4, "auto": 0.4}
# A loop that never waits: slice / (interval + slice) is 0.2.
BUSY_PROGRESS = 0.1

faulthandler.dump_traceback_later(WATCHDOG_S, exit=True)


def mode():
    """Return the mode that this test was started with."""
    return os.environ.get("GILYIELD_MODE", "auto")


def until_good(attempt, chances=CHANCES):
    """Generator: assert that attempt(), a generator that returns what is wrong or "", finds nothing wrong in one of its chances."""
    for _ in range(chances):
        wrong = yield from attempt()
        if not wrong:
            return
        print("not yet:", wrong, flush=True)
    raise AssertionError(wrong)


class Spinners:
    """Some of them, and which share of their time they get. On the GUI thread only."""

    def __init__(self, n=1):
        self.threads = [Spinner() for _ in range(n)]
        for thread in self.threads:
            thread.start()
        time.sleep(0.05)

    def counts(self):
        return [thread.count for thread in self.threads]

    def mark(self):
        return sum(self.counts()), time.monotonic()

    def rate_since(self, mark):
        count, start = mark
        return (sum(self.counts()) - count) / (time.monotonic() - start)

    def reference(self):
        """Return their rate while the GUI thread leaves all to them."""
        mark = self.mark()
        time.sleep(0.1)
        return self.rate_since(mark)

    def share(self, function=None):
        """Generator: the share that they get while function() runs on the GUI thread, or in the host's main event loop."""
        before = self.reference()
        mark = self.mark()
        if function:
            function()
        else:
            yield WINDOW_MS
        rate = self.rate_since(mark)
        return rate / max((before + self.reference()) / 2, 1)

    def _expect(self, what, function, good):
        shares = []
        for _ in range(CHANCES):
            shares.append((yield from self.share(function)))
            if good(shares[-1]):
                break
        print(f"{what}: share", ", ".join(f"{share:.3f}" for share in shares), flush=True)
        assert good(shares[-1]), f"threads got these shares of their time in {what}: {shares}"

    def progress(self, what="the event loop", function=None, least=None):
        """Generator: assert that they run."""
        floor = PROGRESS[mode()] if least is None else least
        return self._expect(what, function, lambda share: share > floor)

    def stall(self, what="the event loop", function=None):
        """Generator: assert that they stand still."""
        return self._expect(what, function, lambda share: share < STALLED)

    def stop(self):
        for thread in self.threads:
            thread.stop()


def run(script):
    """Run script(), a generator function, in each exec() of the host, and quit."""

    def begin():
        steps = script()

        def step():
            try:
                ms = next(steps)
            except StopIteration:
                print("PASSED", flush=True)
                host.quit()
            except BaseException:
                # The host counts it and ends with 1, whatever a later exec() may return.
                host.quit(1)
                raise
            else:
                host.single_shot(ms, step)

        step()

    host.on_exec(begin)


def voluntary_switches():
    """Return how often the GUI thread has gone to sleep so far."""
    with open(f"/proc/self/task/{os.getpid()}/status") as status:
        for line in status:
            if line.startswith("voluntary_ctxt_switches"):
                return int(line.split()[1])
    raise RuntimeError("the kernel does not say")


def argument(index, default=None):
    """Return an argument of the script."""
    return sys.argv[index] if index < len(sys.argv) else default

# SPDX-License-Identifier: MIT
"""A program minds SIGURG, by which gilyield tells a thread in another interpreter that the GIL is wanted: it gets all of its own signals and none
of ours, and system calls that a thread makes with the GIL are not cut short."""

import signal
import threading
import time

import gilyield
import host
import stress
import subinterpreter

SIGNALS = 40
WORK = """
import time
end = time.monotonic() + {seconds}
while time.monotonic() < end: pass
"""
# PyDLL keeps the GIL, and usleep() says when a signal has cut it short. One that falls asleep just after it was looked at may be; without
# the look all are.
SLEEPS = """
import ctypes
libc = ctypes.PyDLL(None)
cut = sum(libc.usleep(30000) != 0 for _ in range(20))
assert cut <= 4, cut
"""


class Elsewhere(threading.Thread):
    def __init__(self, code):
        super().__init__(daemon=True)
        self.code, self.error = code, None

    def run(self):
        interpreter = subinterpreter.create()
        try:
            self.error = subinterpreter.run(interpreter, self.code)
        except Exception as error:
            self.error = error
        subinterpreter.destroy(interpreter)


def computes(seconds):
    """Generator: beside a thread that computes elsewhere for so long."""
    elsewhere = Elsewhere(WORK.format(seconds=seconds))
    elsewhere.start()
    while elsewhere.is_alive():
        yield 10
    assert not elsewhere.error, elsewhere.error


def assert_limit(wanted):
    status = gilyield.status()
    assert bool(status.limit) == wanted, status
    assert ("interpreter" in str(status)) == wanted, str(status)


def script():
    if not subinterpreter.available:
        print("no module for sub-interpreters in this Python", flush=True)
        return
    seen = []
    signal.signal(signal.SIGURG, lambda number, frame: seen.append(number))
    yield from stress.gui_first()
    host.latency_start(7, 16, lambda: None)
    elsewhere = Elsewhere(WORK.format(seconds=3))
    elsewhere.start()
    for sent in range(SIGNALS):
        assert len(seen) == sent, (len(seen), sent)
        signal.raise_signal(signal.SIGURG)
        for _ in range(1000):
            if len(seen) > sent:
                break
            yield 1
        yield 20
    late = max(host.latency_stop()["end_ms"])
    print(len(seen), "signals of", SIGNALS, "the longest event", late, "ms", flush=True)
    assert len(seen) == SIGNALS
    assert late < 2000, "the GUI thread waited for who computes elsewhere"
    while elsewhere.is_alive():
        yield 10
    assert not elsewhere.error, elsewhere.error

    spinner = stress.Counted(lambda: time.sleep(0))
    spinner.start()
    elsewhere = Elsewhere(SLEEPS)
    elsewhere.start()
    while elsewhere.is_alive():
        yield 5
    spinner.stopping = True
    assert not elsewhere.error, elsewhere.error
    assert len(seen) == SIGNALS

    # A handler that comes later is let be, and the status says what follows, for as long as there is a second interpreter.
    later = []
    signal.signal(signal.SIGURG, lambda number, frame: later.append(number))
    assert gilyield.status().limit == ""
    idle = subinterpreter.create()
    yield from computes(0.5)
    assert later == [], later
    assert_limit(subinterpreter.APART)
    signal.signal(signal.SIGURG, signal.SIG_DFL)
    yield from computes(0.5)
    assert_limit(False)
    gilyield.configure(priority="none")
    yield 50
    assert_limit(subinterpreter.APART)
    gilyield.configure(priority="gui")
    yield 50
    subinterpreter.destroy(idle)
    assert_limit(False)

    signal.signal(signal.SIGURG, lambda number, frame: seen.append(number))
    yield from computes(0.5)
    gilyield.disable()
    yield 50
    signal.raise_signal(signal.SIGURG)
    yield 10
    assert len(seen) == SIGNALS + 1


stress.run(script)

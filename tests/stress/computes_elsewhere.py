# SPDX-License-Identifier: MIT
"""A thread computes in another interpreter that shares the GIL, then threads that were started there. The GUI goes on meanwhile, and so do they
and the threads of the main interpreter."""

import os
import tempfile
import threading
import time

import gilyield
import host
import stress
import subinterpreter

COMPUTES_S = 3
CHANCES = 3  # of what takes seconds
# Tells in the file how far each thread is. Nothing in the loop lets go of the GIL.
WORK = """
import mmap, threading, time
told = mmap.mmap({fd}, 4096)
end = time.monotonic() + {seconds}
def compute(place):
    n = 0
    while time.monotonic() < end:
        for _ in range(1000): pass
        n += 1
        told[20 * place : 20 * place + 20] = str(n).encode().rjust(20)
others = [threading.Thread(target=compute, args=(place,)) for place in range(1, {threads})]
for each in others: each.start()
compute(0)
for each in others: each.join()
"""


class Elsewhere(threading.Thread):
    """Computes in an interpreter of its own, with so many threads."""

    def __init__(self, threads):
        super().__init__(daemon=True)
        self.threads = threads
        self.file = tempfile.TemporaryFile()
        self.file.truncate(4096)
        self.error = None

    def run(self):
        interpreter = subinterpreter.create()
        code = WORK.format(seconds=COMPUTES_S, fd=self.file.fileno(), threads=self.threads)
        self.error = subinterpreter.run(interpreter, code)
        subinterpreter.destroy(interpreter)

    def counts(self):
        return [int(os.pread(self.file.fileno(), 20, 20 * place).strip(b"\0 ") or 0) for place in range(self.threads)]


def once_beside(threads, spinners):
    """Generator: the GUI, and Counted threads of the main interpreter, beside so many that compute elsewhere. Returns the longest event in ms, and
    how often the threads there and here went round."""
    before = [each.count for each in spinners]
    elsewhere = Elsewhere(threads)
    host.latency_start(7, 16, lambda: None)
    start = time.monotonic()
    elsewhere.start()
    while elsewhere.is_alive():
        yield 50
    took = time.monotonic() - start
    events = host.latency_stop()["end_ms"]
    main = [each.count - count for each, count in zip(spinners, before)]
    print(
        f"{threads} elsewhere, {len(spinners)} here: {len(events)} events in {took:.1f} s, the longest {max(events):.1f} ms; "
        f"elsewhere {elsewhere.counts()}, here {main}; {gilyield.status().limit!r}",
        flush=True,
    )
    assert not elsewhere.error, elsewhere.error
    return max(events), elsewhere.counts(), main


def beside(threads, spinners):
    """Generator: the same, with several chances, as a busy machine may be late by itself."""
    for _ in range(CHANCES):
        late, there, here = yield from once_beside(threads, spinners)
        # A thread of the one interpreter does not starve beside those of the other.
        fair = not here or min(here) > max(there) / 8 and min(there) > max(here) / 8
        if late < COMPUTES_S * 1000 / 10 and min(there) > 0 and fair:
            return
    raise AssertionError(f"each time: the longest event {late:.0f} ms; there {there}, here {here}")


def script():
    if not subinterpreter.available:
        print("no module for sub-interpreters in this Python", flush=True)
        return
    yield from stress.gui_first()

    def compute():
        for _ in range(1000):
            pass

    yield from beside(1, [])
    yield from beside(3, [])
    spinners = [stress.Counted(compute) for _ in range(2)]
    for each in spinners:
        each.start()
    yield from beside(1, spinners)
    yield from beside(2, spinners)
    for each in spinners:
        each.stopping = True
    assert gilyield.status().limit == "", gilyield.status()


if __name__ == "__main__":
    stress.run(script)

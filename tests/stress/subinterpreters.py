# SPDX-License-Identifier: MIT
"""Sub-interpreters are created, run and destroyed while the GUI thread and others compete for the main GIL. With a GIL of its own (3.12 on)
one runs beside a GUI thread that holds the main GIL, which shows that its GIL is left alone; with a shared one it does not."""

import os
import sys
import tempfile
import threading
import time

import gilyield
import host
import stress
import subinterpreter

OWN_GIL = sys.version_info >= (3, 12)
WORK = "x = 0\nfor _ in range(20000): x += 1\nimport time\nfor _ in range(5): time.sleep(0)\n"
# Tells by the file's content how far it is; it ends when the file says so.
LOOP = """
import os
n = 0
while os.pread({fd}, 1, 0) == b"r":
    n += 1
    if n % 500 == 0:
        os.pwrite({fd}, str(n).encode().rjust(20), 1)
"""


def live(own_gil):
    """A thread's work: one sub-interpreter, from its birth to its death."""

    def work():
        interpreter = subinterpreter.create(own_gil)
        error = subinterpreter.run(interpreter, WORK)
        subinterpreter.destroy(interpreter)
        assert not error, error

    return work


class Runner(threading.Thread):
    """Runs LOOP in a sub-interpreter until it is told to stop."""

    def __init__(self, own_gil):
        super().__init__(daemon=True)
        self.file = tempfile.TemporaryFile()
        self.own_gil = own_gil
        os.pwrite(self.file.fileno(), b"r" + b"0".rjust(20), 0)

    def run(self):
        interpreter = subinterpreter.create(self.own_gil)
        subinterpreter.run(interpreter, LOOP.format(fd=self.file.fileno()))
        subinterpreter.destroy(interpreter)

    def count(self):
        return int(os.pread(self.file.fileno(), 20, 1))

    def stop(self):
        os.pwrite(self.file.fileno(), b"s", 0)


def script():
    if not subinterpreter.available:
        print("no module for sub-interpreters in this Python", flush=True)
        return
    yield from stress.gui_first()
    spinners = [stress.Counted(int) for _ in range(2)]
    kinds = [False, True] if OWN_GIL else [False]
    lives = [stress.Counted(live(kind)) for kind in kinds]
    for thread in spinners + lives:
        thread.start()
    events = []
    end = time.monotonic() + stress.SECONDS
    host.latency_start(1, 6, lambda: events.append(1))
    while time.monotonic() < end or min(thread.count for thread in lives) < 2:
        yield 300
    host.latency_stop()
    stress.alive(spinners + lives, "sub-interpreters come and go")
    for thread in spinners + lives:
        thread.stopping = True
    while any(thread.is_alive() for thread in spinners + lives):
        yield 20
    print([thread.count for thread in lives], "sub-interpreters,", len(events), "events", flush=True)
    assert len(events) > 10
    if OWN_GIL:
        runner = Runner(True)
        runner.start()
        while runner.count() == 0:
            yield 10
        before = runner.count()
        yield 300
        free = runner.count() - before
        before = runner.count()
        host.busy(300)  # in C, with the main GIL
        moved = runner.count() - before
        runner.stop()
        while runner.is_alive():
            yield 10
        print("turns with a GIL of its own while the main one was held:", moved, "and while not:", free, flush=True)
        assert moved > free / 8, (moved, free)
    status = gilyield.status()
    assert status.priority_active == "gui", status
    after = stress.Spinners(2)
    yield from after.progress()
    after.stop()


if __name__ == "__main__":
    stress.run(script)

# SPDX-License-Identifier: MIT
"""Handlers of the GUI thread that let go of the GIL: 300 reads of one byte, a lock shared with the other threads, the start of the threads
themselves; how long each takes, beside threads that compute. With the option `pump` one that turns the event loop until a thread is done."""

import os
import threading
import time

import host
from load import WARM_UP_MS, Threads, Window, milliseconds, run

READS = 300


class Sharer:
    """Threads that take a lock for a moment, again and again, and compute in between."""

    def __init__(self, number):
        self.lock, self.stopping = threading.Lock(), False
        for _ in range(number):
            threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while not self.stopping:
            with self.lock:
                for _ in range(200):
                    pass
            for _ in range(2000):
                pass


def timed(function):
    begin = time.perf_counter()
    function()
    return (time.perf_counter() - begin) * 1e3


def repeated(function, period_ms, ms):
    """Calls function() on the GUI thread every period_ms for ms."""
    took = []
    for _ in range(ms // period_ms):
        host.single_shot(0, lambda: took.append(timed(function)))
        yield period_ms
    return milliseconds(took)


def read_bytes():
    reader = os.open("/dev/zero", os.O_RDONLY)
    for _ in range(READS):
        os.read(reader, 1)
    os.close(reader)


def pump(seconds):
    """Until a thread is done that computes for so long."""

    def work():
        end = time.thread_time() + seconds
        while time.thread_time() < end:
            for _ in range(200):
                pass

    thread = threading.Thread(target=work)
    thread.start()
    while thread.is_alive():
        host.process_events(0)


def births():
    """Sixteen threads that compute for a moment each."""
    threads = [threading.Thread(target=lambda: [None for _ in range(100)]) for _ in range(16)]
    for thread in threads:
        thread.start()


def letting_go(options):
    threads = Threads(max(options["threads"]))
    results = {}
    for number in options["threads"]:
        threads.let_run(number)
        yield WARM_UP_MS
        window = Window(threads)
        read_ms = yield from repeated(read_bytes, 17, options["ms"])
        birth_ms = yield from repeated(births, 50, options["ms"])
        sharer = Sharer(number)

        def take():
            with sharer.lock:
                pass

        yield 60
        lock_ms = (yield from repeated(take, 13, options["ms"])) if number else []
        sharer.stopping = True
        yield 60
        results[number] = {**window.close(), "read_ms": read_ms, "birth_ms": birth_ms, "lock_ms": lock_ms}
    threads.let_run(0)
    return results


def pumped(options):
    took = []
    yield WARM_UP_MS
    window = Window()
    host.single_shot(0, lambda: took.append(timed(lambda: pump(options["ms"] / 1e3))))
    while not took:  # steps of this load run inside the pump
        yield 50
    return {"pump": {**window.close(), "work_ms": options["ms"], "pump_ms": milliseconds(took)}}


if __name__ == "__main__":
    import json
    import sys

    run(pumped if json.loads(sys.argv[1]).get("pump") else letting_go)

# SPDX-License-Identifier: MIT
"""Threads that need little get it beside threads that compute; one that wants everything gets its part; those that compute share the rest evenly."""

import os
import queue
import threading
import time

import stress

COMPUTING = 4
WINDOW_MS = 700


class Sleeper(threading.Thread):
    def __init__(self):
        super().__init__(daemon=True)
        self.turns, self.stopping = 0, False

    def run(self):
        while not self.stopping:
            time.sleep(0.002)
            self.turns += 1


class Greedy(Sleeper):
    def run(self):
        reader, writer = os.pipe()
        while not self.stopping:
            os.write(writer, b"x")
            os.read(reader, 1)
            self.turns += 1


class QueuePair(Sleeper):
    """Two threads hand an object to each other."""

    def __init__(self):
        super().__init__()
        self.there, self.back = queue.Queue(), queue.Queue()
        threading.Thread(target=self.answer, daemon=True).start()

    def answer(self):
        while self.there.get():
            self.back.put(1)

    def run(self):
        while not self.stopping:
            self.there.put(1)
            self.back.get()
            self.turns += 1
        self.there.put(0)


class Births(Sleeper):
    """Starts a thread and waits until it has ended."""

    def run(self):
        while not self.stopping:
            thread = threading.Thread(target=int)
            thread.start()
            thread.join()
            self.turns += 1


KINDS = (Sleeper, Greedy, QueuePair, Births)


def rate(kind):
    thread = kind()
    thread.start()
    yield 100
    before, begin = thread.turns, time.monotonic()
    yield WINDOW_MS
    done = (thread.turns - before) / (time.monotonic() - begin)
    thread.stopping = True
    yield 50
    return done


def script():
    yield from stress.gui_first()
    alone = {}
    for kind in KINDS:
        alone[kind] = yield from rate(kind)
    spinners = stress.Spinners(COMPUTING)
    shares = stress.Shares(spinners)
    parts = {}
    for kind in KINDS:
        parts[kind] = []
        for _ in range(3):  # luck evens out with time, starvation does not
            done = yield from rate(kind)
            parts[kind].append(done / alone[kind])
    _, used = shares.used()
    print({kind.__name__: [f"{part:.2f}" for part in each] for kind, each in parts.items()}, [f"{s:.2f}" for s in used], flush=True)
    # In CPython's own order 0.05 or less, 0.002 or less for these two, and 0.00 to 0.01.
    assert max(parts[Sleeper]) > 0.5, parts
    assert max(parts[QueuePair]) > 0.1, parts
    assert max(parts[Births]) > 0.02, parts
    assert 0.04 < max(parts[Greedy]), parts
    assert min(parts[Greedy]) < 0.6, parts
    assert min(used) > 0.4 * max(used), used
    spinners.stop()


stress.run(script)

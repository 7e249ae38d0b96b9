# SPDX-License-Identifier: MIT
"""mutex_over_loop.py LIBRARY: C++ code holds a mutex of its own over a nested event loop, and a thread takes it while it holds the GIL. With
paused() the thread does not get so far; the limit that paused() is for is there."""

import ctypes
import threading
import time

import gilyield
import inhost

LOOP_MS = 300
DEADLOCK_MS = 1500  # the nested loop ends only when the thread gives up
native = ctypes.PyDLL(inhost.argument(1))


class Toucher(threading.Thread):
    """Takes the mutex again and again, with the GIL."""

    def __init__(self):
        super().__init__(daemon=True)
        self.got, self.refused, self.stopping = 0, 0, False

    def run(self):
        while not self.stopping:
            if native.touch_mutex(DEADLOCK_MS):
                self.got += 1
            else:
                self.refused += 1
            time.sleep(0.001)


def script():
    toucher = Toucher()
    toucher.start()
    yield 200
    assert toucher.got > 0, "the thread does not run"
    for _ in range(3):
        with gilyield.paused():
            native.loop_with_mutex(LOOP_MS)
        assert toucher.refused == 0, "a deadlock in spite of paused()"
        before = toucher.got
        yield 200
        assert toucher.got > before, "the thread stands still after paused()"
    native.loop_with_mutex(LOOP_MS)
    yield 200  # the thread may be interrupted before it has counted
    assert toucher.refused > 0, "paused() is not needed any more: the documentation is wrong"
    toucher.stopping = True
    yield 20


inhost.run(script)

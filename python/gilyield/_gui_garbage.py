# SPDX-License-Identifier: MIT
"""Cycles of references are collected on the GUI thread.

CPython collects them on whichever thread happens to allocate when it is time. Panels and dialogs are cycles as soon as a slot of
theirs is a lambda or a bound method of their own, and with threads that run they mostly die on one of these.
"""

import gc
import time
from typing import Any, Optional, Tuple

from . import _gui_queue
from ._gilyield import Error
from ._gui_entries import Entry

#: How often the GUI thread looks whether there is something to collect, in seconds: soon after it has found something.
SOON_S, SELDOM_S = 0.05, 1.0
#: All objects are looked at no more often than each FULL_S, and for no more than a fiftieth of the time.
FULL_S, SHARE = 10.0, 50
#: The youngest are looked at when there are a twentieth of what CPython waits for: it counts the peaks, which are not seen here.
OFTEN = 20
#: If the GUI thread has not got to it while so many objects were made, it is done by the thread that makes the next one.
VALVE = 1_000_000


class Collector(Entry):
    """Collects on the GUI thread until stop(); made by gui.collect_here()."""

    def __init__(self) -> None:
        self._before: Optional[Tuple[int, ...]] = None  # the thresholds; None: stopped
        self._pause_s = SOON_S
        self._next_full = time.monotonic() + FULL_S

    def _start(self) -> None:
        self._before = before = gc.get_threshold()
        try:
            _gui_queue.enqueue(self)
        except Error:
            self._before = None
            raise
        if before[0] > 0:
            gc.set_threshold(max(VALVE, before[0]), *before[1:])

    def stop(self) -> None:
        """CPython collects as before: on any thread. Any thread, any number of times."""
        global _current
        before, self._before = self._before, None
        if before is not None and gc.get_threshold()[0] in (VALVE, before[0]):
            gc.set_threshold(*before)
        if _current is self:
            _current = None

    def __enter__(self) -> "Collector":
        return self

    def __exit__(self, *exception: Any) -> None:
        self.stop()

    # ---- GUI thread. ----

    def run(self) -> None:
        before = self._before
        if before is None:
            return
        try:
            self._pause_s = SOON_S if self._collect(before) else min(SELDOM_S, 2 * self._pause_s)
        finally:
            _gui_queue.queue_in(self._pause_s, self)

    def _collect(self, thresholds: Tuple[int, ...]) -> bool:
        # As CPython does: the more often an object was looked at, the more seldom it is.
        limits = [max(1, limit) for limit in (*thresholds, 10, 10)][:3]
        youngest, middle, oldest = gc.get_count()
        begin = time.monotonic()
        if oldest > limits[2] and begin >= self._next_full:
            gc.collect()
            took = time.monotonic() - begin
            self._next_full = begin + max(FULL_S, SHARE * took)
        elif middle > limits[1]:
            gc.collect(1)
        elif youngest > limits[0] // OFTEN:
            gc.collect(0)
        else:
            return False
        return True

    def drop(self) -> str:
        self.stop()
        return ""


_current: Optional[Collector] = None


def collect_here() -> Collector:
    """See gui.collect_here()."""
    global _current
    if _current is None:
        collector = Collector()
        collector._start()
        _current = collector
    return _current

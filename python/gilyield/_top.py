# SPDX-License-Identifier: MIT
"""What each thread got of the GIL, again and again, like top, from the application's console."""

import functools
import sys
import threading
from typing import Dict, List, Tuple

from . import _gilyield, _threads

_LONGEST_S = 86400.0


def _row(before: Dict[int, _threads.Thread], now: _threads.Thread, seconds: float) -> Tuple[float, str]:
    had, waited, waits = now.held_ns, now.waited_ns, now.waits_count
    start = before.get(now.native_id)
    if start and start.held_ns <= had and start.waits_count <= waits:  # else its figures were set to 0 meanwhile
        had, waited, waits = had - start.held_ns, max(0, waited - start.waited_ns), waits - start.waits_count
    part = 100 / (seconds * 1e9)
    state = "has the GIL" if now.holds else "waits" if now.waits else ""
    name = now.name[:24].encode("ascii", "backslashreplace").decode("ascii")
    return had * part, f"{now.native_id:>8}  {name:24} {had * part:6.1f}% {waited * part:6.1f}% {waits / seconds:9.0f}  {state}".rstrip()


def table(before: List[_threads.Thread], now: List[_threads.Thread], seconds: float) -> str:
    """Return what each thread got between the two, the one that got most first."""
    started = {thread.native_id: thread for thread in before}
    rows = sorted((_row(started, thread, seconds) for thread in now), reverse=True)
    return "\n".join([f"{'thread':>8}  {'name':24} {'had':>7} {'waited':>7} {'waits/s':>9}  now", *(text for _, text in rows)])


class Top:
    """Prints a table now and then, from a thread of its own, until stop()."""

    def __init__(self, seconds: float, count: int) -> None:
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
            raise TypeError(f"seconds={seconds!r} is not accepted: use numbers from 0.1 to {_LONGEST_S:.0f}")
        if not 0.1 <= seconds <= _LONGEST_S:
            raise ValueError(f"seconds={seconds!r} is not accepted: use numbers from 0.1 to {_LONGEST_S:.0f}")
        if isinstance(count, bool) or not isinstance(count, int):
            raise TypeError(f"count={count!r} is not accepted: use whole numbers, 0 for no end")
        if count < 0:
            raise ValueError(f"count={count} is not accepted: use whole numbers, 0 for no end")
        self._seconds, self._count = seconds, count
        from . import gui  # only here: who imports gilyield may never need it

        # A console may be sys.stdout only while it runs a line, and may be a widget.
        self._out = sys.stdout
        a_console = self._out is not sys.__stdout__ and gui.is_gui_thread()
        self._show = functools.partial(gui.post, self._print) if a_console else self._print
        self._end = threading.Event()
        self._before = _threads.read()
        self._thread = threading.Thread(target=self._run, name="gilyield top", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        left = self._count
        while not self._end.wait(self._seconds):
            try:
                now = _threads.read()
                text = f"gilyield top: the last {self._seconds:g} s\n{table(self._before, now, self._seconds)}"
                self._show(text)
            except _gilyield.Error:  # no gilyield, or no event loop any more
                return
            self._before = now
            left -= 1
            if left == 0:
                return

    def _print(self, text: str) -> None:
        try:
            if self._out:
                print(text, file=self._out, flush=True)
        except (OSError, ValueError, RuntimeError):  # a console that is closed
            self.stop()

    def stop(self) -> None:
        """Print no more. Harmless after the end."""
        self._end.set()

    def __enter__(self) -> "Top":
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        if self._end.is_set() or not self._thread.is_alive():
            return "gilyield top: ended"
        return f"gilyield top: prints every {self._seconds:g} s until stop()"

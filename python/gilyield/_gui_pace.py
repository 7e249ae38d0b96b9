# SPDX-License-Identifier: MIT
"""Functions that the GUI thread calls less often than they are called for: throttled and debounced."""

import functools
import time
from typing import Any, Callable, TypeVar

from . import _gui_newest, _gui_queue
from ._gui_entries import Entry, run_forgotten
from ._gui_references import Payload

F = TypeVar("F", bound=Callable[..., Any])


class _Timer(Entry):
    __slots__ = ("function",)

    def __init__(self, function: Callable[[], object]) -> None:
        self.function = function

    def run(self) -> None:
        self.function()


class Pace:
    """One paced function. Its calls arrive by queue_newest(); the rest is on the GUI thread."""

    def __init__(self, f: Callable[..., Any], seconds: float, after_silence: bool) -> None:
        self._f = f
        self._seconds = seconds
        self._after_silence = after_silence
        self._due = 0.0  # the earliest time of the next call
        self._waiting: Any = None
        self._has_timer = False

    def ask(self, *args: Any, **kwargs: Any) -> None:
        """Any thread."""
        payload = Payload(self._arrived, (time.monotonic(), args, kwargs), {})
        del args, kwargs
        _gui_newest.queue_newest(self, payload)

    def _arrived(self, at: float, args: Any, kwargs: Any) -> None:
        self._waiting = (args, kwargs)
        if self._after_silence:
            self._due = at + self._seconds
        self._call_if_due()

    def _call_if_due(self) -> None:
        now = time.monotonic()
        if self._waiting is None or self._has_timer:
            return
        if now < self._due:
            self._has_timer = True
            _gui_queue.queue_in(self._due - now, _Timer(self._timer))
            return
        (args, kwargs), self._waiting = self._waiting, None
        self._due = now + self._seconds
        run_forgotten(Payload(self._f, args, kwargs))

    def _timer(self) -> None:
        self._has_timer = False
        self._call_if_due()


def decorator(seconds: float, after_silence: bool) -> Callable[[F], F]:
    """See gui.throttled() and gui.debounced()."""
    if not seconds > 0:
        raise ValueError(f"seconds is {seconds!r}; more than 0 is accepted")

    def decorate(f: F) -> F:
        pace = Pace(f, seconds, after_silence)

        @functools.wraps(f)
        def paced(*args: Any, **kwargs: Any) -> None:
            pace.ask(*args, **kwargs)

        return paced  # type: ignore[return-value]

    return decorate

# SPDX-License-Identifier: MIT
"""Waiting for a call: on the GUI thread queued calls are run meanwhile, on others it is watched what the GUI thread does."""

import sys
import threading
import time
from concurrent import futures
from typing import Any, List, Optional

from . import _gilyield, _gui_queue, _gui_references, _gui_watch
from ._gui_errors import Blocked

#: How often a waiting thread looks at what the GUI thread does, in seconds; the first look is soon.
FIRST_LOOK_S, LOOK_S = 0.05, 0.1

# Python 3.8 tells us nothing before it waits for its threads. Only if its "main thread", the one that imported `threading`, is
# the process's.
_LATE_END = not hasattr(threading, "_register_atexit") and threading.main_thread().native_id == _gui_watch.PROCESS

_patience_s: Optional[float] = None


def set_patience(seconds: Optional[float]) -> None:
    """See gui.set_patience()."""
    global _patience_s
    if seconds is not None and not seconds > 0:
        raise ValueError(f"seconds is {seconds!r}; more than 0 or None is accepted")
    _patience_s = seconds


class ServedFuture(futures.Future):  # type: ignore[type-arg]
    """A concurrent.futures.Future for which the GUI thread may wait: it runs queued calls meanwhile.

    In result(), exception(), and in concurrent.futures.wait() and as_completed().
    """

    #: threading.get_ident() of the thread that computes it; 0: not known, or the GUI thread
    runner = 0

    def __init__(self) -> None:
        super().__init__()
        if type(getattr(self, "_waiters", None)) is list:
            self._waiters = _Waiters()

    def result(self, timeout: Optional[float] = None) -> Any:
        """Return what the call returned or raise what it raised; concurrent.futures.TimeoutError after `timeout` seconds."""
        try:
            self._wait(timeout)
            return super().result(0)
        finally:
            # The exception holds this frame: without a cycle both go at once, and not in some thread's garbage collection.
            del self

    def exception(self, timeout: Optional[float] = None) -> Optional[BaseException]:
        """Return what the call raised, None if it returned; concurrent.futures.TimeoutError after `timeout` seconds."""
        try:
            self._wait(timeout)
            return super().exception(0)
        finally:
            del self

    def _wait(self, timeout: Optional[float]) -> None:
        if self.done():
            return
        if _gui_queue.on_gui_thread():
            _serve(self, timeout)
            return
        try:
            super().exception(timeout)
        except futures.CancelledError:
            pass

    def __del__(self) -> None:
        harmless = self._exception is None and _gui_references.is_harmless(self._result)
        if _gui_queue.is_open() and not harmless and not _gui_queue.on_gui_thread():
            left = [self._result, self._exception]
            self._result = self._exception = None
            _gui_references.leave_to_gui_thread(left)


class GuiFuture(ServedFuture):
    """A concurrent.futures.Future of a call on the GUI thread.

    Where the GUI thread waits for it, queued calls are run meanwhile. On other threads result() and exception() raise Blocked when
    the GUI thread waits for the caller. A call that the application's end has left undone is cancelled.
    """

    def _wait(self, timeout: Optional[float]) -> None:
        wait(self, timeout)

    def add_done_callback(self, fn: Any) -> None:
        """Have fn(future) called when it is done; in an asyncio loop it is watched that the GUI thread does not wait for that."""
        super().add_done_callback(fn)
        asyncio = sys.modules.get("asyncio")
        loop = asyncio and asyncio._get_running_loop()
        if loop is not None and not self.done() and not _gui_queue.on_gui_thread():
            loop.call_later(LOOK_S, self._look_from, loop, _gui_queue.turns())

    def _look_from(self, loop: Any, turns: int) -> None:
        """In the thread of an asyncio loop that waits for this call: has the GUI thread come to wait for the loop?"""
        if self.done() or self.running():
            return
        reason = turns == _gui_queue.turns() and _gui_watch.waits_for_task(_gui_thread(), self, loop, _gui_references.let_go_of)
        if not reason:
            loop.call_later(LOOK_S, self._look_from, loop, _gui_queue.turns())
        elif self.begin():
            self.set_exception(Blocked(reason))

    def begin(self) -> bool:
        """Return whether it is to be run, by the caller: False if it was cancelled, or an exception was set. As
        set_running_or_notify_cancel() does, but for the latter.
        """
        try:
            return not (self.done() and not self.cancelled()) and self.set_running_or_notify_cancel()
        except RuntimeError:
            return False  # it came between the two


class _Waiters(List[Any]):
    """What concurrent.futures.wait() and as_completed() put their waiter into, before they wait for its event."""

    def append(self, waiter: Any) -> None:
        if type(getattr(waiter, "event", None)) is threading.Event and _gui_queue.on_gui_thread():
            waiter.event = _ServingEvent()
        super().append(waiter)


class _ServingEvent(threading.Event):
    """An event for which the GUI thread waits: it runs queued calls meanwhile."""

    def wait(self, timeout: Optional[float] = None) -> bool:
        return _gui_queue.serve(self.is_set, timeout)

    def set(self) -> None:
        super().set()
        _gui_queue.wake_server()


def _gui_thread() -> int:
    return _gilyield.gui_thread() or threading.main_thread().ident or 0


def wait(future: "GuiFuture", timeout: Optional[float]) -> None:
    """Return when the future is done. Raise concurrent.futures.TimeoutError, or Blocked; the GIL is free meanwhile.

    On the GUI thread it runs queued calls while it waits.
    """
    if future.done():
        return
    if _gui_queue.on_gui_thread():
        _serve(future, timeout)
        return
    deadline = None if timeout is None else time.monotonic() + timeout
    begin = time.monotonic()
    turns = _gui_queue.turns()
    step = FIRST_LOOK_S
    while not future.done():
        left = step if deadline is None else deadline - time.monotonic()
        if left <= 0:
            raise futures.TimeoutError()
        try:
            futures.Future.exception(future, min(left, step))
        except (futures.TimeoutError, futures.CancelledError):
            pass
        step = LOOK_S
        if future.done():
            return
        if _LATE_END and not threading.main_thread().is_alive():
            _gui_queue.end()
        if turns != _gui_queue.turns() or future.running():
            turns, begin = _gui_queue.turns(), time.monotonic()
        reason = _gui_watch.waits_for_caller(_gui_thread(), _gui_references.let_go_of)
        waited = time.monotonic() - begin
        if not reason and _patience_s is not None and waited >= _patience_s:
            place = _gui_watch.place_of(_gui_thread(), _gui_references.let_go_of)
            reason = f"the GUI thread, at {place}, has not come to its queue for {waited:.1f} s, so it cannot run the call"
        if reason and not future.done():
            raise Blocked(reason)


def _serve(future: "futures.Future[Any]", timeout: Optional[float]) -> None:
    future.add_done_callback(_wake_server)
    if not _gui_queue.serve(future.done, timeout):
        raise futures.TimeoutError()


def _wake_server(future: Any) -> None:
    _gui_queue.wake_server()

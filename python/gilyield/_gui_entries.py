# SPDX-License-Identifier: MIT
"""What is queued for the GUI thread: an entry, and one that is a call."""

from typing import Any, Optional

from . import _gilyield, _gui_references
from ._gui_references import Payload, name_of


class Entry:
    """Something that is queued. run() and drop() are called on the GUI thread, one of them, once."""

    __slots__ = ()

    def run(self) -> None:
        raise NotImplementedError

    def fail(self, exception: BaseException) -> Optional["Entry"]:
        """An exception of a signal handler (Ctrl-C) has hit between our own lines. Return what is still to be run."""
        return None

    def drop(self) -> str:
        """It will not be run. Return its name if that is a loss of which nobody has been told, else ""."""
        return ""


class Call(Entry):
    """A call that runs once, and its future, if it has one, is told."""

    __slots__ = ("payload", "future")

    def __init__(self, payload: Payload, future: Any) -> None:
        self.payload = payload
        self.future = future

    def run(self) -> None:
        if self.future is None:
            run_forgotten(self.payload)
        elif self.future.begin():
            run_for(self.future, self.payload)
        else:
            self.payload.clear()

    def fail(self, exception: BaseException) -> Optional[Entry]:
        if not self.payload.begun and (self.future is None or not self.future.running()):
            return self
        if self.future is not None and not self.future.done():
            self.future.set_exception(exception)
        self.payload.clear()
        return None

    def drop(self) -> str:
        untold = name_of(self.payload.f) if self.future is None else ""
        if self.future is not None and self.future.cancel():
            self.future.set_running_or_notify_cancel()
        self.payload.clear()
        return untold


def run_forgotten(payload: Payload) -> None:
    """Run a call nobody waits for; what it raises goes to sys.unraisablehook."""
    try:
        payload.begun = True
        payload.f(*payload.args, **payload.kwargs)
    except BaseException as exception:
        _gilyield.unraisable(_without_our_frame(exception), payload.f)
    payload.clear()


def run_for(future: Any, payload: Payload) -> None:
    """Run a call whose future is told. The future runs."""
    try:
        payload.begun = True
        result = payload.f(*payload.args, **payload.kwargs)
    except BaseException as exception:
        payload.clear()
        _gui_references.empty_frames(_without_our_frame(exception))
        future.set_exception(exception)
    else:
        payload.clear()
        future.set_result(result)


def _without_our_frame(exception: BaseException) -> BaseException:
    return exception.with_traceback(exception.__traceback__ and exception.__traceback__.tb_next)

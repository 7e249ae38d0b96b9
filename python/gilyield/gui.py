# SPDX-License-Identifier: MIT
"""Call the GUI thread from any Python thread.

Qt's widgets belong to the GUI thread; another thread that touches one crashes the application, sooner or later. Instead:

    from gilyield import gui

    gui.call(label.setText, "half done")              # waits, returns the result or raises what was raised
    future = gui.submit(table.rowCount)               # a concurrent.futures.Future
    gui.post(button.setEnabled, True)                 # does not wait
    gui.latest("progress", bar.setValue, i)           # does not wait, and only the newest counts

Works with any Qt binding or none, and whether or not gilyield is enabled: it only needs a Qt application in the process.

**Order.** Calls of one thread run in the order in which it made them; a call by latest() takes the place of the one it
replaces. Queued calls run from the application's event loop, modal dialogs' and other nested loops included, for a few
milliseconds at a time; then the event loop gets its turn, so that a flood of calls does not freeze the window. One call is
never interrupted. Waiting never holds the GIL.

**On the GUI thread itself** everything runs at once, before the function returns: order is kept there too, and waiting for
oneself is impossible. A function that posts itself again therefore recurses: for "later" on the GUI thread use a QTimer.

**No deadlock.** Who waits for a call that the GUI thread cannot run gets an exception:

- Blocked, within about 0.1 s, if the GUI thread waits for the calling thread in Thread.join(), in the result() of a future
  that this thread computes, or at the end of its executor; also by way of other threads, and whether or not the call has
  begun.
- Blocked, after some patience (set_patience(), 5 s), if the GUI thread sleeps in any other lock all that time, or looks for
  something again and again from one place with short sleeps in between: Python does not know who would release a Lock, an
  Event or a Queue. So a GUI thread that waits that long for something else is taken for blocked too, in a lock of Python's
  or in one inside a C++ call that has given up the GIL (a filter with threads of its own). One long sleep, computing,
  reading files and Qt's event loops are not.
- Closed if there is no application, if it quits (QCoreApplication::aboutToQuit, until an event loop runs again) or goes
  away before the call was run, or if Python ends. Futures are cancelled then: result() raises
  concurrent.futures.CancelledError. Calls by post() that are dropped so are reported once, as a Closed in
  sys.unraisablehook; those by latest() are not.

**References.** Function and arguments are let go of on the GUI thread after the run, since the last reference to a widget
must not die on another thread. What the calling code holds is its own; up to Python 3.10 that includes the arguments,
until the function returns. A call replaced in latest() leaves what would die with it to the GUI thread, except arrays
(`__array_interface__`) and small tuples, lists, dicts and sets of numbers and text. The traceback of an exception that goes
to another thread keeps its lines, but not the values of local variables. A result dies where it is used; if nobody took it
from its future, on the GUI thread.

**Limits.** concurrent.futures.wait(), as_completed() and asyncio wait without looking at what the GUI thread does; and
nobody can look while C++ code keeps both the GUI thread and the GIL. Python's main interpreter only; up to Python 3.11 the
GUI thread must not run an event loop inside a sub-interpreter while calls are queued, as CPython cannot get out of that.
"""

import functools
from concurrent import futures
from typing import Any, Callable, Hashable, Optional, TypeVar

from . import _gui_queue
from ._gui_queue import Blocked, Closed, GuiFuture, Timeout

__all__ = [
    "Blocked",
    "Closed",
    "GuiFuture",
    "Timeout",
    "call",
    "is_gui_thread",
    "latest",
    "on_gui_thread",
    "post",
    "set_patience",
    "submit",
]

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])


def is_gui_thread() -> bool:
    """Return whether the caller is the thread of the Qt application. False where there is no Qt or no application."""
    return _gui_queue.on_gui_thread()


def call(f: Callable[..., T], /, *args: Any, timeout: Optional[float] = None, **kwargs: Any) -> T:
    """Call f(*args, **kwargs) on the GUI thread, wait, and return its result.

    Raises what f raised, with its traceback. Raises Timeout if it is not done within `timeout` seconds: a call that has
    not begun by then is withdrawn, one that has goes on. Raises Blocked and Closed as said at the top of this module,
    Error in a forked child process and where gilyield cannot be loaded. Any thread; on the GUI thread f runs at once and
    `timeout` is ignored.
    """
    if _gui_queue.on_gui_thread():
        return f(*args, **kwargs)
    payload = _gui_queue.Payload(f, args, kwargs)
    del f, args, kwargs
    return _call(payload, timeout)  # type: ignore[no-any-return]


def _call(payload: _gui_queue.Payload, timeout: Optional[float]) -> Any:
    future = GuiFuture()
    try:
        _gui_queue.queue_call(payload, future)
        del payload
        try:
            _gui_queue.wait(future, timeout)
        except (futures.TimeoutError, Blocked) as problem:
            # cancel() says False if it has begun; it may even be done by now.
            begun = not future.cancel()
            if not future.done() or future.cancelled():
                what = "it had begun, and goes on" if begun else "it had not begun, and is withdrawn"
                if isinstance(problem, Blocked):
                    raise Blocked(f"{problem}; {what}") from None
                raise Timeout(f"the call on the GUI thread was not done within {timeout} s; {what}") from None
        if future.cancelled():
            raise Closed("the application quits or is gone, or Python is ending: the call was not run")
        result = futures.Future.result(future, 0)
        future._result = None  # it is the caller's now
        return result
    finally:
        # An exception holds this frame: see GuiFuture.result().
        del future


def submit(f: Callable[..., T], /, *args: Any, **kwargs: Any) -> "futures.Future[T]":
    """Have f(*args, **kwargs) called on the GUI thread; return a concurrent.futures.Future of its result.

    cancel() works until it begins. Callbacks of the future run on the GUI thread. asyncio.wrap_future() takes it.
    Raises Closed if there is no application. Any thread; on the GUI thread f runs at once and the future is done.
    """
    future = GuiFuture()
    payload = _gui_queue.Payload(f, args, kwargs)
    del f, args, kwargs
    if _gui_queue.on_gui_thread():
        future.set_running_or_notify_cancel()
        _gui_queue._run_for(future, payload)
    else:
        _gui_queue.queue_call(payload, future)
    return future


def post(f: Callable[..., Any], /, *args: Any, **kwargs: Any) -> None:
    """Have f(*args, **kwargs) called on the GUI thread and forget it.

    What f raises is reported once, through sys.unraisablehook. Raises Closed if there is no application.
    Any thread; on the GUI thread f runs at once.
    """
    payload = _gui_queue.Payload(f, args, kwargs)
    del f, args, kwargs
    if _gui_queue.on_gui_thread():
        _gui_queue.run_forgotten(payload)
    else:
        _gui_queue.queue_call(payload, None)


def latest(key: Hashable, f: Callable[..., Any], /, *args: Any, **kwargs: Any) -> None:
    """As post(), but of all calls with this key that wait to be run only the newest is.

    For progress and previews: a million calls cost the GUI thread no more than it has time for. There is never more than
    one call in the queue for a key, and it keeps its place, so that others are not kept waiting either. `key` is any
    hashable, shared by all threads. Any thread; on the GUI thread f runs at once, and what waits for this key is dropped.
    """
    payload = _gui_queue.Payload(f, args, kwargs)
    del f, args, kwargs
    if _gui_queue.on_gui_thread():
        _gui_queue.forget_newest(key)
        _gui_queue.run_forgotten(payload)
    else:
        _gui_queue.queue_newest(key, payload)


def on_gui_thread(f: F) -> F:
    """Decorate a function or method so that each call of it is a call(): it runs on the GUI thread, and callers wait."""

    @functools.wraps(f)
    def on_gui_thread_call(*args: Any, **kwargs: Any) -> Any:
        if _gui_queue.on_gui_thread():
            return f(*args, **kwargs)
        payload = _gui_queue.Payload(f, args, kwargs)
        del args, kwargs
        return _call(payload, None)

    return on_gui_thread_call  # type: ignore[return-value]


def set_patience(seconds: Optional[float]) -> None:
    """Set how long the GUI thread may sleep in a lock before those who wait for it get Blocked; default 5 s, None: for ever.

    For the whole process. It does not matter where the circle is certain: that is found at once. Raises ValueError.
    """
    _gui_queue.set_patience(seconds)

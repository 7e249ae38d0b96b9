# SPDX-License-Identifier: MIT
"""Call the GUI thread from any Python thread.

Qt's widgets belong to the GUI thread; another thread that touches one crashes the application, sooner or later. Instead:

    from gilyield import gui

    gui.call(label.setText, "half done")              # waits, returns the result or raises what was raised
    future = gui.submit(table.rowCount)               # a concurrent.futures.Future
    gui.post(button.setEnabled, True)                 # does not wait
    gui.post_latest("progress", bar.setValue, i)      # does not wait, and only the newest counts

Works with any Qt binding or none, and whether or not gilyield is enabled: it only needs a Qt application in the process.

**Order.** Calls of one thread run in the order in which it made them; a call by post_latest() takes the place of the one it
replaces. They run from the application's event loop, for a few milliseconds at a time; then the event loop gets its turn, so that
a flood of calls does not freeze the window. Waiting never holds the GIL.

**A call that runs events itself.** A queued call that pumps events (QProgressDialog.setValue(), processEvents()) is not
interrupted by another one: the others wait until it returns, and none is lost. They go on in a nested event loop that stays (a
dialog's or menu's exec(), QEventLoop.exec()), and inside a call that has pumped events without a pause for a second, as it may
wait for one of them. So they are inside one another as deep as such loops are, but at most 16 deep.

**On the GUI thread itself** call() and submit() run the function at once. post() and post_latest() queue it, there too: it runs
from the event loop, after the code that posted it.

**Waiting, and who waits for whom.** While the GUI thread waits, it cannot run what another thread waits for. Where it waits with
means of this module, it runs queued calls meanwhile: in result() and exception() of futures of submit() and of jobs, in
concurrent.futures.wait() and as_completed() over at least one of these, in Job.wait() and Pool. Where it is certain that the GUI
thread waits for the calling thread, that thread gets Blocked within about 0.1 s, whether or not the call has begun: Thread.join(),
result() of a future that it computes, concurrent.futures.wait() for such futures, the end of its executor, an RLock that it has
(logging has them), also by way of other threads, all without a timeout; and an asyncio task that waits for the call while the GUI
thread waits for the task in asyncio.run_coroutine_threadsafe(...).result().

Nothing else is known: a GUI thread that waits in an Event, a Queue, a Lock, a socket, a pipe or a process for this thread waits for
ever, and so does this thread. Against that there are call_within(), result(timeout), and set_patience().

**The end.** Closed is raised if there is no application, if it quits (QCoreApplication::aboutToQuit, until an event loop runs
again) or goes away before the call was run, or if Python ends. Futures are cancelled then: result() raises
concurrent.futures.CancelledError. Calls by post() that are dropped so are reported once, as a Closed in sys.unraisablehook;
those by post_latest() are not. From Qt 6.8 on, where this module was imported before Qt and first used between exit() and the end
of the loops, that call is refused only when the application or Python ends.

**References.** Function and arguments are let go of on the GUI thread after the run, since the last reference to a widget
must not die on another thread. What the calling code holds is its own; up to Python 3.10 that includes the arguments,
until the function returns. A call replaced in post_latest() leaves what would die with it to the GUI thread, except arrays
(`__array_interface__`) and small tuples, lists, dicts and sets of numbers and text. The traceback of an exception that goes
to another thread keeps its lines, but not the values of local variables. A result dies where it is used; if nobody took it
from its future, on the GUI thread. For cycles of references see collect_here().

**Limits.** Nobody can look while C++ code keeps both the GUI thread and the GIL. Python's main interpreter only; up to Python 3.11
the GUI thread must not run an event loop inside a sub-interpreter while calls are queued, as CPython cannot get out of that.
"""

import functools
from concurrent import futures
from typing import Any, Callable, Hashable, Optional, TypeVar

from . import _gui_entries, _gui_garbage, _gui_newest, _gui_output, _gui_pace, _gui_queue, _gui_waiting
from ._gui_errors import Blocked, Closed, Timeout
from ._gui_output import LogHandler
from ._gui_references import Payload
from ._gui_waiting import GuiFuture

__all__ = [
    "Blocked",
    "Closed",
    "GuiFuture",
    "LogHandler",
    "Timeout",
    "call",
    "call_within",
    "collect_here",
    "console",
    "debounced",
    "is_gui_thread",
    "on_gui_thread",
    "post",
    "post_latest",
    "set_patience",
    "submit",
    "throttled",
]

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])


def is_gui_thread() -> bool:
    """Return whether the caller is the thread of the Qt application. False where there is no Qt or no application."""
    return _gui_queue.on_gui_thread()


def call(f: Callable[..., T], /, *args: Any, **kwargs: Any) -> T:
    """Call f(*args, **kwargs) on the GUI thread, wait, and return its result.

    Raises what f raised, with its traceback. Raises Blocked and Closed as said at the top of this module, Error in a forked
    child process and where gilyield cannot be loaded. Any thread; on the GUI thread f runs at once.
    """
    if _gui_queue.on_gui_thread():
        return f(*args, **kwargs)
    payload = Payload(f, args, kwargs)
    del f, args, kwargs
    return _call(payload, None)  # type: ignore[no-any-return]


def call_within(seconds: float, f: Callable[..., T], /, *args: Any, **kwargs: Any) -> T:
    """As call(), but raise Timeout if it is not done within that time: a call that has not begun by then is withdrawn, one that has
    goes on. On the GUI thread f runs at once, as long as it takes.
    """
    if _gui_queue.on_gui_thread():
        return f(*args, **kwargs)
    payload = Payload(f, args, kwargs)
    del f, args, kwargs
    return _call(payload, seconds)  # type: ignore[no-any-return]


def _call(payload: Payload, timeout: Optional[float]) -> Any:
    future = GuiFuture()
    try:
        _gui_queue.queue_call(payload, future)
        del payload
        try:
            _gui_waiting.wait(future, timeout)
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
        # An exception holds this frame: see ServedFuture.result().
        del future


def submit(f: Callable[..., T], /, *args: Any, **kwargs: Any) -> "futures.Future[T]":
    """Have f(*args, **kwargs) called on the GUI thread; return a concurrent.futures.Future of its result.

    cancel() works until it begins. Callbacks of the future run on the GUI thread. asyncio.wrap_future() takes it.
    Raises Closed if there is no application. Any thread; on the GUI thread f runs at once and the future is done.
    """
    future = GuiFuture()
    payload = Payload(f, args, kwargs)
    del f, args, kwargs
    if _gui_queue.on_gui_thread():
        future.set_running_or_notify_cancel()
        _gui_entries.run_for(future, payload)
    else:
        _gui_queue.queue_call(payload, future)
    return future


def post(f: Callable[..., Any], /, *args: Any, **kwargs: Any) -> None:
    """Have f(*args, **kwargs) called on the GUI thread, from its event loop, and forget it.

    What f raises is reported once, through sys.unraisablehook. Raises Closed if there is no application. Any thread.
    """
    payload = Payload(f, args, kwargs)
    del f, args, kwargs
    _gui_queue.queue_call(payload, None)


def post_latest(key: Hashable, f: Callable[..., Any], /, *args: Any, **kwargs: Any) -> None:
    """As post(), but of all calls with this key that wait to be run only the newest is.

    For progress and previews: a million calls cost the GUI thread no more than it has time for. There is never more than
    one call in the queue for a key, and it keeps its place, so that others are not kept waiting either. `key` is any
    hashable, shared by all threads.
    """
    payload = Payload(f, args, kwargs)
    del f, args, kwargs
    _gui_newest.queue_newest(key, payload)


def on_gui_thread(f: F) -> F:
    """Decorate a function or method so that each call of it is a call(): it runs on the GUI thread, and callers wait."""

    @functools.wraps(f)
    def on_gui_thread_call(*args: Any, **kwargs: Any) -> Any:
        if _gui_queue.on_gui_thread():
            return f(*args, **kwargs)
        payload = Payload(f, args, kwargs)
        del args, kwargs
        return _call(payload, None)

    return on_gui_thread_call  # type: ignore[return-value]


def set_patience(seconds: Optional[float]) -> None:
    """Set how long the GUI thread may stay away from its event loop before those who wait for it get Blocked; None (default): for ever.

    It counts while a call is queued and has not begun, and whatever the GUI thread does meanwhile: it may wait for the caller, or
    compute, or be stopped in a debugger. For the whole process. Raises ValueError unless it is more than 0.
    """
    _gui_waiting.set_patience(seconds)


def throttled(seconds: float) -> Callable[[F], F]:
    """Decorate a function so that its calls, from any thread, have it called on the GUI thread once in that time at most.

    At once for the first, then with the newest arguments; the last is never left out. Callers do not wait and get None. Calls of
    all objects count together where it is a method. Raises ValueError; the function, gui.Closed.
    """
    return _gui_pace.decorator(seconds, False)


def debounced(seconds: float) -> Callable[[F], F]:
    """Decorate a function so that it is called on the GUI thread, with the newest arguments, once nobody has called it for that time.

    The rest is as with throttled().
    """
    return _gui_pace.decorator(seconds, True)


def console() -> _gui_output.Console:
    """From now on what threads print() is written by the GUI thread: in batches, in order, nothing lost; nobody waits for it.

    For applications whose sys.stdout and sys.stderr are a console widget: it may be touched by the GUI thread only, and thousands
    of lines a second, one by one, keep it busy. Returns an object with stop(), which is also a context manager. What the GUI
    thread itself prints is written at once, after what came before. Without an application it is written at once, too, and when
    the application quits all is written. A process that crashes loses what was not written yet: at most about 0.1 s unless the
    console is slower than the threads.
    """
    return _gui_output.Console()


def collect_here() -> _gui_garbage.Collector:
    """From now on cycles of references are collected on the GUI thread, from its event loop, so that no widget dies elsewhere.

    It looks about once a second, more often while there is something to do. What CPython would look at often is looked at often;
    all objects at most every 10 s and for at most a fiftieth of the time. Only if the GUI thread does not get to it while a million
    objects are made, the thread that makes the next one collects, as without this. Returns an object with stop(), which is also a
    context manager; it ends by itself when the application quits. gc's thresholds are changed and put back. Raises Closed if there
    is no application. Any thread.
    """
    return _gui_garbage.collect_here()

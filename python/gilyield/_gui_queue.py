# SPDX-License-Identifier: MIT
"""The queue of calls for the GUI thread: how they get there, run, wait, and end.

One posted event (see src/post.c) makes the GUI thread empty the queue, for at most BUDGET_S at a time; then the event loop
gets its turn.

No lock is ever taken by the GUI thread here, nor by the threads that post: a thread that loses the GIL while it holds a
lock would stop the GUI until its next turn. What is shared is a deque and a dict, of which each step used is one that
cannot be cut in two.

References. The payload of a call (function and arguments) is let go of by the GUI thread, right after the run: it may be
the last to hold a widget, which must not die elsewhere. So callers let go of theirs before they queue it, the frames of an
exception that goes to another thread are emptied, and what would die with a replaced call or an unread future is handed to
the GUI thread in `_limbo`.
"""

import atexit
import functools
import itertools
import os
import threading
import time
import traceback
import types
from collections import deque
from concurrent import futures
from typing import Any, Callable, Deque, Dict, Hashable, Iterator, List, Optional, Tuple, Union

from ._gilyield import Error

try:
    from concurrent.futures import thread as _  # noqa: F401  its own hook for the end of Python is to run after ours
except RuntimeError:
    raise Error("Python is ending: gilyield.gui cannot be loaded any more") from None

from . import _gilyield, _gui_watch, _shim

#: How long the GUI thread runs queued calls before its event loop gets a turn, in seconds. One call is never cut.
BUDGET_S = 0.005
#: How often a waiting thread looks at what the GUI thread does, in seconds; the first look is soon.
FIRST_LOOK_S, LOOK_S = 0.05, 0.1
#: The error of the C API that means: no application object.
_NO_APPLICATION = _gilyield.E_NO_APPLICATION

# Types whose instances hold nothing and may die anywhere.
_PLAIN = frozenset((type(None), bool, int, float, complex, str, bytes, bytearray, memoryview))
# Of these, small ones are looked into.
_CONTAINERS = frozenset((tuple, list, dict, set, frozenset))
_FEW = 100
_METHODS: Tuple[type, ...] = (types.MethodType, types.BuiltinMethodType)


class Closed(Error):
    """There is no event loop to run the call: no application object, it is quitting or gone, or Python is ending."""


class Blocked(Error):
    """The GUI thread waits for this thread, or seems to, and so cannot run what this thread waits for."""


class Timeout(Error, futures.TimeoutError):
    """The call was not done in time."""


class Payload:
    """A function and its arguments, until the GUI thread has run it."""

    __slots__ = ("f", "args", "kwargs", "number")

    def __init__(self, f: Optional[Callable[..., Any]], args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> None:
        self.number = 0  # of latest(): a higher one is newer
        self.f: Any = f
        self.args: Any = args
        self.kwargs: Any = kwargs

    def clear(self) -> None:
        self.f = self.args = self.kwargs = None


class GuiFuture(futures.Future):  # type: ignore[type-arg]
    """A concurrent.futures.Future of a call on the GUI thread.

    result() and exception() know the GUI thread: on it they run queued calls while they wait; on other threads they raise
    Blocked when the GUI thread waits for the caller. A call that the application's end has left undone is cancelled.
    """

    def result(self, timeout: Optional[float] = None) -> Any:
        """Return what the call returned or raise what it raised; concurrent.futures.TimeoutError after `timeout` seconds."""
        try:
            wait(self, timeout)
            return super().result(0)
        finally:
            # The exception holds this frame: without a cycle both go at once, and not in some thread's garbage collection.
            del self

    def exception(self, timeout: Optional[float] = None) -> Optional[BaseException]:
        """Return what the call raised, None if it returned; concurrent.futures.TimeoutError after `timeout` seconds."""
        try:
            wait(self, timeout)
            return super().exception(0)
        finally:
            del self

    def __del__(self) -> None:
        if _open and not (_is_harmless(self._result) and self._exception is None) and not on_gui_thread():
            left = [self._result, self._exception]
            self._result = self._exception = None
            _leave_to_gui_thread(left)


class _Call:
    """An entry of the queue: run once, and its future, if it has one, told."""

    __slots__ = ("payload", "future")

    def __init__(self, payload: Payload, future: Optional[GuiFuture]) -> None:
        self.payload = payload
        self.future = future

    def run(self) -> None:
        if self.future is None:
            run_forgotten(self.payload)
        elif self.future.set_running_or_notify_cancel():
            _run_for(self.future, self.payload)
        else:
            self.payload.clear()

    def fail(self, exception: BaseException) -> None:
        """An exception of a signal handler (Ctrl-C) has hit between our own lines: whom it concerns is told."""
        if self.future is not None and not self.future.done():
            self.future.set_exception(exception)
        self.payload.clear()

    def drop(self) -> int:
        """Return how many calls are lost without anybody being told."""
        untold = int(self.future is None)
        if self.future is not None and self.future.cancel():
            self.future.set_running_or_notify_cancel()
        self.payload.clear()
        return untold


class _Newest:
    """An entry of the queue for a key of latest(): its box holds the newest payload, until the GUI thread takes it.

    Threads put theirs into the box and then take out what is older. Whoever has taken a payload out owns it; the newest
    goes back.
    """

    __slots__ = ("key", "box")

    def __init__(self, key: Hashable) -> None:
        self.key = key
        self.box: Deque[Payload] = deque()

    def take(self) -> Optional[Payload]:
        # Off the table first: see queue_newest().
        if _newest.get(self.key) is self:
            del _newest[self.key]
        newest: Optional[Payload] = None
        while True:
            try:
                payload = self.box.popleft()
            except IndexError:
                return newest
            if newest is None or payload.number > newest.number:
                newest, payload = payload, newest or payload
            if payload is not newest:
                payload.clear()

    def fail(self, exception: BaseException) -> None:
        self.take()

    def run(self) -> None:
        payload = self.take()
        if payload is not None:
            run_forgotten(payload)

    def drop(self) -> int:
        payload = self.take()
        if payload is not None:
            payload.clear()
        return 0  # a call that a newer one may replace is not missed


_queue: Deque[Union[_Call, _Newest]] = deque()
_newest: Dict[Hashable, _Newest] = {}
_limbo: Deque[List[object]] = deque()  # lists that the GUI thread is to clear
_bell = threading.Event()
_numbers = itertools.count(1)
_serving = 0  # serve() on the stack; GUI thread only
_turns = 0  # counts the GUI thread's looks at the queue; GUI thread only
_open = False  # the C side is told what to call
_ended = False  # Python is ending


def on_gui_thread() -> bool:
    """Return whether this is the GUI thread; False where there is none."""
    gui = _gilyield.gui_thread()
    if gui == 0 and not _open and not _ended:
        try:
            _shim.attach()
        except Error:
            return False
        gui = _gilyield.gui_thread()
    return gui == threading.get_ident()


# ---- Into the queue: any thread. ----


def _start() -> None:
    global _open
    if _ended:
        raise Closed("Python is ending: nothing can be called on the GUI thread any more")
    _shim.attach()
    if not _gilyield.gui_open(_drain, _drop_at_quit):
        raise Error("gilyield.gui works in Python's main interpreter, and this is a sub-interpreter")
    _open = True


def _wake() -> None:
    error = _gilyield.gui_wake()
    if error == 0:
        return
    sentence = _gilyield.strerror(error)
    raise Closed(sentence) if error == _NO_APPLICATION else Error(sentence)


def _enqueue(entry: Union[_Call, _Newest]) -> None:
    if not _open:
        _start()
    _queue.append(entry)
    try:
        _wake()
    except Error:
        try:
            _queue.remove(entry)
        except ValueError:
            return  # another thread has taken it out: it is run or dropped there, and whom it concerns is told there
        entry.drop()
        raise
    if _ended:
        _drop_all("Python is ending")
    elif _serving:
        _bell.set()


def queue_call(payload: Payload, future: Optional[GuiFuture]) -> None:
    """Have it run on the GUI thread after what this thread queued before. Raise Closed or Error if there is none."""
    _enqueue(_Call(payload, future))


def queue_newest(key: Hashable, payload: Payload) -> None:
    """Queue it in place of what is queued for the key; without that, at the end. Raises as queue_call()."""
    payload.number = next(_numbers)
    while True:
        entry = _newest.get(key)
        fresh = entry is None
        if entry is None:
            made = _Newest(key)
            entry = _newest.setdefault(key, made)
            fresh = entry is made
        entry.box.append(payload)
        if len(entry.box) > 1:
            _take_older(entry.box, payload)
        if fresh:
            _enqueue(entry)
        if _newest.get(key) is entry:
            return
        # The GUI thread has taken the entry away. If it came before the payload did, that goes into a new entry.
        try:
            payload = entry.box.pop()
        except IndexError:
            return


def _take_older(box: Deque[Payload], payload: Payload) -> None:
    while len(box) > 1:
        try:
            taken = box.popleft()
        except IndexError:
            return
        if taken.number >= payload.number:
            box.append(taken)
            return
        let_go_of_payload(taken)


def forget_newest(key: Hashable) -> None:
    """Drop what is queued for the key. GUI thread."""
    entry = _newest.get(key)
    if entry is not None:
        entry.drop()


# ---- References. ----


def _held(payload: Payload) -> Iterator[object]:
    """Yield what a payload holds: the arguments, the object of a bound method, what a function has closed over."""
    f: Any = payload.f
    args, kwargs = payload.args, payload.kwargs
    while True:
        yield from args or ()
        yield from (kwargs or {}).values()
        if not isinstance(f, functools.partial):
            break
        f, args, kwargs = f.func, f.args, f.keywords
    if isinstance(f, _METHODS):
        yield getattr(f, "__self__")  # noqa: B009  no type checker knows that these have one
    elif isinstance(f, types.FunctionType):
        yield from f.__defaults__ or ()
        yield from (f.__kwdefaults__ or {}).values()
        for cell in f.__closure__ or ():
            try:
                yield cell.cell_contents
            except ValueError:
                pass  # an empty cell
    else:
        yield f


def let_go_of_payload(payload: Payload) -> None:
    """Let go of a payload that nobody else has; what would die by that is left to the GUI thread."""
    if type(payload.f) in _METHODS and not payload.kwargs and _PLAIN.issuperset(map(type, payload.args)):
        things = [payload.f.__self__]  # the usual case, without the generators
    else:
        things = [thing for thing in _held(payload) if not _is_harmless(thing)]
    payload.clear()
    let_go_of(things)


def let_go_of(things: List[Any]) -> None:
    """Empty the list; what nobody else has is left to the GUI thread. The caller has no other references."""
    _gilyield.drop_shared(things)
    if things:
        _leave_to_gui_thread(things)


def _is_harmless(thing: Any, depth: int = 3) -> bool:
    # Arrays and the like are large, hold no widgets, and must not pile up; nor must what progress is often reported with.
    kind = type(thing)
    if kind in _PLAIN or hasattr(kind, "__array_interface__"):
        return True
    if depth == 0 or kind not in _CONTAINERS or len(thing) > _FEW:
        return False
    parts = [*thing, *thing.values()] if kind is dict else list(thing)
    return all(_is_harmless(part, depth - 1) for part in parts)


def _leave_to_gui_thread(things: List[object]) -> None:
    """Let the GUI thread clear the list, and so have the last reference to what it holds, whoever holds the list itself."""
    _limbo.append(things)
    if _gilyield.gui_wake() != 0:
        _limbo.clear()


def _empty_frames(exception: BaseException) -> None:
    """Let go of the local variables that a finished call's exception holds; lines and names stay."""
    seen = set()
    pending = [exception]
    while pending:
        current = pending.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        traceback.clear_frames(current.__traceback__)
        pending += [chained for chained in (current.__cause__, current.__context__) if chained is not None]


# ---- Out of the queue: GUI thread. ----


def run_forgotten(payload: Payload) -> None:
    """Run a call nobody waits for; what it raises goes to sys.unraisablehook."""
    try:
        payload.f(*payload.args, **payload.kwargs)
    except BaseException as exception:
        _gilyield.unraisable(_without_our_frame(exception), payload.f)
    finally:
        payload.clear()


def _run_for(future: GuiFuture, payload: Payload) -> None:
    try:
        result = payload.f(*payload.args, **payload.kwargs)
    except BaseException as exception:
        payload.clear()
        _empty_frames(_without_our_frame(exception))
        future.set_exception(exception)
    else:
        payload.clear()
        future.set_result(result)


def _without_our_frame(exception: BaseException) -> BaseException:
    return exception.with_traceback(exception.__traceback__ and exception.__traceback__.tb_next)


def _run_queued(budget_s: float) -> None:
    global _turns
    _turns += 1
    deadline = time.monotonic() + budget_s
    while _queue:
        try:
            entry = _queue[0]
        except IndexError:
            break  # its own thread took it back
        try:
            # Not popleft(): where a signal handler's exception hits, the entry is in the queue or in a variable.
            _queue.remove(entry)
        except ValueError:
            continue  # the same
        except BaseException as exception:
            entry.fail(exception)
            raise
        try:
            if _queue:
                _gilyield.gui_wake()  # this call may run an event loop, and the others need not wait for its end
            entry.run()
        except BaseException as exception:
            entry.fail(exception)
            raise
        del entry
        if time.monotonic() >= deadline:
            break
    _empty_limbo(deadline)


def _empty_limbo(deadline: float) -> None:
    # One at least: others may fill it as fast.
    while _limbo:
        _limbo.popleft().clear()
        if time.monotonic() >= deadline:
            break


def _drain() -> None:
    """What the posted event calls."""
    _run_queued(BUDGET_S)
    if _queue or _limbo:
        _gilyield.gui_wake()


def serve(done: Callable[[], bool], timeout: Optional[float]) -> bool:
    """Run queued calls on the GUI thread until done(); return False after `timeout` seconds. No event of Qt is processed."""
    global _serving, _turns
    deadline = None if timeout is None else time.monotonic() + timeout
    _serving += 1
    try:
        while not done():
            _bell.clear()
            _run_queued(LOOK_S)
            if done():
                break
            left = LOOK_S if deadline is None else deadline - time.monotonic()
            if left <= 0:
                return False
            if not _queue:
                _bell.wait(min(left, LOOK_S))
        return True
    finally:
        _serving -= 1


# ---- The end. ----


def name_of(f: Any) -> str:
    """Return a name of a function for people; no code of its objects is run for it."""
    while isinstance(f, functools.partial):
        f = f.func
    return getattr(f, "__qualname__", None) or type(f).__qualname__


def _drop_all(why: str) -> None:
    untold = 0
    first = None
    while _queue:
        try:
            entry = _queue.popleft()
        except IndexError:
            break
        name = "" if first or not isinstance(entry, _Call) else name_of(entry.payload.f)
        lost = entry.drop()
        first = first or (lost and name)
        untold += lost
        del entry
    _limbo.clear()
    if untold:
        message = f"{why}: {untold} posted calls were not run; the first was {first}"
        _gilyield.unraisable(Closed(message), _drop_all.__module__)


def _drop_at_quit() -> None:
    """The application is about to quit, or gone. GUI thread."""
    _drop_all("the application quits")


def end() -> None:
    """Python is ending: from now on nothing is accepted, and all who wait are told. Any thread, any number of times."""
    global _ended, _open
    _ended = True
    if _open:
        _open = False
        _gilyield.gui_close()
    _drop_all("Python is ending")


def _after_fork() -> None:
    """In a child process there is no GUI thread, and what was queued is the parent's."""
    global _open
    _queue.clear()
    _newest.clear()
    _limbo.clear()
    if _open:
        _open = False
        _gilyield.gui_close()


def at_python_end(function: Callable[[], object]) -> None:
    """Have it called before Python waits for its threads; in 3.8 after that."""
    try:
        threading._register_atexit(function)  # type: ignore[attr-defined]
    except AttributeError:
        atexit.register(function)
    except RuntimeError:
        function()  # Python is ending


# Some of the threads that Python waits for at its end may wait for the GUI thread. In 3.8 they find out themselves, see
# wait().
at_python_end(end)
atexit.register(end)
os.register_at_fork(after_in_child=_after_fork)


# ---- Waiting: any thread. ----

# Python 3.8 tells us nothing before it waits for its threads. Only if its "main thread", the one that imported `threading`, is
# the process's.
_LATE_END = not hasattr(threading, "_register_atexit") and threading.main_thread().native_id == os.getpid()

_patience_s: Optional[float] = 5.0


def set_patience(seconds: Optional[float]) -> None:
    """See gui.set_patience()."""
    global _patience_s
    if seconds is not None and not seconds > 0:
        raise ValueError(f"seconds is {seconds!r}; more than 0 or None is accepted")
    _patience_s = seconds


def wait(future: "futures.Future[Any]", timeout: Optional[float]) -> None:
    """Return when the future is done. Raise concurrent.futures.TimeoutError, or Blocked; the GIL is free meanwhile.

    On the GUI thread it runs queued calls while it waits.
    """
    if future.done():
        return
    if on_gui_thread():
        if not serve(future.done, timeout):
            raise futures.TimeoutError()
        return
    deadline = None if timeout is None else time.monotonic() + timeout
    watch = _gui_watch.Watch()
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
            end()
        gui = _gilyield.gui_thread() or threading.main_thread().ident
        reason = watch.look(gui or 0, _turns, _patience_s, let_go_of)
        if reason and not future.done():
            raise Blocked(reason)

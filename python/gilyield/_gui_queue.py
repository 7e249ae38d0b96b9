# SPDX-License-Identifier: MIT
"""The queue of entries for the GUI thread: how they get in, when they run, and what becomes of them at the end.

One posted event (see src/post.c) makes the GUI thread empty the queue, for at most BUDGET_S at a time and not more than was
queued when it began; then the event loop gets its turn.

**Calls that run an event loop.** A queued call may pump events (QProgressDialog.setValue(), processEvents()), and then the event
arrives inside it. As long as it is in the event loop in which it began, nothing is run: the entries stay where they are, and
another event is asked for a little later. They go on in a loop of its own, which QEventLoop.exec() begins (dialogs, menus), and
in one that is no QEventLoop.exec() but has been pumped for PUMP_S without a pause (`while not done: processEvents()`), as what
it waits for may be in the queue. Never more than MAX_DEPTH calls one inside the other, and never close to the recursion limit.

**Locks.** Neither the queue nor the threads that post take one: what is shared is a deque, and a dict in _gui_newest.py, of which
each step used is one that cannot be cut in two. A thread that lost the GIL while it held a lock would stop the GUI until its next turn. A
call whose result is waited for has the lock of its future, which nobody holds for longer than it takes to look at it.
"""

import atexit
import heapq
import itertools
import os
import sys
import threading
import time
from collections import deque
from typing import Any, Callable, Deque, List, Optional, Tuple

from ._gilyield import Error

try:
    from concurrent.futures import thread as _  # noqa: F401  its own hook for the end of Python is to run after ours
except RuntimeError:
    raise Error("Python is ending: gilyield.gui cannot be loaded any more") from None

from . import _gilyield, _gui_references, _shim
from ._gui_entries import Call, Entry
from ._gui_errors import Blocked, Closed
from ._gui_references import Payload

#: How long the GUI thread runs queued calls before its event loop gets a turn, in seconds. One call is never cut.
BUDGET_S = 0.005
#: The same where the GUI thread waits for one of them and runs no event loop.
SERVE_S = 0.1
#: At most so many queued calls one inside the other.
MAX_DEPTH = 16
#: A call that has pumped events for that long, never pausing longer than PAUSE_S, waits for something. Seconds.
PUMP_S, PAUSE_S = 1.0, 0.25
#: When the GUI thread looks again at what it cannot run now, in seconds.
AGAIN_S = 0.05
#: Nothing is run unless so many Python calls more fit on the stack.
ROOM = 100


class _Running:
    """Queued calls that the GUI thread runs now, one after the other: what decides whether another may interrupt them."""

    __slots__ = ("nesting", "level", "pumping_since", "pumped_at")

    def __init__(self, nesting: int) -> None:
        self.nesting = nesting  # of our events, as the C side counts them
        self.level = _gilyield.gui_loop_level()
        self.pumping_since = self.pumped_at = 0.0

    def may_be_interrupted(self) -> bool:
        """The call has run an event loop in which our event has arrived: is that a loop in which it stays?"""
        if _gilyield.gui_loop_level() > self.level:
            return True
        now = time.monotonic()
        if now - self.pumped_at > PAUSE_S:
            self.pumping_since = now
        self.pumped_at = now
        return now - self.pumping_since >= PUMP_S


_queue: Deque[Entry] = deque()
_numbers = itertools.count(1)
_bell = threading.Event()
# GUI thread only.
_running: List[_Running] = []  # innermost last
_timers: List[Tuple[float, int, Entry]] = []  # a heap: when, in time.monotonic()
_ring_at = float("inf")  # the event that ring_in() has asked for
_turns = 0  # counts the GUI thread's looks at the queue in which it could run calls
_serving = 0  # serve() on the stack

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


def turns() -> int:
    """Return a number that changes whenever the GUI thread gets to its queue. Any thread."""
    return _turns


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
    raise Closed(sentence) if error == _gilyield.E_NO_APPLICATION else Error(sentence)


def enqueue(entry: Entry) -> None:
    """Have it run on the GUI thread after what this thread queued before. Raise Closed or Error if there is none."""
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


def queue_call(payload: Payload, future: Any) -> None:
    """enqueue() a call; `future`, a GuiFuture or None, gets its result."""
    enqueue(Call(payload, future))


# ---- Later: GUI thread. ----


def queue_in(seconds: float, entry: Entry) -> None:
    """enqueue() it after that time. GUI thread, with an application: that is, from an entry's run()."""
    heapq.heappush(_timers, (time.monotonic() + seconds, next(_numbers), entry))
    _ring_in(seconds)


def _ring_in(seconds: float) -> None:
    global _ring_at
    at = time.monotonic() + seconds
    if at < _ring_at:
        _ring_at = at
        _gilyield.gui_wake_in(max(1, round(1000 * seconds)))


def _queue_what_is_due() -> None:
    global _ring_at
    now = time.monotonic()
    _ring_at = float("inf")  # this event may be the one, and be a little early; if not, it is asked for again
    while _timers and _timers[0][0] <= now:
        _queue.append(heapq.heappop(_timers)[2])
    if _timers:
        _ring_in(_timers[0][0] - now)


# ---- Out of the queue: GUI thread. ----


def _run_queued(nesting: int, budget_s: float, done: Optional[Callable[[], bool]] = None) -> None:
    """Run what is queued now, until done() or the budget is used up."""
    global _turns
    _turns += 1
    deadline = time.monotonic() + budget_s
    height = len(_running)
    try:
        here = _Running(nesting)
        _running.append(here)
        for _ in range(len(_queue)):
            try:
                entry = _queue[0]
            except IndexError:
                break  # its own thread took it back
            try:
                try:
                    # Not popleft(): where a signal handler's exception hits, the entry is in the queue or in a variable.
                    _queue.remove(entry)
                except ValueError:
                    continue  # its own thread took it back
                if _queue:
                    _gilyield.gui_wake()  # this call may run an event loop, and the others need not wait for its end
                entry.run()
            except BaseException as exception:
                rest = entry if entry in _queue else entry.fail(exception)
                if rest is not None and rest not in _queue:
                    _queue.appendleft(rest)
                raise
            del entry
            here.pumping_since = here.pumped_at = 0.0
            if time.monotonic() >= deadline or (done is not None and done()):
                break
    finally:
        del _running[height:]
    _gui_references.empty_limbo(deadline)


def _has_room() -> bool:
    """Return whether enough Python calls fit on this thread's stack.

    By the number of frames: CPython 3.8 and 3.9 end the process if somebody tries how far it is to the recursion limit, twice.
    """
    limit = sys.getrecursionlimit()
    try:
        sys._getframe(limit - min(ROOM, limit // 2))
    except ValueError:
        return True
    return False


def _can_run() -> bool:
    return len(_running) < MAX_DEPTH and _has_room()


def _drain(nesting: int) -> None:
    """What the posted event calls. nesting: how many of these events are being handled one inside the other, from 1 on."""
    while _running and _running[-1].nesting >= nesting:
        _running.pop()  # a signal handler's exception has kept it from leaving
    _queue_what_is_due()
    if not _queue and not _gui_references.something_is_left():
        return
    if not _can_run() or (_running and not _running[-1].may_be_interrupted()):
        _ring_in(AGAIN_S)
        return
    _run_queued(nesting, BUDGET_S)
    if _queue or _gui_references.something_is_left():
        _gilyield.gui_wake()


def serve(done: Callable[[], bool], timeout: Optional[float]) -> bool:
    """Run queued calls until done(); return False after `timeout` seconds. No event of Qt is processed. GUI thread.

    Raises Blocked if what it waits for cannot come, as too many calls wait for others inside one another.
    """
    global _serving
    nesting = _running[-1].nesting if _running else 0
    deadline = None if timeout is None else time.monotonic() + timeout
    stuck_at = None
    _serving += 1
    try:
        while not done():
            _bell.clear()
            if _can_run():
                _queue_what_is_due()
                _run_queued(nesting, SERVE_S, done)
            elif _queue:
                stuck_at = stuck_at or time.monotonic() + PUMP_S
                if time.monotonic() >= stuck_at:
                    raise Blocked(f"the GUI thread waits for a queued call inside {len(_running)} others, and runs no more of them")
            if done():
                break
            left = SERVE_S if deadline is None else deadline - time.monotonic()
            if left <= 0:
                return False
            if not _queue or stuck_at is not None:
                _bell.wait(min(left, SERVE_S))
        return True
    finally:
        _serving -= 1


def wake_server() -> None:
    """What the GUI thread waits for in serve() may have come. Any thread."""
    if _serving:
        _bell.set()


# ---- The end. ----


def _drop_all(why: str) -> None:
    untold = []
    while _queue or _timers:
        try:
            entry = _queue.popleft() if _queue else _timers.pop()[2]
        except IndexError:
            break
        name = entry.drop()
        if name:
            untold.append(name)
        del entry
    _gui_references.forget_limbo()
    if untold:
        message = f"{why}: {len(untold)} posted calls were not run; the first was {untold[0]}"
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


def is_open() -> bool:
    """Return whether anything was queued so far, and Python is not ending."""
    return _open


def _after_fork() -> None:
    """In a child process there is no GUI thread, and what was queued is the parent's."""
    global _open
    _queue.clear()
    _timers.clear()
    _running.clear()
    _gui_references.forget_limbo()
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


# Whoever is to refuse calls after aboutToQuit has to have seen it come.
_shim.attach_if_sure()
# Some of the threads that Python waits for at its end may wait for the GUI thread. In 3.8 they find out themselves, see
# _gui_waiting.wait().
at_python_end(end)
atexit.register(end)
if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_after_fork)

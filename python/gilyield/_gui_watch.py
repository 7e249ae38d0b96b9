# SPDX-License-Identifier: MIT
"""Is the GUI thread waiting for the thread that waits for it?

Two answers. *Certain*: the GUI thread is in Thread.join() of this thread, or in result() of a future that this thread
computes, directly or by way of other threads that wait for each other like that, without a timeout. That can be read in
the frames of the threads, and it can only end by an exception here. *Likely*: it has been asleep in a lock at one and the
same Python instruction for longer than the patience. Who would release a lock (an Event, a Queue, a Condition) cannot be
known in Python, so here time has to decide.

Event loops are not mistaken for that: they sleep in poll(), not in a lock. Nor are one long time.sleep() and reading; short
sleeps one after the other at the same place are a look for something, and count. A thread that computes is asleep in a
lock, the GIL's, whenever another one looks; but in between it uses the processor.
"""

import concurrent.futures.thread
import os
import platform
import selectors
import sys
import threading
import time
from concurrent.futures import Future
from types import CodeType, FrameType
from typing import Any, Callable, Dict, List, Optional, Tuple, Union

_JOIN: CodeType = threading.Thread.join.__code__
_RESULTS = (Future.result.__code__, Future.exception.__code__)
_RUN: CodeType = concurrent.futures.thread._WorkItem.run.__code__
# Frames of these files between a wait and the code that asked for it are the wait's own.
_WAITING_FILES = {_JOIN.co_filename, _RESULTS[0].co_filename}
# In these Python polls, asyncio for one; no event loop of Qt.
_POLLING_FILES = {selectors.__file__}

# Of the system call futex, in which locks sleep.
_FUTEX = {"x86_64": "202", "aarch64": "98"}.get(platform.machine())
# Those in which time.sleep() sleeps: clock_nanosleep; up to Python 3.10 select or pselect6 of no file at all.
_SLEEPS = {"x86_64": (("230",), ("23", "0x0"), ("270", "0x0")), "aarch64": (("115",), ("72", "0x0"))}.get(platform.machine(), ())
#: A thread that has slept that often at one place within the patience polls there for something; one long sleep is none.
_POLLS = 10

#: The share of a processor that a thread which waits in a lock uses at most, be it in a loop of waits with a timeout. One that
#: computes beside 16 others gets three times as much.
_IDLE_SHARE = 0.02

Frames = Dict[int, FrameType]


def _target(frame: Optional[FrameType]) -> Union[None, threading.Thread, "Future[Any]"]:
    """Return the thread or future that the thread with this innermost frame waits for without a timeout."""
    while frame is not None and frame.f_code.co_filename in _WAITING_FILES:
        if (frame.f_code is _JOIN or frame.f_code in _RESULTS) and frame.f_locals.get("timeout") is None:
            return frame.f_locals.get("self")
        frame = frame.f_back
    return None


def _runner(future: "Future[Any]", frames: Frames) -> Optional[int]:
    """Return the thread in which a ThreadPoolExecutor computes the future."""
    for ident, innermost in frames.items():
        frame: Optional[FrameType] = innermost
        while frame is not None:
            if frame.f_code is _RUN and getattr(frame.f_locals.get("self"), "future", None) is future:
                return ident
            frame = frame.f_back
    return None


def _follow(start: int, me: int, frames: Frames) -> int:
    """Follow who waits for whom; return the last thread, which is `me` if the circle is closed."""
    seen = set()
    current = start
    while current not in seen:
        seen.add(current)
        target = _target(frames.get(current))
        if isinstance(target, threading.Thread):
            following = target.ident
        else:
            following = _runner(target, frames) if target else None
        if following is None or following == me:
            return current if following is None else me
        current = following
    return current


def _read(path: str) -> str:
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""


def _task(ident: int) -> str:
    """Return where the kernel tells about the thread."""
    thread = threading._active.get(ident)  # type: ignore[attr-defined]
    return f"/proc/self/task/{getattr(thread, 'native_id', None)}/"


def _processor_time(ident: int) -> float:
    """Return how long the thread has run on a processor, in seconds; 0.0 where the kernel does not say."""
    words = _read(_task(ident) + "schedstat").split()
    if words:
        return int(words[0]) / 1e9
    # In "pid (name) state ...", where the name may hold anything, user and system time are fields 14 and 15.
    fields = _read(_task(ident) + "stat").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if len(fields) > 12 else 0.0


def _sleeps(ident: int) -> int:
    """Return how often the thread has gone to sleep; 0 where the kernel does not say."""
    for line in _read(_task(ident) + "status").splitlines():
        if line.startswith("voluntary_ctxt_switches:"):
            return int(line.split()[1])
    return 0


def _rest(ident: int, frame: FrameType) -> str:
    """Return "lock", "sleep", "running" or "": what the thread is in, as the kernel says; where it does not say, as the frame suggests."""
    if frame.f_code.co_filename in _POLLING_FILES:
        return "lock"
    task = _task(ident)
    call = _read(task + "syscall").split()
    if _FUTEX and call:
        if call[0] == _FUTEX:
            return "lock"
        return call[0] if call[0] == "running" else "sleep" if any(call[: len(s)] == [*s] for s in _SLEEPS) else ""
    channel = _read(task + "wchan")
    if channel not in ("", "0"):
        return "lock" if "futex" in channel else ""
    return "lock" if frame.f_code.co_filename in _WAITING_FILES else ""


def _user(frame: FrameType) -> FrameType:
    """Return the frame of the program from which a thread waits: it stays while the wait's own come and go."""
    user: Optional[FrameType] = frame
    while user is not None and user.f_code.co_filename in _WAITING_FILES:
        user = user.f_back
    return user or frame


def _place(frame: FrameType) -> str:
    """Return the line of the program from which a thread waits."""
    user = _user(frame)
    return f"{os.path.basename(user.f_code.co_filename)}:{user.f_lineno} (in {user.f_code.co_name})"


class Watch:
    """What one waiting thread has seen of the GUI thread. Used by that thread only."""

    def __init__(self) -> None:
        self._seen: Optional[Tuple[int, ...]] = None
        self._since = self._ran = 0.0
        self._slept = 0

    def look(self, gui: int, turns: int, patience_s: Optional[float], let_go_of: Callable[[List[Any]], object]) -> str:
        """Return a sentence if the GUI thread waits for the calling thread, else "".

        gui: ident of the GUI thread. turns: a number that changes whenever the GUI thread serves calls. patience_s: seconds
        after which a likely wait counts; None: never. let_go_of: gets what must not die on this thread.
        """
        frames = sys._current_frames()
        try:
            return self._judge(frames, gui, turns, patience_s) if gui in frames else ""
        finally:
            # The GUI thread's may have returned meanwhile, and its variables are that thread's; others' may hold it, as this one
            # does. This function's own is in there, too: a cycle that would keep the variables of all threads.
            things: List[Any] = list(frames.values())
            frames.clear()
            let_go_of(things)

    def _judge(self, frames: Frames, gui: int, turns: int, patience_s: Optional[float]) -> str:
        frame = frames[gui]
        me = threading.get_ident()
        last = _follow(gui, me, frames)
        if last == me:
            return (
                f"the GUI thread waits at {_place(frame)} for this thread ({threading.current_thread().name}) to finish, "
                "so it cannot run the call"
            )
        end = frames[last] if last in frames else frame
        mine, its = _user(frame), _user(end)
        seen = (last, turns, id(mine), mine.f_lasti, id(its), its.f_lasti)
        rest = _rest(last, end)
        if rest in ("", "running"):
            # Between two waits of a loop it is seen running, too; one that computes shows by its processor time.
            if not rest:
                self._seen = None
            return ""
        now, ran = time.monotonic(), _processor_time(last)
        asleep = now - self._since
        if seen != self._seen or ran - self._ran > _IDLE_SHARE * asleep:
            self._seen, self._since, self._ran, self._slept = seen, now, ran, _sleeps(last)
        elif patience_s is not None and asleep >= patience_s and (rest == "lock" or _sleeps(last) - self._slept >= _POLLS):
            return (
                f"the GUI thread has been waiting at {_place(frame)} for {asleep:.1f} s without running "
                "its event loop, perhaps for this thread, so it cannot run the call"
            )
        return ""

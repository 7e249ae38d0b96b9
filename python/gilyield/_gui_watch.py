# SPDX-License-Identifier: MIT
"""Does the GUI thread wait for the thread that waits for it? Certain answers only.

They are read in the frames of the threads: the GUI thread is in Thread.join() of this thread, in result() of a future that this
thread computes, in concurrent.futures.wait() for such futures, or acquires an RLock that this thread has; directly, or by way
of other threads that wait for each other like that, and without a timeout. That can only end by an exception here.

Who will set an Event, fill a Queue, release a Lock or write to a socket is known to nobody; those waits are found by no look, only
by the time they take.
"""

import concurrent.futures.thread
import dis
import os
import re
import sys
import threading
from concurrent import futures
from types import CodeType, FrameType
from typing import Any, Callable, Dict, Iterator, List, Optional, Set, Tuple

from . import _gilyield

_JOIN: CodeType = threading.Thread.join.__code__
_RESULTS = (futures.Future.result.__code__, futures.Future.exception.__code__)
_WAIT: CodeType = futures.wait.__code__
_AS_COMPLETED: CodeType = futures.as_completed.__code__
_RUN: CodeType = concurrent.futures.thread._WorkItem.run.__code__
# Frames of these files between a wait and the code that asked for it are the wait's own.
_WAITING_FILES = {_JOIN.co_filename, _RESULTS[0].co_filename}
_RLOCK = type(threading.RLock())

#: The process that has loaded this module; its main thread has the same number.
PROCESS = os.getpid()

Frames = Dict[int, FrameType]


# ---- What one thread waits for. ----


def _targets(frame: Optional[FrameType], frames: Frames) -> List[int]:
    """Return the threads for all of which the thread with this innermost frame waits, without a timeout. Empty: not known."""
    owner = _owner_of_lock(frame)
    if owner:
        return [owner]
    while frame is not None and frame.f_code.co_filename in _WAITING_FILES:
        found = frame.f_locals
        if found.get("timeout") is None:
            me = found.get("self")
            if frame.f_code is _JOIN:
                return [me.ident] if me is not None and me.ident else []
            if frame.f_code in _RESULTS:
                return _runners([me], frames)
            if frame.f_code in (_WAIT, _AS_COMPLETED):
                pending = [future for future in list(found.get("fs") or ()) if not future.done()]
                if found.get("return_when") == futures.ALL_COMPLETED:
                    # All are waited for, so this thread's alone will do.
                    mine = [future for future in pending if _runner(future, frames) == threading.get_ident()]
                    pending = mine or pending
                return _runners(pending, frames)
        frame = frame.f_back
    return []


def _runners(pending: List[Any], frames: Frames) -> List[int]:
    """Return the threads that compute these futures; empty unless there is one for each."""
    runners = [_runner(future, frames) for future in pending]
    return [runner for runner in runners if runner] if all(runners) else []


def _runner(future: Any, frames: Frames) -> int:
    """Return the thread in which a job, or a ThreadPoolExecutor, computes the future; 0: not known."""
    runner: int = getattr(future, "runner", 0)
    if runner:
        return runner
    for ident, innermost in frames.items():
        frame: Optional[FrameType] = innermost
        while frame is not None:
            if frame.f_code is _RUN and getattr(frame.f_locals.get("self"), "future", None) is future:
                return ident
            frame = frame.f_back
    return 0


# ---- Locks. ----

# What compilers of CPython 3.8 to 3.14 make of them. From 3.14 on `with` is a CALL after LOAD_SPECIAL.
_NO_OPERATIONS = {"CACHE", "PRECALL", "RESUME", "NOP", "EXTENDED_ARG", "PUSH_NULL"}
_ENTER = {"SETUP_WITH", "BEFORE_WITH"}
_BETWEEN = {"COPY", "SWAP", "LOAD_SPECIAL"}
_CALL = {"CALL_METHOD", "CALL_FUNCTION", "CALL"}
_OWNER = re.compile(r"<locked .*RLock object owner=(\d+) ")


def _owner_of_lock(frame: Optional[FrameType]) -> int:
    """Return the thread that has the RLock which this frame acquires without a timeout; 0: it does not, or that is not known."""
    if frame is None or frame.f_lasti < 0:
        return 0
    try:
        lock = _lock_acquired(frame)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return 0
    match = _OWNER.match(repr(lock)) if type(lock) is _RLOCK else None
    return int(match.group(1)) if match else 0


def _lock_acquired(frame: FrameType) -> Any:
    """Return the object of `with x.y:`, `x.y.acquire()` or `x.y.__enter__()` if that is the instruction the frame is in."""
    before: List[Any] = []
    for instruction in dis.get_instructions(frame.f_code):
        if instruction.offset > frame.f_lasti:
            break
        if instruction.opname not in _NO_OPERATIONS:
            before.append(instruction)
    now = before.pop()
    if now.opname in _ENTER or (now.opname == "CALL" and before[-1].opname == "LOAD_SPECIAL"):
        while before[-1].opname in _BETWEEN:
            before.pop()
    elif now.opname not in _CALL or now.arg != 0 or before.pop().argval not in ("acquire", "__enter__"):
        return None
    names = []
    while before[-1].opname == "LOAD_ATTR":
        names.append(before.pop().argval)
    value = _variable(frame, before[-1])
    for name in reversed(names):
        # Of the object itself: no code of its class is run for it.
        value = vars(value)[name]
    return value


def _variable(frame: FrameType, instruction: Any) -> Any:
    name, operation = instruction.argval, instruction.opname
    if isinstance(name, tuple):
        name = name[-1]
    if operation.startswith(("LOAD_FAST", "LOAD_DEREF", "LOAD_CLOSURE", "LOAD_NAME")):
        found = frame.f_locals
        return found[name] if name in found else frame.f_globals[name]
    if operation == "LOAD_GLOBAL":
        return frame.f_globals[name]
    raise KeyError(name)


# ---- From the GUI thread to the caller. ----


def _ends_at(start: int, me: int, frames: Frames) -> bool:
    """Follow who waits for whom: does each way from `start` end at the thread `me`, or at one that waits for the GUI thread?"""
    seen: Set[int] = set()
    pending = [start]
    while pending:
        current = pending.pop()
        if current in seen:
            continue
        seen.add(current)
        targets = _targets(frames.get(current), frames)
        if not targets:
            return False
        pending += [target for target in targets if target != me and not (len(targets) > 1 and _waits_for_gui(frames.get(target)))]
    return True


def _waits_for_gui(frame: Optional[FrameType]) -> bool:
    while frame is not None:
        if frame.f_code.co_filename == _WAITING_MODULE and frame.f_code.co_name == "wait":
            return True
        frame = frame.f_back
    return False


_WAITING_MODULE = os.path.join(os.path.dirname(__file__), "_gui_waiting.py")


_LIBRARY = os.path.join(os.path.dirname(threading.__file__), "")


def _is_of_python(file: str) -> bool:
    """Return whether it is a file of Python's own library, below which the packages of others are, too."""
    return file.startswith("<frozen ") or (file.startswith(_LIBRARY) and "-packages" not in file)


def _place(frame: Optional[FrameType]) -> str:
    """Return the line of the program from which a thread waits: not the one in queue.py or subprocess.py."""
    while frame is not None and frame.f_back is not None and _is_of_python(frame.f_code.co_filename):
        frame = frame.f_back
    if frame is None:
        return "no Python code"
    return f"{os.path.basename(frame.f_code.co_filename)}:{frame.f_lineno} (in {frame.f_code.co_name})"


def _look(judge: Callable[[Frames], str], let_go_of: Callable[[List[Any]], object]) -> str:
    frames = _gilyield.current_frames()
    try:
        return judge(frames)
    finally:
        # The GUI thread's may have returned meanwhile, and its variables are that thread's; others' may hold it, as this one does.
        # This function's own is in there, too: a cycle that would keep the variables of all threads.
        things: List[Any] = list(frames.values())
        frames.clear()
        let_go_of(things)


def waits_for_caller(gui: int, let_go_of: Callable[[List[Any]], object]) -> str:
    """Return a sentence if the GUI thread is certain to wait for the calling thread, else "".

    gui: ident of the GUI thread. let_go_of: gets what must not die on this thread.
    """
    me = threading.get_ident()

    def judge(frames: Frames) -> str:
        if gui not in frames or not _ends_at(gui, me, frames):
            return ""
        return (
            f"the GUI thread waits at {_place(frames[gui])} for this thread ({threading.current_thread().name}), "
            "so it cannot run the call"
        )

    return _look(judge, let_go_of)


def place_of(ident: int, let_go_of: Callable[[List[Any]], object]) -> str:
    """Return where the thread is in its Python code."""
    return _look(lambda frames: _place(frames.get(ident)), let_go_of)


# ---- asyncio: the GUI thread waits for a task, in run_coroutine_threadsafe().result(), and the task waits for a call. ----


def _destinations(future: Any) -> Iterator[Any]:
    """Yield the futures that asyncio and concurrent.futures have chained to this one."""
    for entry in [*(getattr(future, "_done_callbacks", None) or ()), *(getattr(future, "_callbacks", None) or ())]:
        callback = entry[0] if isinstance(entry, tuple) else entry
        names = getattr(getattr(callback, "__code__", None), "co_freevars", ())
        for name, cell in zip(names, getattr(callback, "__closure__", None) or ()):
            if name == "destination":
                yield cell.cell_contents


def _waits_for(task: Any, wanted: List[Any]) -> bool:
    """Does this task, or future, of asyncio wait for one of these, directly or by way of others?"""
    seen: List[Any] = []
    pending = [task]
    while pending:
        current = pending.pop()
        if any(current is other for other in wanted):
            return True
        if current is None or any(current is other for other in seen):
            continue
        seen.append(current)
        pending.append(getattr(current, "_fut_waiter", None))
        pending += getattr(current, "_children", None) or ()
    return False


def _awaited(frame: Optional[FrameType]) -> Tuple[Any, ...]:
    """Return the future in whose result() the thread waits without a timeout."""
    while frame is not None and frame.f_code.co_filename in _WAITING_FILES:
        if frame.f_code in _RESULTS and frame.f_locals.get("timeout") is None:
            return (frame.f_locals.get("self"),)
        frame = frame.f_back
    return ()


def waits_for_task(gui: int, call: Any, loop: Any, let_go_of: Callable[[List[Any]], object]) -> str:
    """Return a sentence if the GUI thread waits for a task of this asyncio loop, which waits for this call, else "".

    Called in the thread of the loop. call: the future of a call for the GUI thread.
    """
    asyncio = sys.modules["asyncio"]

    def judge(frames: Frames) -> str:
        awaited = _awaited(frames.get(gui))
        wanted = list(_destinations(call))
        for task in asyncio.all_tasks(loop) if awaited else ():
            if any(end is awaited[0] for end in _destinations(task)) and _waits_for(task, wanted):
                return f"the GUI thread waits at {_place(frames[gui])} for this asyncio task, so it cannot run the call"
        return ""

    return _look(judge, let_go_of)

# SPDX-License-Identifier: MIT
"""What a queued call holds, and on which thread it dies.

The last reference to a widget must not be let go of on another thread than the GUI thread. So a payload (function and
arguments) is cleared by the GUI thread right after the run; callers let go of theirs before they queue it; the frames of an
exception that goes to another thread are emptied; and what would die with a replaced call or an unread future is left to the
GUI thread, in `_limbo`.
"""

import functools
import time
import traceback
import types
from collections import deque
from typing import Any, Callable, Deque, Dict, Iterator, List, Optional, Tuple

from . import _gilyield

# Types whose instances hold nothing and may die anywhere.
_PLAIN = frozenset((type(None), bool, int, float, complex, str, bytes, bytearray, memoryview))
# Of these, small ones are looked into.
_CONTAINERS = frozenset((tuple, list, dict, set, frozenset))
_FEW = 100
_METHODS: Tuple[type, ...] = (types.MethodType, types.BuiltinMethodType)

_limbo: Deque[List[object]] = deque()  # lists that the GUI thread is to clear


class Payload:
    """A function and its arguments, until the GUI thread has run it."""

    __slots__ = ("f", "args", "kwargs", "number", "begun")

    def __init__(self, f: Optional[Callable[..., Any]], args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> None:
        self.number = 0  # of post_latest(): a higher one is newer
        self.begun = False
        self.f: Any = f
        self.args: Any = args
        self.kwargs: Any = kwargs

    def clear(self) -> None:
        self.f = self.args = self.kwargs = None


def name_of(f: Any) -> str:
    """Return a name of a function for people; no code of its objects is run for it."""
    while isinstance(f, functools.partial):
        f = f.func
    return getattr(f, "__qualname__", None) or type(f).__qualname__


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
    """Let go of a payload that nobody else has; what would die by that is left to the GUI thread. Any thread."""
    if type(payload.f) in _METHODS and not payload.kwargs and _PLAIN.issuperset(map(type, payload.args)):
        things = [payload.f.__self__]  # the usual case, without the generators
    else:
        things = [thing for thing in _held(payload) if not is_harmless(thing)]
    payload.clear()
    let_go_of(things)


def let_go_of(things: List[Any]) -> None:
    """Empty the list; what nobody else has is left to the GUI thread. The caller has no other references. Any thread."""
    _gilyield.drop_shared(things)
    if things:
        leave_to_gui_thread(things)


def is_harmless(thing: Any, depth: int = 3) -> bool:
    """Return whether it may die on any thread: plain data, arrays, small containers of them."""
    # Arrays are large, hold no widgets, and must not pile up; nor must what progress is often reported with.
    kind = type(thing)
    if kind in _PLAIN or hasattr(kind, "__array_interface__"):
        return True
    if depth == 0 or kind not in _CONTAINERS or len(thing) > _FEW:
        return False
    parts = [*thing, *thing.values()] if kind is dict else list(thing)
    return all(is_harmless(part, depth - 1) for part in parts)


def leave_to_gui_thread(things: List[object]) -> None:
    """Have the GUI thread clear the list, and so have the last reference to what it holds, whoever holds the list itself."""
    _limbo.append(things)
    if _gilyield.gui_wake() != 0:
        _limbo.clear()


def something_is_left() -> bool:
    return bool(_limbo)


def empty_limbo(deadline: float) -> None:
    """Clear what was left to the GUI thread, until time.monotonic() is `deadline`. GUI thread."""
    # One at least: others may fill it as fast.
    while _limbo:
        _limbo.popleft().clear()
        if time.monotonic() >= deadline:
            break


def forget_limbo() -> None:
    """There is no GUI thread any more."""
    _limbo.clear()


def empty_frames(exception: BaseException) -> None:
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

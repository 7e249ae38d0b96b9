# SPDX-License-Identifier: MIT
"""Stall reports: what the GUI thread did when it was late for its events."""

import dataclasses
import os
import re
from typing import Any, Callable, Dict, List, Optional, Tuple, Union

from . import _gilyield, _text

Path = Union[str, bytes, "os.PathLike[Any]"]


@dataclasses.dataclass(frozen=True, repr=False)
class Stall:
    """One stall of the GUI thread, and how often there was one at this place. Printed, it is the report in words."""

    kind: str  #: "python": it ran Python; "native": C or C++; "gil": it waited for the GIL; "lock": for another lock
    file: str  #: Python's innermost line; kind "gil": of the thread that had the GIL; "" where there is none
    line: int
    function: str
    thread: str  #: kind "gil": the name of the thread that had the GIL
    native: str  #: the innermost native function and its library, "" where it is not known
    ns: int  #: how long the GUI thread was late, the last time at this place
    count: int  #: stalls at this place since the start or the last reset_stats()
    total_ns: int  #: of those
    longest_ns: int  #: of those
    text: str  #: the report, without its line end

    @property
    def ms(self) -> float:
        """How long the GUI thread was late, in milliseconds."""
        return self.ns / 1e6

    def _asdict(self) -> Dict[str, Any]:
        """Return the fields as a new dict."""
        return dataclasses.asdict(self)

    def _cause(self) -> str:
        """Return what the report gives as the cause, without how often."""
        return re.sub(r" \(here \d+ times, [^()]* in all\)$", "", self.text.split("\n", 1)[0].partition(": ")[2])

    def __repr__(self) -> str:
        return self.text


def stall(fields: Dict[str, Any]) -> Stall:
    """Return what the extension has as a dict."""
    return Stall(**{**fields, "text": fields["text"].rstrip("\n")})


class Stalls(List[Stall]):
    """A list of places, the longest in all first. Printed, it is a table for people."""

    _nothing = "gilyield: the GUI thread was never late"  #: what is printed where there is none

    def __repr__(self) -> str:
        if not self:
            return self._nothing
        return _text.table("where the GUI thread was late", self._rows())

    def _rows(self) -> List[Tuple[str, str]]:
        """Return for each place how often and how long, and why."""
        return [(f"{place.count} x, {_text.milliseconds(place.total_ns)} in all, longest {_text.milliseconds(place.longest_ns)}", place._cause())
                for place in self]


def check(error: int) -> None:
    """Raise what belongs to an error code of the library."""
    if error:
        raise _gilyield.Error(_gilyield.strerror(error))


def unwritable(file: Optional[Path], problem: OSError) -> _gilyield.Error:
    """Return what is to be raised for a file that cannot be written."""
    name = "" if file is None else os.fsdecode(file)
    return _gilyield.Error(f"{name or repr(name)}: the file cannot be written: {problem.strerror}")


def check_path(name: str, path: Optional[Path], accepted: str) -> None:
    """Raise TypeError or ValueError if the parameter `name` is no path."""
    if path is None:
        return
    try:
        given: Any = path
        bad = b"\0" in os.fsencode(given)
    except TypeError:
        raise TypeError(f"{name}={path!r} is not accepted: use {accepted}") from None
    except ValueError:  # what no file system has
        bad = True
    if bad:
        raise ValueError(f"{name}={path!r} is not accepted: use {accepted}")


def watch(threshold_ms: int, file: Optional[Path], on_stall: Optional[Callable[[Stall], object]]) -> None:
    """See gilyield.watch()."""
    if isinstance(threshold_ms, bool) or not isinstance(threshold_ms, int):
        raise TypeError(f"threshold_ms={threshold_ms!r} is not accepted: use whole numbers from 1 to 60000 (milliseconds)")
    if not 1 <= threshold_ms <= 60000:
        raise ValueError(f"threshold_ms={threshold_ms} is not accepted: use whole numbers from 1 to 60000 (milliseconds)")
    if on_stall is not None and not callable(on_stall):
        raise TypeError(f"on_stall={on_stall!r} is not accepted: use a function, or None")
    check_path("file", file, "a path, or None")
    tell = on_stall
    try:
        check(_gilyield.watch(threshold_ms, file, None if tell is None else lambda fields: tell(stall(fields))))
    except OSError as problem:
        raise unwritable(file, problem) from None


def nothing(enabled: bool, watch_ms: int) -> Stalls:
    """Return an empty list that says why it is empty."""
    stalls = Stalls()
    if not watch_ms:
        stalls._nothing = "gilyield: nothing is watched: call gilyield.watch() first"
    elif not enabled:
        stalls._nothing = "gilyield: gilyield is off: nothing is watched before gilyield.enable()"
    else:
        stalls._nothing = f"gilyield: the GUI thread was never late by more than {watch_ms} ms since gilyield.watch() was called"
    return stalls


def read() -> Stalls:
    """Return the worst places. A shim must be attached."""
    found = _gilyield.stalls()
    return Stalls(map(stall, found)) if found else nothing(_gilyield.is_enabled(), _gilyield.status()["watch_ms"])

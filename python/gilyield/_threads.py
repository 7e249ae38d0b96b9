# SPDX-License-Identifier: MIT
"""What each thread got of the GIL."""

import dataclasses
import threading
from typing import Any, Dict, List

from . import _gilyield, _text


@dataclasses.dataclass(frozen=True)
class Thread:
    """What one thread got of the GIL since it was first seen, or since reset_stats(). Times are ints in nanoseconds."""

    name: str  #: as Python's threading has it, else as the system has it
    ident: int  #: as threading.get_ident() tells it
    native_id: int  #: as threading.get_native_id() tells it
    on_gui: bool  #: it is the GUI thread
    holds: bool  #: it has the GIL now
    waits: bool  #: it waits for it now
    computes: bool  #: it has or wants the GIL for more than half of the time; else it needs little
    now_ns: int  #: for how long it has had it, or waited, by now
    seen_ns: int  #: the time that the figures are of
    held_ns: int  #: what it had of the GIL
    waited_ns: int  #: how long it waited for it
    longest_hold_ns: int
    longest_wait_ns: int
    takes: int  #: how often it took it
    waits_count: int  #: how often it had to wait

    @property
    def share(self) -> float:
        """What it had of the GIL, as a part of the time: 0 to 1."""
        return self.held_ns / self.seen_ns if self.seen_ns else 0.0

    def _asdict(self) -> Dict[str, Any]:
        """Return the fields as a new dict."""
        return dataclasses.asdict(self)


_HEADINGS = ("thread", "has had", "waited", "waits", "longest hold", "longest wait", "class", "now")


class Threads(List[Thread]):
    """A list of threads, the one that had most first. Printed, it is a table for people."""

    def __repr__(self) -> str:
        if not self:
            return "gilyield: no thread has been seen at the GIL: this wants gilyield on, the priority gui in force, and no forked child process"
        lines = [_HEADINGS] + [_row(thread) for thread in self]
        widths = [max(len(line[i]) for line in lines) for i in range(len(_HEADINGS))]
        text = "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines)
        return text.encode("ascii", "backslashreplace").decode("ascii")


def _row(thread: Thread) -> "tuple[str, ...]":
    now = "has the GIL" if thread.holds else "waits" if thread.waits else ""
    return (
        thread.name + (" (GUI)" if thread.on_gui and "GUI" not in thread.name else ""),
        f"{100 * thread.share:.1f} %",
        f"{100 * thread.waited_ns / thread.seen_ns if thread.seen_ns else 0:.1f} %",
        str(thread.waits_count),
        _text.milliseconds(thread.longest_hold_ns),
        _text.milliseconds(thread.longest_wait_ns),
        "computes" if thread.computes else "needs little",
        now + (f" for {_text.milliseconds(thread.now_ns)}" if now else ""),
    )


def read() -> Threads:
    """Return the account of each living thread. A shim must be attached."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    threads = (Thread(**{**fields, "name": names.get(fields["ident"], fields["name"])}) for fields in _gilyield.threads())
    return Threads(sorted(threads, key=lambda thread: -thread.share))

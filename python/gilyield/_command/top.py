# SPDX-License-Identifier: MIT
"""`gilyield top --pid PID`: what the threads of a running process get of the GIL, like top.

The library has its accounts in a table that is read from outside, which wants the permission that a debugger wants. Two numbers are
written: meanwhile the process counts, too, what a thread does with the GIL while nobody else wants it, and learns the names.
"""

import os
import re
import struct
import sys
import time
from typing import Dict, List, NamedTuple

_MAGIC = b"gilyield accounts"
_HEAD = struct.Struct("<24sIIQQQ")  # magic, size of a place, how many, where they are, how much is counted, and until when
_PLACE = struct.Struct("<i4x8Q64s")  # number of the thread; held, waited, longest hold, longest wait, takes, waits, holds since, waits since; name
_DETAIL, _UNTIL = struct.Struct("<i"), struct.Struct("<Q")
_ALL = 2  # how much is counted: all
_LEASE_NS = 10_000_000_000  # so long after the last table all is counted


class Unreadable(Exception):
    """That process cannot be looked into; the text says why."""


class Figures(NamedTuple):
    """Of one thread, since it was first seen. Nanoseconds."""

    name: str
    held_ns: int
    waited_ns: int
    waits: int
    state: str


class _Table(NamedTuple):
    """Where it is in the memory of the process, and where it is said how much is counted."""

    where: int
    size: int
    places: int
    detail: int
    until: int


def _find(pid: int) -> _Table:
    """Return where the table is. Raises Unreadable."""
    with open(f"/proc/{pid}/maps", encoding="utf-8", errors="replace") as maps:
        lines = maps.read().splitlines()
    areas = [re.match(r"(\w+)-(\w+) (\S+) .*/libgilyield-qt\d[^/]*$", line) for line in lines]
    for area in areas:
        if area and area.group(3).startswith("r"):
            start, end = int(area.group(1), 16), int(area.group(2), 16)
            content = _read(pid, start, end - start)
            for match in re.finditer(re.escape(_MAGIC) + b"\0", content):
                if match.start() + _HEAD.size <= len(content):
                    _, size, count, where, detail, until = _HEAD.unpack_from(content, match.start())
                    if size == _PLACE.size and 0 < count < 100000 and where and detail and until:
                        return _Table(where, size, count, detail, until)
    raise Unreadable(f"process {pid} has no gilyield of this version in it. Is it on? `gilyield doctor --pid {pid}` says more.")


def _read(pid: int, where: int, size: int) -> bytes:
    with open(f"/proc/{pid}/mem", "rb", 0) as memory:
        memory.seek(where)
        return memory.read(size)


def _count_all(pid: int, table: _Table, seconds: float) -> None:
    """Have all counted for so long and a while. What the process itself wants to have counted for longer it asks for again."""
    with open(f"/proc/{pid}/mem", "r+b", 0) as memory:
        memory.seek(table.until)
        until = max(_UNTIL.unpack(memory.read(_UNTIL.size))[0], time.monotonic_ns() + int(seconds * 1e9) + _LEASE_NS)
        memory.seek(table.until)
        memory.write(_UNTIL.pack(until))
        memory.seek(table.detail)
        memory.write(_DETAIL.pack(_ALL))


def _threads(pid: int, table: _Table, lease_s: float) -> Dict[int, Figures]:
    where, size, count = table[:3]
    _count_all(pid, table, lease_s)
    alive = {int(entry) for entry in os.listdir(f"/proc/{pid}/task")}
    content = _read(pid, where, size * count)
    now = time.monotonic_ns()  # the clock that the library uses, too
    result = {}
    for place in range(count):
        thread, held, waited, _, _, _, waits, holds_since, waits_since, name = _PLACE.unpack_from(content, place * size)
        if thread in alive:
            held += max(0, now - holds_since) if holds_since else 0
            waited += max(0, now - waits_since) if waits_since else 0
            text = name.split(b"\0")[0].decode("utf-8", "replace") or _system_name(pid, thread)
            result[thread] = Figures(text, held, waited, waits, "has it" if holds_since else "waits" if waits_since else "")
    return result


def _system_name(pid: int, thread: int) -> str:
    try:
        with open(f"/proc/{pid}/task/{thread}/comm", encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return "?"


def table(before: Dict[int, Figures], after: Dict[int, Figures], seconds: float) -> List[str]:
    """Return the lines of a table: what each thread got between the two."""
    rows = []
    for thread, figures in after.items():
        start = before.get(thread, Figures("", 0, 0, 0, ""))
        rows.append((figures.held_ns - start.held_ns, thread, figures, figures.waited_ns - start.waited_ns, figures.waits - start.waits))
    lines = [f"{'thread':>8}  {'name':24} {'had':>7} {'waited':>7} {'waits/s':>9}  now"]
    for held, thread, figures, waited, waits in sorted(rows, reverse=True, key=lambda row: row[:2]):
        part = 100 / (seconds * 1e9)
        lines.append(f"{thread:>8}  {figures.name[:24]:24} {held * part:6.1f}% {waited * part:6.1f}% {waits / seconds:9.0f}  {figures.state}".rstrip())
    return lines


def main(pid: int, seconds: float, count: int) -> int:
    """Print tables until interrupted, or `count` of them, and return the exit code of `gilyield top`."""
    try:
        found = _find(pid)
        before, at = _threads(pid, found, seconds), time.monotonic()
        while count != 0:
            time.sleep(seconds)
            after, now = _threads(pid, found, seconds), time.monotonic()
            clear = "\x1b[H\x1b[2J" if sys.stdout.isatty() and count < 0 else ""
            print(clear + f"gilyield top: process {pid}, the last {now - at:.1f} s\n" + "\n".join(table(before, after, now - at)), flush=True)
            before, at, count = after, now, count - 1
    except KeyboardInterrupt:
        pass
    except PermissionError:
        print(f"gilyield top: process {pid} cannot be looked into: this wants the permission that a debugger wants (sudo, or "
              "kernel.yama.ptrace_scope=0)", file=sys.stderr)
        return 1
    except (FileNotFoundError, ProcessLookupError):
        print(f"gilyield top: there is no process {pid}", file=sys.stderr)
        return 1
    except Unreadable as problem:
        print(f"gilyield top: {problem}", file=sys.stderr)
        return 1
    return 0

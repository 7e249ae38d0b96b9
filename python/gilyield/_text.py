# SPDX-License-Identifier: MIT
"""Numbers, times and lines as a person reads them."""

from typing import Sequence, Tuple


def milliseconds(ns: int) -> str:
    """Return a duration given in nanoseconds as "0.05 ms", "3.3 ms", "120 ms"."""
    ms = ns / 1e6
    digits = 2 if ms < 1 else 1 if ms < 100 else 0
    return f"{ms:.{digits}f} ms"


def duration(seconds: float) -> str:
    """Return a duration in its two largest units: "0.4 s", "12 s", "3 min 20 s", "2 h 5 min", "4 d 1 h"."""
    if seconds < 10:
        return f"{max(seconds, 0):.1f} s"
    whole = int(seconds)
    for unit, name, part, part_name in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= unit:
            return f"{whole // unit} {name} {whole % unit // part} {part_name}"
    return f"{whole} s"


def table(title: str, rows: Sequence[Tuple[str, str]]) -> str:
    """Return the title and indented, aligned "name  text" lines; ASCII only, since a console may know nothing else."""
    width = max(len(name) for name, _ in rows)
    lines = [title] + [f"  {name:<{width}}  {text}" for name, text in rows]
    return "\n".join(lines).encode("ascii", "backslashreplace").decode("ascii")

# SPDX-License-Identifier: MIT
"""The figures as an object that programs read and people print."""

import dataclasses
from typing import TYPE_CHECKING, Dict

from . import _gilyield, _text


@dataclasses.dataclass(frozen=True, repr=False)
class Stats:
    """What happened since gilyield was enabled or since reset_stats(). Times are ints in nanoseconds.

    For each field ``*_ns`` there is a property ``*_ms``, a float in milliseconds. Printed, it is a table for people.
    """

    ticks: int  #: timer ticks that reached the GUI thread
    waits: int  #: waits of the event loop during which the GIL was free
    yields: int  #: times the GUI thread gave the GIL away, in ticks and in waits
    handovers: int  #: yields in which another thread took it
    skipped: int  #: times nothing was given away, as the GUI thread did not hold the GIL
    alone: int  #: times nothing was given away, as no other Python thread existed
    released_ns: int  #: total time the GIL was given away, up to the moment it was wanted back
    reacquire_p50_ns: int  #: time to take the GIL back: median
    reacquire_p99_ns: int  #: 99th percentile of it
    reacquire_max_ns: int  #: longest of it
    reacquire_ns: int  #: total of it
    gui_wait_max_ns: int  #: longest time one yield kept the GUI thread from its work; a tick's slice counts, a wait does not
    gui_wait_ns: int  #: total of those
    elapsed_ns: int  #: time since the start or the last reset, while enabled

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> float: ...  # the properties that are made below

    def _asdict(self) -> Dict[str, int]:
        """Return the fields as a new dict of ints."""
        return dataclasses.asdict(self)

    def _share(self, ns: int) -> str:
        return f" ({100 * ns / self.elapsed_ns:.0f} % of the time)" if self.elapsed_ns else ""

    def _yields_text(self) -> str:
        return f"{self.yields}, {self.handovers} of them handed the GIL to another thread"

    def _reacquire_text(self) -> str:
        if not self.yields:
            return "none, nothing was given away"
        p50, p99, longest = (
            _text.milliseconds(ns) for ns in (self.reacquire_p50_ns, self.reacquire_p99_ns, self.reacquire_max_ns)
        )
        return f"p50 {p50}, p99 {p99}, max {longest} to take the GIL back"

    def __repr__(self) -> str:
        rows = [
            ("yields", self._yields_text()),
            ("", f"{self.ticks} timer ticks, {self.waits} waits of the event loop"),
            ("not given", f"{self.skipped} times not held, {self.alone} times no other Python thread"),
            ("given away", _text.duration(self.released_ns / 1e9) + self._share(self.released_ns)),
            ("GUI cost", self._reacquire_text()),
            ("GUI waited", f"max {_text.milliseconds(self.gui_wait_max_ns)} at once, "
             f"{_text.duration(self.gui_wait_ns / 1e9)} in all{self._share(self.gui_wait_ns)}"),
        ]
        return _text.table(f"gilyield stats of {_text.duration(self.elapsed_ns / 1e9)}", rows)


def _in_ms(name: str) -> property:
    return property(lambda self: getattr(self, name) / 1e6, doc=f"{_gilyield.STATS[name]}, in milliseconds")


for _name in _gilyield.STATS:
    if _name.endswith("_ns"):
        setattr(Stats, _name[:-3] + "_ms", _in_ms(_name))
del _name


def read() -> Stats:
    """Return the Stats of now. A shim must be attached."""
    return Stats(**_gilyield.stats())

# SPDX-License-Identifier: MIT
"""What is in force, as an object that programs read and people print."""

import dataclasses
import datetime
import platform
from typing import Any, Dict, List, Optional, Tuple

from . import _gilyield, _stats, _text, _watch

_GIL = {
    "unknown": "not known yet: the event loop was not seen at work since gilyield was enabled",
    "no-python": "no initialised Python was seen from the event loop",
    "releases": "the application releases it by itself; nothing to give away",
}
_HEADLINE = {
    "dormant": "off",
    "armed": "on, waiting for the application's event loop",
    "running": "on, running in the application's event loop",
}


def _gil_text(host: str, enabled: bool, paused: int) -> str:
    """Return a phrase that says who holds the GIL in the event loop."""
    if host == "unknown" and not enabled:
        return "not known while gilyield is off"
    if host != "holds":
        return _GIL.get(host, host)
    if not enabled:
        end = "gilyield is off"
    elif paused:
        end = "gilyield is paused"
    else:
        end = "gilyield gives it away"
    return f"the GUI thread holds it through its event loop; {end}"


@dataclasses.dataclass(frozen=True, repr=False)
class Status:
    """What is in force in this process, at the moment `taken_at`. Printed, it is a table for people."""

    enabled: bool  #: on, whether or not the event loop has been reached yet
    state: str  #: "dormant": off; "armed": on, waiting for the application's event loop; "running"
    mode: str  #: "auto", "wait", "timer"
    interval_ms: int  #: the longest the GUI thread keeps the GIL while others want it; also the tick
    slice_ms: int  #: what the others then get at least
    priority: str  #: the one asked for: "gui", "switch-interval", "none"
    priority_active: str  #: what reorders the GIL's queue now: "gui", "switch-interval", "none"
    priority_reason: str  #: why that one, a phrase
    switch_us: int  #: switch interval in microseconds while the GIL is given away, for priority "switch-interval"
    log_level: str  #: "error", "warn", "info", "debug"
    paused: int  #: how many pauses are open
    wait: str  #: how the event loop's wait is wrapped: "glib", "unix", "none"
    wait_reason: str  #: why that one, a phrase
    host: str  #: what the GUI thread does with the GIL: "unknown", "no-python", "holds", "releases"
    gil: str  #: the same as a phrase: who holds the GIL in the event loop
    on_gui_thread: bool  #: status() was called on the GUI thread
    since: Optional[datetime.datetime]  #: when it was enabled, with time zone; None while off or GILYIELD=1 waits for an application object
    taken_at: datetime.datetime  #: when this status was taken, with time zone
    qt_version: str  #: of the Qt in the process
    dispatcher: str  #: class name of the GUI thread's event dispatcher, "" while not running
    python_version: str  #: as the shim sees it, "" while it saw no initialised Python
    limit: str  #: what cannot be had in this process at this moment, a phrase; "" for nothing
    library: str  #: path of the shim in use
    version: str  #: version of the shim in use
    watch_ms: int  #: the threshold of watch() in milliseconds; 0: nothing watches
    stats: _stats.Stats  #: the figures
    stalls: _watch.Stalls  #: the ten worst places at which the GUI thread was late, as stalls() returns them

    def _asdict(self) -> Dict[str, Any]:
        """Return the fields as a new dict; in it `stats` is a dict, `stalls` a list of dicts."""
        return {**dataclasses.asdict(dataclasses.replace(self, stalls=_watch.Stalls())), "stalls": [place._asdict() for place in self.stalls]}

    def _since_text(self) -> str:
        if self.since is None:
            return "waiting for the application object" if self.enabled else "not enabled"
        ago = _text.duration((self.taken_at - self.since).total_seconds())
        return f"{self.since:%Y-%m-%d %H:%M:%S} ({ago} ago)"

    def _priority_text(self) -> str:
        text = self.priority_active or "none"
        if self.priority_active == "switch-interval":
            text += f", switch interval {self.switch_us} us while given away"
        if self.priority_active not in ("", self.priority):
            text += f", asked for {self.priority}"
        return text + (f": {self.priority_reason}" if self.priority_reason else "")

    def _late_rows(self) -> List[Tuple[str, str]]:
        if self.stalls:
            return [("GUI late" if place is self.stalls[0] else "", f"{times}: {cause}") for place, (times, cause) in zip(self.stalls, self.stalls._rows())]
        return [("GUI late", f"never by more than {self.watch_ms} ms" if self.watch_ms else "not watched: gilyield.watch() names what stalls it")]

    def __repr__(self) -> str:
        headline = _HEADLINE.get(self.state, self.state) + (", paused" if self.enabled and self.paused else "")
        qt = f"Qt {self.qt_version}" + (f" ({self.dispatcher})" if self.dispatcher else "")
        skipped = f"; {self.stats.skipped} skipped" if self.stats.skipped else ""
        rows = [
            ("since", self._since_text()),
            ("mode", f"{self.mode}, interval {self.interval_ms} ms, slice {self.slice_ms} ms"),
            ("GIL", self.gil),
            ("yields", self.stats._yields_text() + skipped),
            ("GUI cost", self.stats._reacquire_text()),
            ("GUI waited", f"max {_text.milliseconds(self.stats.gui_wait_max_ns)} at once"),
            *self._late_rows(),
            ("pauses", f"{self.paused} open: nothing is given away" if self.paused else "none open"),
            ("priority", self._priority_text()),
            ("wait", (self.wait or "none") + (f": {self.wait_reason}" if self.wait_reason else "")),
            *([("limit", self.limit)] if self.limit else []),
            ("process", f"{qt}, Python {self.python_version or platform.python_version()}"),
            ("library", self.library),
        ]
        return _text.table(f"gilyield {self.version}: {headline}", rows)


def read() -> Status:
    """Return the Status of now. A shim must be attached."""
    fields = _gilyield.status()
    now = datetime.datetime.now(datetime.timezone.utc).astimezone()
    since_ms = fields.pop("since_unix_ms")
    since = datetime.datetime.fromtimestamp(since_ms / 1000, datetime.timezone.utc).astimezone() if since_ms else None
    enabled = fields["state"] != "dormant"
    return Status(
        enabled=enabled,
        gil=_gil_text(fields["host"], enabled, fields["paused"]),
        since=since,
        taken_at=now,
        stats=_stats.read(),
        stalls=_watch.read(),
        **fields,
    )

# SPDX-License-Identifier: MIT
"""gilyield.doctor(): what is in this process, whether threads run in it, and what to do.

The measurement turns the event loop for a moment, as a modal dialog does, and counts how often a background thread gets to run.
Qt is called by its exported symbols through ctypes.PyDLL, which keeps the GIL: as a host that holds it through its event loop
does, and with no binding needed. User input waits meanwhile.
"""

import ctypes
import dataclasses
import platform
import sys
import threading
import time
from typing import List, Optional, Tuple

from . import _gilyield, _options, _shim, _status, _text

if sys.platform == "win32":
    from . import _host_win32 as _host
else:
    from . import _host_linux as _host

_PHASE_MS = 250
_NAP_S = 0.01
_EXCLUDE_USER_INPUT = 1
_WATCH_NAPS, _WATCH_S = 30, 1.0


class _EventLoop:
    """A QEventLoop on the stack of the GUI thread."""

    def __init__(self, path: str) -> None:
        # PyDLL: the calls are made with the GIL held. AttributeError: a Qt without these symbols (a namespace, another ABI).
        qt = ctypes.PyDLL(path)
        self._construct, self._destroy = qt[_host.CONSTRUCT], qt[_host.DESTROY]
        self._exec, self._later = qt[_host.EXEC], qt[_host.LATER]
        self._construct.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
        self._destroy.argtypes = [ctypes.c_void_p]
        self._exec.argtypes = [ctypes.c_void_p, ctypes.c_int]
        self._later.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p]
        self._construct.restype = self._destroy.restype = self._later.restype = None

    def run(self, ms: int) -> float:
        """Turn the event loop for that long. Return how long it was, in seconds."""
        memory = ctypes.create_string_buffer(256)  # a QObject is two pointers
        begin = time.monotonic()
        self._construct(memory, None)
        try:
            self._later(ms, memory, b"1quit()")
            self._exec(memory, _EXCLUDE_USER_INPUT)
        finally:
            self._destroy(memory)
        return time.monotonic() - begin


class _Worker:
    """A background thread that naps and counts, or only counts."""

    def __init__(self, busy: bool) -> None:
        self.turns = 0
        self._busy = busy
        self._stop = False
        self._thread = threading.Thread(target=self._run, name="gilyield doctor", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop:
            self.turns += 1
            if not self._busy:
                time.sleep(_NAP_S)

    def end(self) -> None:
        self._stop = True
        self._thread.join(1)


class _Watch:
    """Finds out, after doctor() has returned, whether a thread runs while the application's own event loop does."""

    def __init__(self) -> None:
        self.spoilt = False  #: gilyield was on meanwhile
        self._begin = time.monotonic()
        self._end: Optional[float] = None
        self._host = "unknown"
        threading.Thread(target=self._run, name="gilyield doctor", daemon=True).start()

    def _run(self) -> None:
        for _ in range(_WATCH_NAPS):
            time.sleep(_NAP_S)
            if _gilyield.is_enabled():
                self.spoilt = True
                return
        self._end = time.monotonic()

    @property
    def host(self) -> str:
        if self._host == "unknown" and not self.spoilt:
            if self._end is not None and self._end - self._begin < _WATCH_S:
                self._host = "releases"
            elif time.monotonic() - self._begin > _WATCH_S:
                self._host = "holds"
        return self._host


class _Learnt:
    """What is known of the application from earlier reports in this process. Protected by the GIL."""

    host = "unknown"
    watch: Optional[_Watch] = None

    @classmethod
    def learn(cls, host: str) -> str:
        """Return what is known now; `host` is what is seen at work, "unknown" if nothing is."""
        if host not in ("holds", "releases") and cls.watch:
            host = cls.watch.host
        if host in ("holds", "releases"):
            cls.host = host
        return cls.host

    @classmethod
    def begin(cls) -> _Watch:
        if not cls.watch or cls.watch.spoilt:
            cls.watch = _Watch()
        return cls.watch


@dataclasses.dataclass(frozen=True)
class Live:
    """A measurement in an event loop that holds the GIL. Rates are turns of a background thread per second; 100 is ideal."""

    off_per_s: float  #: while gilyield gives nothing away
    on_per_s: float  #: while gilyield is on
    late_ms: float  #: how much later than asked for the event loop ended beside a thread that always works; stats() says what of it was the GIL


@dataclasses.dataclass(frozen=True, repr=False)
class Report:
    """What gilyield.doctor() found. Printed, it is a table for people; print it again after a second, and it may know more."""

    enabled: bool  #: gilyield was on when it was asked
    threads: int  #: Python threads then, the asking one counted
    problem: str  #: why gilyield cannot work here, "" if it can
    status: Optional[_status.Status]  #: taken while gilyield was on; None where there is no Qt
    live: Optional[Live]  #: None if nothing could be measured
    live_reason: str  #: why not
    _seen_host: str = "unknown"
    _watch: Optional[_Watch] = None

    @property
    def host(self) -> str:
        """What the GUI thread does with the GIL in the application's event loop: "holds", "releases", "unknown"."""
        if self._seen_host == "unknown" and self._watch:
            return self._watch.host
        return self._seen_host

    @property
    def next(self) -> str:
        """What to do now, one or two sentences."""
        if self.problem:
            return self.problem[:1].upper() + self.problem[1:] + "."
        if self.live and self.live.on_per_s < 10:
            return "Threads hardly run even with gilyield on: print gilyield.status() and look at its lines `GIL` and `wait`."
        if self.host == "releases":
            end = "is on for that." if self.enabled else "can still put the GUI thread first in line for it: gilyield.enable()."
            return f"This application gives the GIL away by itself, so its threads run. gilyield {end}"
        if self.enabled:
            return "Nothing: gilyield is on. Print gilyield.status() to see what it does."
        if self.host == "unknown" and self._watch:
            return "Type gilyield.enable(). Whether threads need it here is in this report when it is printed again in a second."
        return "Type gilyield.enable(), or start the application with: gilyield run -- PROGRAM"

    def _gil_text(self) -> str:
        return {
            "holds": "the GUI thread holds it through the event loop: threads stand still without gilyield",
            "releases": "the application gives it away in its event loop",
            "no-python": "no Python was seen from the event loop",
        }.get(self.host, "not known yet: print this report again in a second")

    def _loop_text(self) -> str:
        # Else it reads as if threads of such an application stood still.
        return "a trial loop that, unlike the application's, holds the GIL" if self.host == "releases" else "an event loop that holds the GIL"

    def _live_rows(self) -> List[Tuple[str, str]]:
        if not self.live:
            return [("measured", f"nothing: {self.live_reason}")]
        return [
            ("measured", f"in {self._loop_text()}, a thread that wants to run 100 times a second ran"),
            ("", f"{self.live.off_per_s:.0f} times a second without gilyield, {self.live.on_per_s:.0f} with it"),
            ("GUI", f"beside a busy thread its timer was {self.live.late_ms:.1f} ms late"),
        ]

    def __repr__(self) -> str:
        rows = [("gilyield", "on" if self.enabled else "off")]
        if self.status:
            dispatcher = f", event dispatcher {self.status.dispatcher}" if self.status.dispatcher else ""
            rows.append(("Qt", self.status.qt_version + dispatcher))
        kind = "" if _has_gil() else ", free-threaded"
        rows.append(("Python", f"{platform.python_version()}{kind}, {self.threads} Python thread{'s' * (self.threads != 1)}"))
        if self.status:
            rows += [("GIL", self._gil_text()), *self._live_rows(), ("library", self.status.library)]
        return _text.table("gilyield doctor", [*rows, ("next", self.next)])


def _has_gil() -> bool:
    return getattr(sys, "_is_gil_enabled", lambda: True)()


def _rate(loop: _EventLoop, worker: _Worker) -> float:
    before = worker.turns
    seconds = loop.run(_PHASE_MS)
    return (worker.turns - before) / seconds


def _measure(loop: _EventLoop) -> Live:
    """On the GUI thread, with gilyield on."""
    worker = _Worker(busy=False)
    _gilyield.pause()
    try:
        off = _rate(loop, worker)
    finally:
        _gilyield.resume()
    on = _rate(loop, worker)
    worker.end()
    busy = _Worker(busy=True)
    try:
        late = loop.run(_PHASE_MS) * 1000 - _PHASE_MS
    finally:
        busy.end()
    return Live(off, on, max(late, 0.0))


def diagnose(live: bool) -> Report:
    """Return the Report; see gilyield.doctor()."""
    enabled, threads = _shim.find() and _gilyield.is_enabled(), threading.active_count()
    try:
        _shim.attach()
    except _gilyield.Error as problem:
        return Report(enabled, threads, str(problem), None, None, "")
    before = _status.read()
    seen = _Learnt.learn(before.host if enabled else "unknown")
    if seen == "unknown" and _host.is_python_program():
        seen = _Learnt.learn("releases")  # PyQt and PySide give it away around exec()
    host = before.host if enabled and before.host != "unknown" else seen
    result: Optional[Live] = None
    reason = ""
    status = before
    if not live:
        reason = "as asked for"
    elif not before.on_gui_thread:
        reason = "this is not the GUI thread of an application; call it in the application's console"
    elif before.paused:
        reason = "gilyield is paused"
    else:
        try:
            loop = _EventLoop(_host.qt_core())
            if not enabled:
                _gilyield.start(**_options.to_text({}))
                _gilyield.reset_stats()
            try:
                result = _measure(loop)
                status = _status.read()
            finally:
                if not enabled:
                    _gilyield.stop()
        except (_gilyield.Error, AttributeError, OSError) as problem:
            reason = str(problem)
    watch = _Learnt.begin() if host == "unknown" and before.on_gui_thread and not enabled else None
    return Report(enabled, threads, "", status, result, reason, host, watch)

# SPDX-License-Identifier: MIT
"""Python threads just work in Qt applications that embed Python.

Such an application holds the GIL through its whole event loop, and Python threads stand still. With

    import gilyield
    gilyield.enable()

its GUI thread gives the GIL away whenever it waits or has had it long enough, and takes it back before any of its own code runs.
Print ``gilyield.status()`` to see what is going on.

All functions may be called from any thread, at any time. Importing the module loads nothing else and never fails for want of Qt:
the library behind it is looked for at the first call, in the process first, then beside this package, where the one for the Qt
in the process is loaded. `gilyield.gui` and `gilyield.jobs` are imported when they are first used.
"""

import importlib
from typing import TYPE_CHECKING, Any, Callable, List, Optional

from . import _gilyield, _options, _pause, _shim, _stats, _status, _threads, _top, _trace, _watch
from ._gilyield import Error, __version__  # noqa: F401
from ._stats import Stats
from ._status import Status
from ._threads import Thread, Threads
from ._watch import Stall, Stalls

if TYPE_CHECKING:
    from . import _doctor
    from . import gui as gui
    from . import jobs as jobs

__all__ = [
    "Error",
    "Stall",
    "Stalls",
    "Stats",
    "Status",
    "Thread",
    "Threads",
    "configure",
    "disable",
    "doctor",
    "enable",
    "is_enabled",
    "paused",
    "reset_stats",
    "stalls",
    "stats",
    "status",
    "threads",
    "top",
    "trace",
    "trace_start",
    "trace_stop",
    "unwatch",
    "watch",
]

_ON_FIRST_USE = ("gui", "jobs")

if not TYPE_CHECKING:  # a type checker that sees this takes any name for one of the module's

    def __getattr__(name: str) -> Any:
        # Once imported, a submodule is an attribute of its own, and this is not called for it again.
        if name in _ON_FIRST_USE:
            return importlib.import_module(f"{__name__}.{name}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> List[str]:
    return sorted({*globals(), *_ON_FIRST_USE})


def doctor(*, live: bool = True) -> "_doctor.Report":
    """Return a Report: what is in this process, whether its threads run, and what to do. Printed, it is a table for people.

    With `live`, on the GUI thread, it measures for less than a second; meanwhile the application's timers run and its user's
    input waits.
    """
    from . import _doctor

    return _doctor.diagnose(live)


def enable(
    *,
    mode: Optional[str] = None,
    interval_ms: Optional[int] = None,
    slice_ms: Optional[int] = None,
    priority: Optional[str] = None,
    switch_us: Optional[int] = None,
    log_level: Optional[str] = None,
) -> None:
    """Let Python threads run while the GUI thread is in its event loop.

    What is not given is taken from the environment (GILYIELD_MODE, GILYIELD_INTERVAL_MS, ...), else from the defaults. If
    gilyield is enabled already, the options given replace those in force and the others stay.

    mode: "auto" (default): the event loop's waits, and ticks while the loop is too busy to wait; "wait": its waits only;
        "timer": ticks of a timer only.
    interval_ms: the longest the GUI thread keeps the GIL while others want it, and the tick; 1 to 10000 ms, default 20.
    slice_ms: what the others then get at least; 1 to 10000 ms, default 5.
    priority: "gui" (default): the GUI thread stands first in the GIL's queue; "switch-interval": a short switch interval while the
        GIL is given away; "none": the GUI thread queues like every other thread.
    switch_us: that switch interval; 1 to 1000000 microseconds, default 100.
    log_level: "error", "warn" (default), "info", "debug": what is written to file descriptor 2.

    On the GUI thread it takes effect before it returns, on other threads with the GUI thread's next event; before there is an
    application object, with its constructor. Raises ValueError or TypeError for a bad option, with nothing changed, and Error if
    gilyield cannot work here: no Qt in the process, no library for that Qt, a forked child process.
    """
    given = locals()  # the parameters, by name
    try:
        options = _options.to_text(given)
    except (TypeError, Error) as error:
        raise error.with_traceback(None) from None  # none of our frames but this one: the mistake is in the caller's
    if _gilyield.is_enabled():
        _gilyield.configure(**options)
    else:
        _gilyield.start(**options)


def disable() -> None:
    """Turn gilyield off and undo what it installed in the application.

    From now on nothing is given away. On the GUI thread all is undone before this returns, else with the GUI thread's next
    event. Harmless while off and where there is no Qt.
    """
    if _shim.find():
        _gilyield.stop()


def is_enabled() -> bool:
    """Return whether gilyield is on, whether or not there is an application yet. False where there is no Qt."""
    return _shim.find() and _gilyield.is_enabled()


def configure(
    *,
    mode: Optional[str] = None,
    interval_ms: Optional[int] = None,
    slice_ms: Optional[int] = None,
    priority: Optional[str] = None,
    switch_us: Optional[int] = None,
    log_level: Optional[str] = None,
) -> None:
    """Change the options given and leave the others as they are; while off this is remembered for the next enable().

    The options, their units and what is raised are those of enable().
    """
    given = locals()  # the parameters, by name
    try:
        options = _options.to_text(given)
    except (TypeError, Error) as error:
        raise error.with_traceback(None) from None  # none of our frames but this one: the mistake is in the caller's
    _gilyield.configure(**options)


def status() -> Status:
    """Return a Status: whether gilyield is on, with which options, who holds the GIL, what it did and what it cost the GUI.

    Printed, it is a table for people; it has fields for programs and ``_asdict()``. Raises Error where there is no Qt.
    """
    _shim.attach()
    return _status.read()


def stats() -> Stats:
    """Return the Stats since gilyield was enabled or since reset_stats(): counts, and times as ints in nanoseconds.

    Printed, it is a table for people; each ``*_ns`` has a property ``*_ms``. Raises Error where there is no Qt.
    """
    _shim.attach()
    return _stats.read()


def reset_stats() -> None:
    """Set all figures to 0. Harmless where there is no Qt."""
    if _shim.find():
        _gilyield.reset_stats()


def paused() -> _pause.Pause:
    """Return a context manager, also a decorator for functions, inside which the GUI thread gives nothing away.

    For code on the GUI thread that runs the event loop but must not see Python threads run meanwhile:

        with gilyield.paused():
            dialog.exec_()

    It is process-wide and counts: nested pauses and pauses of several threads all have to end. An exception ends it too.
    Harmless while gilyield is off and where there is no Qt; gilyield may be enabled inside.
    """
    return _pause.Pause()


def watch(
    threshold_ms: int = 100, *, file: Optional[_watch.Path] = None, on_stall: Optional[Callable[[Stall], object]] = None
) -> None:
    """Report whenever the GUI thread is late for its events by more than `threshold_ms`: what it did, and where.

    It works while gilyield is on. The report comes when the stall is over, and while it lasts if it lasts longer than a second.
    Called again, it changes the options.

    threshold_ms: a turn of the event loop that takes longer is reported; 1 to 60000 ms, default 100.
    file: reports are added to its end; None (default): they go to file descriptor 2.
    on_stall: called with a Stall after each report of a stall that is over, on a thread of gilyield's own. The next stall is
        looked at when it has returned. What it raises goes to sys.unraisablehook. In the main interpreter only.

    Raises ValueError or TypeError for a bad option, and Error where there is no Qt or the file cannot be written.
    """
    _shim.attach()
    try:
        _watch.watch(threshold_ms, file, on_stall)
    except (TypeError, ValueError, Error) as error:
        raise error.with_traceback(None) from None


def unwatch() -> None:
    """Report no more. What stalls() returns stays. Harmless while nothing watches and where there is no Qt."""
    if _shim.find():
        _gilyield.unwatch()


def stalls() -> Stalls:
    """Return the ten worst places at which the GUI thread was late, as a list of Stall, the longest in all first.

    They are those since watch() was called or since reset_stats(). Printed, it is a table for people. Raises Error where there is
    no Qt.
    """
    _shim.attach()
    return _watch.read()


def threads() -> Threads:
    """Return what each thread got of the GIL and how long it waited for it, as a list of Thread, the one that had most first.

    The figures are those since gilyield first saw the thread or since reset_stats(). A thread is seen when it takes the GIL while
    gilyield is on. Printed, it is a table for people. Raises Error where there is no Qt.
    """
    _shim.attach()
    return _threads.read()


def top(seconds: float = 1.0, count: int = 0) -> _top.Top:
    """Print what each thread got of the GIL in the last `seconds`, again and again, like top; returns at once.

    seconds: between two tables, 0.1 to 86400, default 1.
    count: tables, then it ends; 0 (default): until stop() of what is returned, which is also a context manager.

    The tables are printed to what is sys.stdout now: the program's own by a thread of its own, a console of the application that
    calls this on the GUI thread there, by its event loop. Raises TypeError or ValueError for a bad number, and Error where there
    is no Qt.
    """
    _shim.attach()
    try:
        return _top.Top(seconds, count)
    except (TypeError, ValueError) as error:
        raise error.with_traceback(None) from None


def trace_start() -> None:
    """Begin to record who has the GIL, who waits for it and what the GUI thread does, in 6 MB of memory.

    The newest 262144 events are kept. It works while gilyield is on. What was recorded before is forgotten. Raises Error where
    there is no Qt and while a timeline is being recorded already.
    """
    _shim.attach()
    _trace.start()


def trace_stop(path: Optional[_watch.Path] = None) -> None:
    """End it, and write what was recorded to a file that ui.perfetto.dev opens, unless `path` is None.

    It can be called again, to write the same elsewhere. Raises Error where there is no Qt, if the file cannot be written and if
    nothing was ever recorded, TypeError or ValueError if `path` is none.
    """
    _shim.attach()
    try:
        _trace.stop(path)
    except (TypeError, ValueError, Error) as error:
        raise error.with_traceback(None) from None


def trace(path: _watch.Path) -> _trace.Trace:
    """Return a context manager that records what happens inside, and writes it to the file at its end.

    On the GUI thread nothing else happens meanwhile unless its event loop runs inside. Raises TypeError or ValueError if `path`
    is none, and Error where there is no Qt; entering it raises Error if the file cannot be written and while a timeline is being
    recorded already.
    """
    _shim.attach()
    try:
        return _trace.Trace(path)
    except (TypeError, ValueError) as error:
        raise error.with_traceback(None) from None

# SPDX-License-Identifier: MIT
"""What is measured: the sides, the loads, and which meets which."""

import dataclasses
from typing import Any, Dict, Tuple


@dataclasses.dataclass(frozen=True)
class Side:
    """One way to run an application."""

    text: str  #: for tables and pictures
    program: str = "host"  #: "host": the test host; "pyqt": loads/pyqt_app.py
    arguments: Tuple[str, ...] = ()  #: of the test host
    gilyield: Dict[str, str] = dataclasses.field(default_factory=dict)  #: GILYIELD_ variables; none of them: without the shim
    expected: Dict[str, str] = dataclasses.field(default_factory=dict)  #: what gilyield.status() has to say
    simplefilters: bool = False
    paired: bool = False  #: its threads have all of their speed beside an idle GUI: that is measured right before and after each load
    rough: bool = False  #: what others do today: one repetition less
    slow: bool = False  #: with many threads its GUI thread waits so long that it needs longer windows
    old: bool = False  #: with the gilyield of another build, which --old names


_AUTO = {"mode": "auto", "priority_active": "gui"}

SIDES = {
    "none": Side("no gilyield", rough=True),
    "simplefilters": Side("SimpleFilters technique", simplefilters=True, slow=True, rough=True),
    "timer": Side(
        "plain QTimer, 10 ms",
        gilyield={"MODE": "timer", "PRIORITY": "none", "INTERVAL_MS": "10"},
        expected={"mode": "timer", "priority_active": "none"},
        slow=True,
        rough=True,
    ),
    "wait": Side("gilyield, wait", gilyield={"MODE": "wait"}, expected={"mode": "wait", "priority_active": "gui"}, paired=True),
    "auto": Side("gilyield", gilyield={"MODE": "auto"}, expected=_AUTO, paired=True),
    "R": Side("R: host releases the GIL", arguments=("--release-gil",), slow=True, paired=True),
    "R+gilyield": Side("R with gilyield", arguments=("--release-gil",), gilyield={"MODE": "auto"}, expected=_AUTO, paired=True),
    "auto-old": Side("older gilyield", gilyield={"MODE": "auto"}, expected=_AUTO, old=True),
    "pyqt": Side("PyQt5 application", program="pyqt", slow=True, rough=True),
    "pyqt+gilyield": Side("PyQt5 application with gilyield", program="pyqt", gilyield={"MODE": "auto"}, expected=_AUTO),
}


@dataclasses.dataclass(frozen=True)
class Run:
    """One load and the sides that meet it, one after the other in each repetition."""

    name: str
    script: str  #: in loads/
    sides: Dict[str, Tuple[int, ...]]  #: for each side the numbers of threads, in increasing order
    ms: int  #: length of a window
    slow_ms: int = 0  #: of sides marked slow with 8 and more threads; 0: the same
    options: Dict[str, Any] = dataclasses.field(default_factory=dict)  #: for the script
    foreign: int = 0  #: so many other processes compute meanwhile
    one_session: bool = False  #: they are of the application's session: the kernel's autogroup gives it no part of its own
    venv: bool = False  #: PyQt5 applications run with the Python of the virtual environment that --venv names


def _all(names, threads=()):
    return {name: tuple(threads) for name in names.split()}


_THREE, _FOUR = (1, 4, 16), (1, 4, 8, 16)

RUNS = (
    Run("idle", "idle.py", {"none": (1,), "simplefilters": _THREE, "timer": (1, 4), **_all("auto R", _FOUR), **_all("wait R+gilyield", (1, 16))}, 400),
    Run(
        "events",
        "events.py",
        {
            **_all("none auto R R+gilyield", (0, *_FOUR)),
            **_all("pyqt pyqt+gilyield", _FOUR),
            **_all("simplefilters timer", _THREE),
        },
        500,
        900,
    ),
    Run("slot", "slot.py", {"timer": (1,), **_all("R pyqt", (1, 4)), **_all("auto R+gilyield pyqt+gilyield", _THREE)}, 850, 1200),
    Run("saturated", "saturated.py", _all("none timer auto R R+gilyield", (0, 1)), 450),
    Run("animation", "animation.py", {"timer": (1,), **_all("none auto R R+gilyield", (1, 8))}, 450),
    Run("sleepers", "idle.py", _all("none timer auto R", (1, 8)), 350, options={"work": "sleep"}),
    Run("hashing", "hashing.py", _all("none auto R"), 700),
    Run("wakeups", "wakeups.py", _all("none timer auto"), 1000),
    Run("turns", "turns.py", _all("none auto"), 1000),
    Run("roundtrips", "roundtrips.py", _all("auto R+gilyield"), 20),
    Run("gui calls", "gui_calls.py", _all("auto R+gilyield", (0, 4, 16)), 350),
    Run("letting go", "letting_go.py", _all("auto R+gilyield pyqt+gilyield", (0, 4, 16)), 300),
    Run("pump", "letting_go.py", _all("none auto R R+gilyield pyqt pyqt+gilyield"), 500, options={"pump": True}),
    Run("busy", "events.py", _all("auto auto-old R", (8, 16)), 1000, options={"paired": False}, foreign=4),
    Run("busy session", "events.py", _all("auto auto-old R", (8, 16)), 1500, options={"paired": False}, foreign=4, one_session=True),
)

# Threads that need little, and one that wants everything, beside threads that compute: the load's phases are "KIND NUMBER" and "KIND SLOT".
_KINDS = {"sleeper": (0, *_FOUR), **_all("queue socketpair births http greedy", (0, 1, 4))}
_SLOTS = {"slot": ["sleeper", "http"], "short slot": ["sleeper"]}
_PYQT = "pyqt pyqt+gilyield"
RUNS += (
    # Turns are 2 ms long: of several threads each is to have many of them, so their windows are `several` times as long.
    Run("little", "little.py", _all("auto " + _PYQT, (0, *_FOUR)), 260, options={"kinds": _KINDS, "slots": _SLOTS, "several": 1.6}),
    Run("little vtk", "little.py", _all(_PYQT, (0, 1, 4)), 300, options={"kinds": {"vtk": (0, 1, 4)}}, venv=True),
)

REPETITIONS = 3

# --quick: one repetition of much shorter windows.
QUICK_SCALE = 0.25

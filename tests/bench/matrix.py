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


_AUTO = {"mode": "auto", "priority_active": "gui"}

SIDES = {
    "none": Side("no gilyield"),
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
    "auto-none": Side(
        "gilyield, priority none",
        gilyield={"MODE": "auto", "PRIORITY": "none"},
        expected={"mode": "auto", "priority_active": "none"},
        slow=True,
    ),
    "R": Side("R: host releases the GIL", arguments=("--release-gil",), slow=True, paired=True),
    "R+gilyield": Side("R with gilyield", arguments=("--release-gil",), gilyield={"MODE": "auto"}, expected=_AUTO, paired=True),
    "pyqt": Side("PyQt5 application", program="pyqt", slow=True),
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


def _all(names, threads=()):
    return {name: tuple(threads) for name in names.split()}


_THREE, _FIVE = (1, 4, 16), (1, 2, 4, 8, 16)

RUNS = (
    Run("idle", "idle.py", {"none": (1,), **_all("simplefilters timer auto R", _FIVE), **_all("wait R+gilyield", _THREE)}, 450),
    Run(
        "events",
        "events.py",
        {
            **_all("none auto", (0, *_FIVE)),
            **_all("simplefilters timer", _FIVE),
            **_all("R R+gilyield", (0, *_FIVE)),
            **_all("pyqt pyqt+gilyield", _FIVE),
        },
        550,
        1000,
    ),
    Run("slot", "slot.py", {"timer": (1, 4), **_all("auto R R+gilyield pyqt pyqt+gilyield", (1, 4, 8, 16))}, 1000, 1400),
    Run("saturated", "saturated.py", _all("none timer wait auto R R+gilyield", (0, 1)), 700),
    Run("animation", "animation.py", _all("none timer auto R R+gilyield", (1, 8)), 600),
    Run("sleepers", "idle.py", _all("none timer auto R R+gilyield", (1, 8)), 400, options={"work": "sleep"}),
    Run("hashing", "hashing.py", _all("none auto R R+gilyield"), 1000),
    Run("wakeups", "wakeups.py", _all("none timer wait auto R R+gilyield"), 1000),
    Run("turns", "turns.py", _all("none wait auto R R+gilyield"), 1000),
    Run("roundtrips", "roundtrips.py", _all("auto-none auto R R+gilyield"), 300),
    Run("gui calls", "gui_calls.py", _all("auto R+gilyield", (0, 4, 16)), 500),
    Run("letting go", "letting_go.py", _all("auto R+gilyield", (0, 4, 16)), 300),
)

# Threads that need little, and one that wants everything, beside threads that compute: the load's phases are "KIND NUMBER".
RUNS += tuple(
    Run(f"little {kind}", "little.py", _all("R R+gilyield", (0, 1, 4)), 350, options={"kinds": [kind]})
    for kind in ("sleeper", "queue", "socketpair", "births", "greedy", "http")
)

REPETITIONS = 3

# --quick: one repetition of this much shorter windows, and fewer threads.
QUICK_SCALE = 0.5
QUICK_THREADS = (0, 1, 8)

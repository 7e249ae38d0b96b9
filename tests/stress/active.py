# SPDX-License-Identifier: MIT
"""The GUI thread stands first in this process, wherever its CPython came from, and threads run."""

import sys

import gilyield
import host
import stress


def waits(priority, spinners):
    """Generator: median time from an event to its Python handler."""
    gilyield.configure(priority=priority)
    yield 30
    assert gilyield.status().priority_active == priority, gilyield.status()
    host.latency_start(6, 14, lambda: None)
    yield 600
    times = sorted(host.latency_stop()["start_ms"])
    return times[len(times) // 2]


def script():
    yield from stress.gui_first()
    spinners = stress.Spinners(4)
    yield 50
    medians = {"gui": [], "none": []}
    for priority in ("gui", "none", "gui", "none"):
        medians[priority].append((yield from waits(priority, spinners)))
    print(sys.version.split()[0], "median latency in ms:", medians, flush=True)
    assert min(medians["gui"]) < min(medians["none"]) / 4, medians
    yield from stress.gui_first()
    yield from spinners.progress()
    print(gilyield.status(), flush=True)
    spinners.stop()


stress.run(script)

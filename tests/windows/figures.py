#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The figures of python/docs/windows.md, by hand: xvfb-run -a python3 tests/windows/figures.py --build build/release/windows

Prints a row for each CPython, medians of the rounds: a thread's speed beside an idle event loop, as a part of that with the GIL
released for good; how late the slot of a 10 ms timer is beside 1, 4 and 8 threads that compute; how long a slot of 2 ms lasts beside 8;
a thread's speed while a native MessageBox is open, as a part of that in Qt's idle loop; how often an idle GUI thread is woken in 2 s.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import places
import test_windows


def one_round(version: str) -> list[float]:
    run = test_windows.run
    found = [float(run("host_free.py", version, TEST_SECONDS="0.8")["part"])]
    found += [float(run("host_load.py", version, TEST_THREADS=str(threads))["late_ms"]) for threads in (1, 4, 8)]
    found.append(float(run("host_load.py", version, TEST_THREADS="8", TEST_BUSY_MS="2")["slot_ms"]))
    found.append(float(run("host_modal.py", version, TEST_LOOP="box")["ratio"]))
    found.append(float(run("host_idle.py", version, TEST_KIND="sleep", TEST_SECONDS="4")["turns"]))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, type=Path)
    parser.add_argument("--python", nargs="+", default=places.PYTHONS, choices=places.PYTHONS + places.BY_HAND)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    test_windows.build = options.build.resolve()
    rounds: dict[str, list[list[float]]] = {version: [] for version in options.python}
    with places.kept_awake():
        for _ in range(options.rounds):
            for version in options.python:  # in turns
                rounds[version].append(one_round(version))
    for version, found in rounds.items():
        part, late1, late4, late8, slot, box, woken = (test_windows.median(list(values)) for values in zip(*found))
        print(f"| {version} | {part:.0%} | {late1:.2f} / {late4:.2f} / {late8:.2f} ms | {slot:.2f} ms | {box:.0%} | {woken:.0f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())

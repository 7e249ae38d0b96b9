# SPDX-License-Identifier: MIT
"""Off, or with nothing to do, the shim does not wake an idle application. Arguments: build, Qt."""

import os
import re
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Dict

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "support"))

import runner

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPT = os.path.join(HERE, os.pardir, "in_host", "idle.py")
SECONDS = 2
MARGIN = 8  # what else may wake an idle thread; one tick each 20 ms would be 100


def idle(build: runner.Build, sleeping_threads: int, preload: bool, **variables: str) -> Dict[str, str]:
    arguments = [SCRIPT, str(SECONDS), str(sleeping_threads)] + (["ask"] if preload else [])
    result = runner.run_host(build, arguments, preload=preload, variables=variables)
    print(variables, sleeping_threads, result.describe())
    result.check_clean()
    return dict(re.findall(r"^(WAKEUPS|TICKS|STATE) (.*)$", result.stdout, re.MULTILINE))


def test() -> None:
    build = runner.Build(sys.argv[1], int(sys.argv[2]))
    # They sleep, and each counts its own wake-ups.
    with ThreadPoolExecutor(4) as pool:

        def begin(sleeping_threads: int, preload: bool = True, **variables: str) -> "Future[Dict[str, str]]":
            return pool.submit(idle, build, sleeping_threads, preload, **variables)

        plain = begin(2, preload=False)
        dormant = [begin(2, QT_NO_GLIB=glib) for glib in ("", "1")]
        at_work = [begin(sleeping, GILYIELD="1", GILYIELD_MODE=mode) for mode in ("auto", "wait") for sleeping in (0, 2)]
        timers = [begin(sleeping, GILYIELD="1", GILYIELD_MODE="timer") for sleeping in (0, 2)]
    base = int(plain.result()["WAKEUPS"])
    limit = 2 * base + MARGIN
    for figures in (each.result() for each in dormant):
        runner.check(figures["STATE"] == "dormant" and figures["TICKS"] == "0", "without GILYIELD it must be dormant")
        runner.check(int(figures["WAKEUPS"]) <= limit, f"dormant, it woke the application {figures['WAKEUPS']} times, not {base}")
    for figures in (each.result() for each in at_work):
        runner.check(figures["STATE"] == "running", "it must be running")
        runner.check(int(figures["TICKS"]) == 0, "it ticked in an idle application")
        runner.check(int(figures["WAKEUPS"]) <= limit, f"it woke the application {figures['WAKEUPS']} times, not {base}")
    alone, ticking = (each.result() for each in timers)
    runner.check(alone["STATE"] == "running", "it must be running")
    runner.check(int(alone["TICKS"]) <= 4 * SECONDS, "mode timer, no other thread: at most a few ticks a second")
    runner.check(int(alone["WAKEUPS"]) <= limit + 4 * SECONDS, "mode timer, no other thread: it woke the application too often")
    # The measure itself: with threads to serve the timer does tick, and this sees it.
    runner.check(int(ticking["TICKS"]) > 4 * SECONDS and int(ticking["WAKEUPS"]) > limit, "wake-ups are not seen by this test")


if __name__ == "__main__":
    runner.main(test)

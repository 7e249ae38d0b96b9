# SPDX-License-Identifier: MIT
"""Off, or with nothing to do, the shim does not wake an idle application. Arguments: build, Qt."""

import os
import re
import sys
from typing import Dict

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "support"))

import runner

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPT = os.path.join(HERE, os.pardir, "in_host", "idle.py")
SECONDS = 2
MARGIN = 8  # what else may wake an idle thread; one tick each 20 ms would be 100


def idle(build: runner.Build, sleeping_threads: int, **options) -> Dict[str, str]:
    preload = options.pop("preload", True)
    arguments = [SCRIPT, str(SECONDS), str(sleeping_threads)] + (["ask"] if preload else [])
    result = runner.run_host(build, arguments, preload=preload, variables=options)
    print(options, sleeping_threads, result.describe())
    result.check_clean()
    return dict(re.findall(r"^(WAKEUPS|TICKS|STATE) (.*)$", result.stdout, re.MULTILINE))


def test() -> None:
    build = runner.Build(sys.argv[1], int(sys.argv[2]))
    base = int(idle(build, 2, preload=False)["WAKEUPS"])
    limit = 2 * base + MARGIN
    for glib in ("", "1"):
        dormant = idle(build, 2, QT_NO_GLIB=glib)
        runner.check(dormant["STATE"] == "dormant" and dormant["TICKS"] == "0", "without GILYIELD it must be dormant")
        runner.check(int(dormant["WAKEUPS"]) <= limit, f"dormant, it woke the application {dormant['WAKEUPS']} times, not {base}")
    for mode in ("auto", "wait"):
        for sleeping in (0, 2):
            figures = idle(build, sleeping, GILYIELD="1", GILYIELD_MODE=mode)
            runner.check(figures["STATE"] == "running", "it must be running")
            runner.check(int(figures["TICKS"]) == 0, f"mode {mode} ticked in an idle application")
            runner.check(int(figures["WAKEUPS"]) <= limit, f"mode {mode} woke the application {figures['WAKEUPS']} times, not {base}")
    alone = idle(build, 0, GILYIELD="1", GILYIELD_MODE="timer")
    runner.check(alone["STATE"] == "running", "it must be running")
    runner.check(int(alone["TICKS"]) <= 4 * SECONDS, "mode timer, no other thread: at most a few ticks a second")
    runner.check(int(alone["WAKEUPS"]) <= limit + 4 * SECONDS, "mode timer, no other thread: it woke the application too often")
    # The measure itself: with threads to serve the timer does tick, and this sees it.
    ticking = idle(build, 2, GILYIELD="1", GILYIELD_MODE="timer")
    runner.check(int(ticking["TICKS"]) > 4 * SECONDS and int(ticking["WAKEUPS"]) > limit, "wake-ups are not seen by this test")


if __name__ == "__main__":
    runner.main(test)

# SPDX-License-Identifier: MIT
"""An unmodified application from Debian, under Xvfb. Arguments: build, application, modes.

Without the shim a thread that writes every 50 ms makes no progress; with LD_PRELOAD and GILYIELD=1 it writes at least 15 of
its 20 lines a second; the application's own Python switches that off and on; the application ends as it ends without.
"""

import math
import os
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time
from typing import Dict, List, Tuple

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "support"))

import runner

HERE = os.path.dirname(os.path.abspath(__file__))

WRITES_A_SECOND = 15  # of 20
STALLED_WRITES = 2  # in a whole phase
LIMIT_S = 60

COMMANDS: Dict[str, List[str]] = {
    "klayout": ["klayout", "-e", "-rm", os.path.join(HERE, "klayout_script.py")],
    "paraview": ["paraview", f"--script={os.path.join(HERE, 'paraview_script.py')}"],
    "scribus": ["scribus", "-ns", "-py", os.path.join(HERE, "scribus_script.py")],
}


# What waits for a person at the start, and the key that sends it away.
DIALOGS = {"scribus": ("New Document", "Escape")}


def dismiss(title: str, key: str, env: Dict[str, str]) -> None:
    """Wait for the window and press the key in it."""
    for _ in range(100):
        found = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", title], env=env, capture_output=True, text=True)
        for window in found.stdout.split():
            subprocess.run(["xdotool", "windowfocus", "--sync", window, "key", key], env=env, capture_output=True, timeout=10)
            return
        time.sleep(0.2)


Log = List[Tuple[float, str]]


def run(build: runner.Build, application: str, variables: Dict[str, str], preload: bool) -> Tuple[runner.Result, Log]:
    with runner.scratch() as home, runner.display() as display:
        env = runner.environment(home, build.python)
        log = os.path.join(home, "apptest.log")
        env.update(QT_QPA_PLATFORM="xcb", DISPLAY=display, APPTEST_DIR=HERE, APPTEST_LOG=log, **variables)
        if preload:
            env["LD_PRELOAD"] = build.preload
        if application in DIALOGS:
            clean = {name: env[name] for name in ("PATH", "HOME", "DISPLAY")}
            threading.Thread(target=dismiss, args=(*DIALOGS[application], clean), daemon=True).start()
        result = runner.run(COMMANDS[application], env, LIMIT_S, cwd=home)
        lines = open(log, encoding="utf-8").read().splitlines() if os.path.exists(log) else []
    parsed = [(float(line.split(" ", 1)[0]), line.split(" ", 1)[1]) for line in lines if " " in line]
    print(variables, "preloaded" if preload else "nothing preloaded", result.describe())
    print("\n".join(f"{time:.3f} {text}" for time, text in parsed if text != "write"))
    runner.check(not [text for _, text in parsed if text.startswith("error")], "the script met an error")
    runner.check(any(text == "phase end" for _, text in parsed), "the script did not run to its end")
    return result, parsed


def writes_in(log: Log, phase: str) -> Tuple[List[float], float]:
    """Return the times of the writes in a phase, counted from its begin, and how long it was."""
    starts = [(time, text[6:]) for time, text in log if text.startswith("phase ")]
    index = [name for _, name in starts].index(phase)
    begin, end = starts[index][0], starts[index + 1][0]
    return [time - begin for time, text in log if text == "write" and begin <= time < end], end - begin


def expect_progress(log: Log, phase: str) -> None:
    times, length = writes_in(log, phase)
    # The median of whole seconds: one that another program spoils does not count. The first may still see the application load.
    seconds = [sum(second <= time < second + 1 for time in times) for second in range(math.floor(length))]
    print(f"phase {phase}: writes in each second: {seconds}")
    runner.check(len(seconds) >= 3 and statistics.median(seconds) >= WRITES_A_SECOND,
                 f"phase {phase}: at least {WRITES_A_SECOND} writes a second were wanted")


def expect_stall(log: Log, phase: str) -> None:
    times, length = writes_in(log, phase)
    print(f"phase {phase}: {len(times)} writes in {length:.1f} s")
    runner.check(len(times) <= STALLED_WRITES, f"phase {phase}: the thread should have stood still")


def kinds(stderr: str) -> set:
    """Return its lines with numbers taken out."""
    return {re.sub(r"0x[0-9a-f]+|[0-9]+", "#", line) for line in stderr.splitlines()}


def test() -> None:
    build, application, modes = runner.Build(sys.argv[1], 5), sys.argv[2], sys.argv[3:]
    if not shutil.which(application):
        runner.skip(f"{application} is not installed here (Debian: {application})")
    if application in DIALOGS and not shutil.which("xdotool"):
        runner.skip("xdotool is not installed here (Debian: xdotool)")
    without, log = run(build, application, {}, False)
    runner.check(without.code == 0 and not without.timed_out, "without the shim, too, the application should end with 0")
    for phase in ("first", "second"):
        expect_stall(log, phase)
    for mode in modes:
        result, log = run(build, application, {"GILYIELD": "1", "GILYIELD_MODE": mode, "APPTEST_TOGGLE": "1"}, True)
        for phase in ("first", "second", "on"):
            expect_progress(log, phase)
        expect_stall(log, "off")
        runner.check(any(f"state running mode={mode} host=holds" in text for _, text in log), "status() should say so")
        result.check_clean()
        new = kinds(result.stderr) - kinds(without.stderr)
        runner.check(not new, f"stderr has lines that are not there without the shim: {sorted(new)}")


if __name__ == "__main__":
    runner.main(test)

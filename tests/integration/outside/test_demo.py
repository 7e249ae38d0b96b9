# SPDX-License-Identifier: MIT
"""The demo application by itself: its buttons. Arguments: build, Qt, case."""

import json
import os
import re
import sys
from typing import Any, Dict

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "support"))

import runner

HERE = os.path.dirname(os.path.abspath(__file__))
FAILING = os.path.join(HERE, os.pardir, "in_host", "demo_fails.py")
PRINTS = 100


def demo(build: runner.Build, *options: str, auto: bool = True, gilyield: bool = True, pythonpath: str = "", **variables: str) -> runner.Result:
    with runner.scratch() as home:
        env = runner.environment(home, pythonpath or build.python)
        if gilyield:
            env.update(LD_PRELOAD=build.preload, GILYIELD="1")
        env.update(variables)
        program = os.path.join(build.directory, "bin", f"gilyield-demo-qt{build.qt}")
        result = runner.run([program, *(["--auto"] if auto else []), *options], env, 60, cwd=home)
    print(options, result.describe())
    return result


def figures(result: runner.Result) -> Dict[str, Any]:
    """Return the line of JSON that it prints."""
    result.check_clean()
    return json.loads(result.stdout)


def check_buttons(run: Dict[str, Any]) -> None:
    runner.check(run["button_enabled"], "the button was left disabled")
    runner.check(not run["cancel_enabled"], "Cancel was left enabled")


def forum(build: runner.Build) -> None:
    without = figures(demo(build, "--seconds", "3", gilyield=False))
    runner.check(not without["finished"] and without["stalled_after_prints"] is not None, "without gilyield the thread must stall")
    run = figures(demo(build))
    runner.check(run["end"] == "finished" and run["prints"] == PRINTS, "with gilyield the thread must finish")


def jobs(build: runner.Build) -> None:
    run = figures(demo(build, "--jobs"))
    runner.check(run["end"] == "finished" and run["prints"] == PRINTS, "the job must finish")
    runner.check(run["bar_percent"] == 100, "on_progress must have moved the bar to its end")
    check_buttons(run)


def cancel(build: runner.Build) -> None:
    run = figures(demo(build, "--jobs", "--cancel-at", "20"))
    runner.check(run["end"] == "cancelled" and 20 <= run["prints"] < PRINTS, "Cancel must stop the job")
    runner.check(run["bar_percent"] < 100, "the bar must stand where the job was cancelled")
    check_buttons(run)


def error(build: runner.Build) -> None:
    run = figures(demo(build, "--jobs", DEMO_SCRIPT=FAILING))
    runner.check(run["end"] == "failed" and run["prints"] == 1, "the job must fail")
    check_buttons(run)


def unavailable(build: runner.Build) -> None:
    """gilyield cannot be imported: the second button says so, the first works as ever."""
    with runner.scratch() as modules:
        with open(os.path.join(modules, "gilyield.py"), "w") as module:
            module.write("raise ImportError('not for this Python')\n")
        result = demo(build, "--jobs", pythonpath=modules)
        runner.check(result.code == 1, "exit code 1 was wanted")
        runner.check("jobsButton is disabled: gilyield cannot be imported here: not for this Python" in result.stderr,
                     "it must say why the button is disabled")
        run = figures(demo(build, pythonpath=modules))
        runner.check(run["end"] == "finished" and run["prints"] == PRINTS, "the forum's button needs no module")


STALLS = [
    ("time.sleep() in a slot", r"slept in C or C\+\+.*, called at .*made_stalls\.py:\d+, in sleeping_slot"),
    ("Python in a slot", r"ran Python, at .*made_stalls\.py:\d+, in python_slot"),
    # Which function can be told only where the kernel lets a process sample itself.
    ("C++ in a slot", r"ran C or C\+\+( \(.*\))?, called by no Python"),
    ("a thread that keeps the GIL in C",
     r'waited for the GIL, which thread "hog" had at .*made_stalls\.py:\d+, in hog, inside a C function that does not release it'),
    ("a lock that a thread has", r"waited for a lock, called at .*made_stalls\.py:\d+, in wait_for_lock"),
    ("an import inside an import", r"slept in C or C\+\+.*, called at .*made_import_inner\.py:6, in <module>"),
]


def stalls(build: runner.Build) -> None:
    """What stalls the GUI thread is named, for each way that the button has; a busy machine may add reports."""
    result = demo(build, "--type", "module_that_stalls.try_all()", auto=False)
    runner.check(result.code == 0, "it should end with 0")
    parts = re.split(r"^now: (.*)$", result.stdout, flags=re.M)
    runner.check(parts[1::2] == [text for text, _ in STALLS], f"tried: {parts[1::2]}")
    for (text, pattern), output in zip(STALLS, parts[2::2]):
        runner.check(re.search(r"^the GUI thread was late for its events by .*: it " + pattern, output, re.M), f"{text}: {output}")
    if sampled():
        runner.check("(slowSlot in gilyield-demo-qt" in parts[6], "the C++ slot has a name")


def sampled() -> bool:
    with open("/proc/sys/kernel/perf_event_paranoid", encoding="ascii") as setting:
        return int(setting.read()) <= 2


CASES = {case.__name__: case for case in (forum, jobs, cancel, error, unavailable, stalls)}

if __name__ == "__main__":
    runner.main(lambda: CASES[sys.argv[3]](runner.Build(sys.argv[1], int(sys.argv[2]))))

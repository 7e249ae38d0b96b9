# SPDX-License-Identifier: MIT
"""Six made stalls in ParaView, unmodified, are each named: what the GUI thread did, in which file and line. Argument: build."""

import os
import re
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "support"))

import runner

HERE = os.path.dirname(os.path.abspath(__file__))
LIMIT_S = 90


def line_of(function: str, text: str) -> int:
    """Return the number of the line of the function in made_stalls.py that has the text."""
    with open(os.path.join(HERE, "made_stalls.py"), encoding="utf-8") as source:
        lines = source.read().splitlines()
    begin = lines.index(f"def {function}():")
    return next(number for number in range(begin, len(lines)) if text in lines[number]) + 1


def at(function: str, text: str) -> str:
    return rf"made_stalls\.py:{line_of(function, text)}, in {function}\b"


def patterns() -> "dict[str, str]":
    """What each report has to say: its kind, then its text."""
    loop = line_of("python_slot", "while time")
    outer = rf"\S*stalls_outer\.py:1, in <module>.*{at('nested_import', 'import stalls_outer')}"
    return {
        "python_slot": rf"python .*it ran Python, at \S*made_stalls\.py:({loop}|{loop + 1}), in python_slot",
        "sleeping_slot": rf"native .*it slept in C or C\+\+ .*, called at \S*{at('sleeping_slot', 'time.sleep')}",
        "beside_a_hog": rf'gil .*waited for the GIL, which thread "hog" had at \S*{at("hog", "usleep")}, inside a C function that does not release it',
        "wait_for_lock": rf"lock .*it waited for a lock, called at \S*{at('wait_for_lock', '    with lock')}",
        "nested_import": rf"native .*called at \S*stalls_inner\.py:3, in <module>.* {outer}",
        # Which function it is can be told only where the kernel lets a process sample itself.
        "cpp_slot": r"native .*it ran C or C\+\+( \(.*vtk.*\))?, called by no Python",
    }


def test() -> None:
    build = runner.Build(sys.argv[1], 5)
    if not shutil.which("paraview"):
        runner.skip("paraview is not installed here (Debian: paraview)")
    with runner.scratch() as home, runner.display() as display:
        env = runner.environment(home, build.python)
        log = os.path.join(home, "apptest.log")
        env.update(QT_QPA_PLATFORM="xcb", DISPLAY=display, APPTEST_DIR=HERE, APPTEST_LOG=log, GILYIELD="1", LD_PRELOAD=build.preload)
        result = runner.run(["paraview", f"--script={os.path.join(HERE, 'stalls_script.py')}"], env, LIMIT_S, cwd=home)
        lines = open(log, encoding="utf-8").read().splitlines() if os.path.exists(log) else []
    print(result.describe(), *lines, sep="\n")
    result.check_clean()
    reports = {match.group(1): match.group(2) for match in (re.search(r" stall (\w+) (.*)", line) for line in lines) if match}
    for name, pattern in patterns().items():
        runner.check(re.match(pattern, reports.get(name, "")), f"{name}: {reports.get(name)} is not like {pattern}")


if __name__ == "__main__":
    runner.main(test)

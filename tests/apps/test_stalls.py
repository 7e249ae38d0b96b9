# SPDX-License-Identifier: MIT
"""Six made stalls in ParaView, unmodified, are each named: what the GUI thread did, in which file and line. Argument: build."""

import os
import re
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "support"))

import made_stalls
import runner

HERE = os.path.dirname(os.path.abspath(__file__))
LIMIT_S = 90


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
    # Which function it is can be told only where the kernel lets a process sample itself.
    wanted = {**made_stalls.patterns(), "cpp_slot": r"native .*it ran C or C\+\+( \(.*vtk.*\))?, called by no Python"}
    for name, pattern in wanted.items():
        runner.check(re.match(pattern, reports.get(name, "")), f"{name}: {reports.get(name)} is not like {pattern}")


if __name__ == "__main__":
    runner.main(test)

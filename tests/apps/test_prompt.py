# SPDX-License-Identifier: MIT
"""Python's prompt with PyQt5: a line that is entered is not the end of the application. Argument: build."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "support"))

import runner

HERE = os.path.dirname(os.path.abspath(__file__))


def test() -> None:
    build = runner.Build(sys.argv[1], 5)
    with runner.scratch() as home:
        env = runner.environment(home, build.python)
        if runner.run(["/usr/bin/python3", "-c", "import PyQt5.QtCore"], env, 60).code != 0:
            runner.skip("no PyQt5 for /usr/bin/python3 (Debian: python3-pyqt5)")
        env.update(LD_PRELOAD=build.preload, GILYIELD="1", TERM="xterm")
        for kind in ("pipe", "terminal"):
            result = runner.run(["/usr/bin/python3", "-i", os.path.join(HERE, "prompt_app.py"), kind], env, 60)
            print(result.describe())
            result.check_clean()
            runner.check("PASSED" in result.stdout, f"what a thread posted between two lines from a {kind} should be run")


if __name__ == "__main__":
    runner.main(test)

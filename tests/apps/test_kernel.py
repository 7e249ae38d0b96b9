# SPDX-License-Identifier: MIT
"""A Jupyter kernel with `%gui qt5`: the end of an event loop between two cells is not the end of the application. Argument: build."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "support"))

import runner

HERE = os.path.dirname(os.path.abspath(__file__))


def test() -> None:
    build = runner.Build(sys.argv[1], 5)
    with runner.scratch() as home:
        env = runner.environment(home, build.python)
        if runner.run(["/usr/bin/python3", "-c", "import ipykernel, jupyter_client, PyQt5.QtSvg"], env, 60).code != 0:
            runner.skip("no ipykernel with PyQt5 for /usr/bin/python3 (Debian: python3-ipykernel, python3-pyqt5.qtsvg)")
        env.update(LD_PRELOAD=build.preload, GILYIELD="1", DISPLAY=env.get("DISPLAY", ":0"))
        result = runner.run(["/usr/bin/python3", os.path.join(HERE, "kernel_client.py")], env, 90)
        print(result.describe())
        runner.check(result.code == 0 and "PASSED" in result.stdout, "what a thread posted while a cell ran should be run")


if __name__ == "__main__":
    runner.main(test)

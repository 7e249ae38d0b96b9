# SPDX-License-Identifier: MIT
"""PyQt5 where Python waits for input in an event loop: to enter a line at Python's prompt, or a cell of a Jupyter kernel, ends that loop and is not
the end of the application. Arguments: build, prompt or kernel."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "support"))

import runner

HERE = os.path.dirname(os.path.abspath(__file__))
#: What is imported, the Debian packages that have it, and the programs.
KINDS = {
    "prompt": ("PyQt5.QtCore", "python3-pyqt5", (["-i", "prompt_app.py", "pipe"], ["-i", "prompt_app.py", "terminal"])),
    "kernel": ("ipykernel, jupyter_client, PyQt5.QtSvg", "python3-ipykernel, python3-pyqt5.qtsvg", (["kernel_client.py"],)),
}


def test() -> None:
    build, kind = runner.Build(sys.argv[1], 5), sys.argv[2]
    modules, packages, programs = KINDS[kind]
    with runner.scratch() as home:
        env = runner.environment(home, build.python)
        if runner.run(["/usr/bin/python3", "-c", f"import {modules}"], env, 60).code != 0:
            runner.skip(f"/usr/bin/python3 cannot import {modules} (Debian: {packages})")
        env.update(LD_PRELOAD=build.preload, GILYIELD="1", TERM="xterm", DISPLAY=env.get("DISPLAY", ":0"))
        for words in programs:
            result = runner.run(["/usr/bin/python3", *(os.path.join(HERE, word) if word.endswith(".py") else word for word in words)], env, 90)
            print(result.describe())
            if kind == "prompt":
                result.check_clean()
            runner.check(result.code == 0 and "PASSED" in result.stdout, f"what a thread posted between two inputs should be run: {words}")


if __name__ == "__main__":
    runner.main(test)

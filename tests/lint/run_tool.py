# SPDX-License-Identifier: MIT
"""One of the tools that install_tools.py has installed. Arguments: their directory, tool, its arguments. Skipped where they are not."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "support"))

import runner


def test() -> None:
    directory, tool, *arguments = sys.argv[1:]
    if not os.path.exists(os.path.join(directory, "installed.txt")):
        runner.skip("the tools are not installed: see why the test lint.tools was skipped")
    program = os.path.join(directory, "bin", tool)
    environment = runner.environment(tools=True)
    environment.update({name: value for name, value in os.environ.items() if name == "MYPYPATH"})
    os.execve(program, [program, *arguments], environment)


if __name__ == "__main__":
    runner.main(test)

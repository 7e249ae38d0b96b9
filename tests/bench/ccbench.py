# SPDX-License-Identifier: MIT
"""CPython's own benchmark of concurrency, ccbench, in plain CPython and inside the test host with gilyield, printed side by side.

    python3 tests/bench/ccbench.py [--build build/release] [--seconds 2] [argument of ccbench...]

Debian: python3.11-examples. Leave the machine alone meanwhile.
"""

import argparse
import glob
import itertools
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import runner

HERE = pathlib.Path(__file__).resolve().parent
LIMIT_S = 600
DEBIAN = "ccbench.py (Debian 12: python3.11-examples)"
INSTALLED = max(glob.glob("/usr/share/doc/python3*/examples/ccbench/ccbench.py"), default="")


def python_of(build):
    """Return the interpreter of the CPython that the test host embeds."""
    cache = pathlib.Path(build.directory, "CMakeCache.txt").read_text()
    found = re.search(r"^_?Python3_EXECUTABLE:\w+=(.+)$", cache, re.MULTILINE)
    return found.group(1) if found else sys.executable


def run(command, env):
    done = runner.run([str(part) for part in command], env, LIMIT_S)
    runner.check(done.code == 0, done.describe())
    return done.stdout.splitlines()


def side_by_side(directory, path, seconds, arguments):
    """Run ccbench, which is at `path`, once on each side, for `seconds` a single measurement. Return both outputs, one beside the other."""
    build = runner.Build(str(directory), 5)
    inside = [HERE / "loads/ccbench_inside.py", path, seconds, *arguments]
    with runner.scratch() as home:
        env = runner.environment(home)
        plain = run([python_of(build), *inside], env)
        ours = run([build.host, *inside], {**env, "GILYIELD": "1", "LD_PRELOAD": build.preload, "PYTHONPATH": build.python})
    left, right = ["plain CPython", "", *plain], ["in the test host, with gilyield", "", *ours]
    width = max(map(len, left)) + 3
    return "\n".join(f"{a:{width}}{b}".rstrip() for a, b in itertools.zip_longest(left, right, fillvalue=""))


def test():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build/release"))
    parser.add_argument("--ccbench", default=INSTALLED, help="where ccbench.py is")
    parser.add_argument("--seconds", type=float, default=2, help="of each single measurement")
    arguments, rest = parser.parse_known_args()
    if not arguments.ccbench:
        runner.skip("needs " + DEBIAN)
    print(side_by_side(arguments.build, arguments.ccbench, arguments.seconds, rest))


if __name__ == "__main__":
    runner.main(test)

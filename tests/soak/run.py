# SPDX-License-Identifier: MIT
"""The soak, for an hour or --minutes: all kinds of threads at once in the test host. With --pairs, so many pairs of disable() and enable() instead; with
--ends, so many times the beginning and the end of all these threads.

    python3 tests/soak/run.py --build build/release [--minutes N] [--python 3.12] [--release-gil] [--sees]
    python3 tests/soak/run.py --build build/release --pairs 1000000
    python3 tests/soak/run.py --build build/release --ends 1000 [--python 3.12]
"""

import argparse
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "support"))

import runner

HERE = os.path.dirname(os.path.abspath(__file__))


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--qt", type=int, default=5)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--python", metavar="VERSION", help="a test host with this CPython of pyenv, instead of the system's")
    parser.add_argument("--release-gil", action="store_true", help="a host that releases the GIL around its event loop")
    parser.add_argument("--sees", action="store_true", help="with stall reports and timelines, on and off all the time")
    parser.add_argument("--pairs", type=int, help="of disable() and enable()")
    parser.add_argument("--ends", type=int, help="of all kinds of threads")
    parser.add_argument("--log", help="file that gets a line for each window, while it runs")
    return parser.parse_args()


def test():
    options = parse()
    build = runner.Build(options.build, options.qt)
    program = os.path.join(build.directory, "bin", f"gilyield-testhost-python{options.python}") if options.python else build.host
    if not os.path.exists(program):
        runner.skip(f"there is no {program}")
    if options.pairs:
        script, limit = [os.path.join(HERE, "toggles.py"), str(options.pairs)], 120 + options.pairs / 200
    elif options.ends:
        script, limit = [os.path.join(HERE, "ends.py"), str(options.ends)], 240 + options.ends * 10
    else:
        script, limit = [os.path.join(HERE, "soak.py"), str(options.minutes * 60)], (240 if options.minutes < 5 else 700) + options.minutes * 75
        if options.log:
            script.append(os.path.abspath(options.log))
    with runner.scratch() as home:
        env = {**runner.environment(home, build.python), "GILYIELD": "1", "LD_PRELOAD": build.preload}
        if runner.sanitizer_of(build.preload):
            env["SOAK_SANITIZED"] = os.path.basename(runner.sanitizer_of(build.preload))
        if options.sees:
            env["SOAK_SEES"] = "1"
        result = runner.run([program] + ["--release-gil"] * options.release_gil + script, env, limit, cwd=home)
    print(result.describe(), flush=True)
    result.pass_on_skip()
    result.check_clean()
    runner.check("PASSED" in result.stdout.splitlines(), "the script did not pass")


if __name__ == "__main__":
    runner.main(test)

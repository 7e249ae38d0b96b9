# SPDX-License-Identifier: MIT
"""One stress test: a program that runs a script, in a process of its own, once or several times. It has passed if the script says so each time,
the program ended with 0, and the shim wrote nothing."""

import argparse
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "support"))

import runner


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    parser.add_argument("--qt", type=int, required=True)
    parser.add_argument("--program", help="instead of the test host")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--no-preload", action="store_true")
    parser.add_argument("--as-without", action="store_true", help="a crash is none of ours that comes without the shim, too")
    parser.add_argument("--env", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--timeout", type=float, default=60, help="of each run, in seconds")
    parser.add_argument("arguments", nargs="+", help="of the program, after --")
    return parser.parse_args()


WITHOUT_RUNS = 40


def run(options: argparse.Namespace, build: runner.Build, shim: bool) -> runner.Result:
    with runner.scratch() as home:
        env = runner.environment(home, build.python)
        if shim:
            env["GILYIELD"] = "1"
        if shim and not options.no_preload:
            env["LD_PRELOAD"] = build.preload
        if "STRESS_SECONDS" in os.environ:
            env["STRESS_SECONDS"] = os.environ["STRESS_SECONDS"]
        env.update(dict(entry.split("=", 1) for entry in options.env))
        return runner.run([options.program or build.host] + options.arguments, env, options.timeout, cwd=home)


def crashes_without(options: argparse.Namespace, build: runner.Build, code: int) -> bool:
    """Return whether the program without the shim is ever killed by the same signal."""
    return any(run(options, build, False).code == code for _ in range(WITHOUT_RUNS))


def once(options: argparse.Namespace, build: runner.Build) -> None:
    result = run(options, build, True)
    print(result.describe(), flush=True)
    if options.as_without and result.code < 0 and not result.timed_out and crashes_without(options, build, result.code):
        print("The program crashes in this way without the shim, too.", flush=True)
        return
    result.pass_on_skip()
    result.check_clean()
    runner.check("PASSED" in result.stdout.splitlines(), "the script did not pass")


def test() -> None:
    options = parse()
    for _ in range(options.repeat):
        once(options, runner.Build(options.build, options.qt))


if __name__ == "__main__":
    runner.main(test)

# SPDX-License-Identifier: MIT
"""One test: a script inside the test host. It has passed if it says so, the exit code is right and the shim wrote nothing."""

import argparse
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "support"))

import runner


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    parser.add_argument("--qt", type=int, required=True)
    parser.add_argument("--no-preload", action="store_true")
    parser.add_argument("--platform", default="offscreen")
    parser.add_argument("--env", action="append", default=[], metavar="NAME=VALUE",
                        help="{shim} in it, and in the arguments, becomes the path of the shim, {preload} that of the library to preload")
    parser.add_argument("--passes", type=int, default=1, help="how often the script says that it has passed")
    parser.add_argument("--expect", metavar="REGEX", help="what one of the lines that the script prints is to match, all of it")
    parser.add_argument("--code", type=int, default=0)
    parser.add_argument("--timeout", type=float, default=60)
    parser.add_argument("arguments", nargs="+", help="of the host, after --")
    return parser.parse_args()


def fill_in(text: str, build: runner.Build) -> str:
    return text.replace("{shim}", build.shim).replace("{preload}", build.preload)


def test() -> None:
    options = parse()
    build = runner.Build(options.build, options.qt)
    result = runner.run_host(
        build,
        [fill_in(argument, build) for argument in options.arguments],
        preload=not options.no_preload,
        variables=dict(fill_in(entry, build).split("=", 1) for entry in options.env),
        platform=options.platform,
        timeout=options.timeout,
    )
    print(result.describe())
    result.pass_on_skip()
    result.check_clean(options.code)
    if options.expect:
        runner.check(any(re.fullmatch(options.expect, line) for line in result.stdout.splitlines()),
                     f"the script printed no line like {options.expect}")
    passes = sum(line == "PASSED" for line in result.stdout.splitlines())
    runner.check(passes == options.passes, f"the script passed {passes} times, not {options.passes}")


if __name__ == "__main__":
    runner.main(test)
    sys.exit(0)

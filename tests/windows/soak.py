#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Many short runs under Wine, each with other threads: no crash, no hang, no thread that stands still for half of one.

    soak.py --build build/release/windows --runs 200 --seconds 4 --at-once 3 --log soak.log

For each CPython that is there; half of them in the embedding host, half PyQt programs, with Qt 5 and 6. The log gets a line for each
run, and all of what a run said that failed; the seed gives the same threads again.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import subprocess
import sys
import time
from pathlib import Path

import places

SCRIPTS = Path(__file__).resolve().parent / "scripts"
PROGRAMS = (("embed_host.exe", 5), ("python.exe", 5), ("embed_host.exe", 6), ("python.exe", 6))
ENDS = ((), ("leave",), ("gone-first",))


def one(build: Path, version: str, seed: int, seconds: float) -> tuple[str, str]:
    """A run: what is in order of it, "" if something is not; and a line about it, with all that it said if something is not."""
    program, qt = PROGRAMS[seed % len(PROGRAMS)]
    ends = ENDS[seed // len(PROGRAMS) % len(ENDS)] if program == "embed_host.exe" else ()
    env = places.environment(
        version, qt, PYTHONPATH=places.windows_path(build / "python"), TEST_SCRIPTS=places.windows_path(SCRIPTS),
        TEST_SEED=str(seed), TEST_SECONDS=str(seconds), TEST_PROGRAM=program,
    )
    name = f"CPython {version} {program} Qt {qt} seed {seed}"
    try:
        done = places.run(build / "lib" / program, places.windows_path(SCRIPTS / "soak.py"), *ends, env=env, seconds=60 + seconds)
    except subprocess.TimeoutExpired as late:
        return "", f"{name}: hangs\n{late.output}"
    said = dict(line.split(" ", 1) for line in done.stdout.splitlines() if " " in line)
    if done.returncode != 0:
        return "", f"{name}: ended with {done.returncode}\n{done.stdout}"
    if said.get("stuck") != "[]":
        return "", f"{name}: something stands still\n{done.stdout}"
    return "passed", f"{name}: {said['threads']} threads, GUI late {said['late_ms']} ms at most"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, type=Path)
    parser.add_argument("--python", nargs="+", default=places.PYTHONS, choices=places.PYTHONS + places.BY_HAND)
    parser.add_argument("--runs", type=int, default=200, help="of each CPython")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--at-once", type=int, default=3)
    parser.add_argument("--log", type=Path)
    options = parser.parse_args()
    build = options.build.resolve()
    for version in options.python:
        why = places.obstacle(version, build)
        if why:
            print(f"skipped: {why}")
            return 0
    began = time.monotonic()
    runs = [(version, seed) for seed in range(options.first, options.first + options.runs) for version in options.python]
    failed = 0
    with places.kept_awake(), concurrent.futures.ThreadPoolExecutor(options.at_once) as pool:
        jobs = [pool.submit(one, build, version, seed, options.seconds) for version, seed in runs]
        for job in concurrent.futures.as_completed(jobs):
            passed, line = job.result()
            failed += not passed
            if options.log:
                with options.log.open("a", encoding="utf-8") as log:
                    log.write(line + "\n")
            if not passed:
                print(line, flush=True)
    print(f"{len(runs)} runs of {options.seconds} s, {options.at_once} at once, in {time.monotonic() - began:.0f} s: {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

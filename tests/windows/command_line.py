# SPDX-License-Identifier: MIT
"""The command line of the scripts that hold the Windows tests: one test for each name on it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Callable

import places


def main(description: str | None, test: Callable[[str, str, Path], None]) -> int:
    """Calls test(name, version, build) for each name; says "skipped: " and why, where nothing can be run."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, type=Path)
    parser.add_argument("--python", required=True, choices=places.PYTHONS + places.BY_HAND)
    parser.add_argument("tests", nargs="+")
    options = parser.parse_args()
    build = options.build.resolve()
    why = places.obstacle(options.python, build)
    if why:
        print(f"skipped: {why}")
        return 0
    with places.kept_awake():
        for name in options.tests:
            test(name, options.python, build)
            print(f"{name} with CPython {options.python}: passed")
    return 0

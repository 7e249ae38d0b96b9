# SPDX-License-Identifier: MIT
"""The shim's listing tells the truth: the map in shim/README.md has each file once, header guards differ, and each function is used."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path


def check_map(readme: str, root: Path) -> list[str]:
    """Each source file has one row in its folder's table; a header has one if it has no source file."""
    rows = []
    for section in re.split(r"(?m)^### ", readme.partition("## The map")[2].partition("\n## ")[0])[1:]:
        folder = re.match(r"`(\w+)`", section)
        if folder:
            for cell in re.findall(r"(?m)^\| (`[^|]*`) \|", section):
                rows += [f"{folder.group(1)}/{name}" for name in re.findall(r"`([\w.]+)`", cell)]
    files = sorted(f for f in root.rglob("*") if f.suffix in (".c", ".cpp", ".h"))
    stems = {str(f.with_suffix("")) for f in files if f.suffix != ".h"}
    twins = {re.sub(r"_[a-z0-9]+$", "", stem) for stem in stems}
    wanted = [str(f.relative_to(root)) for f in files if f.suffix != ".h" or str(f.with_suffix("")) not in stems | twins]
    problems = [f"shim/README.md names {name}, which is not there" for name in sorted(set(rows) - set(wanted))]
    problems += [f"shim/README.md: the map has no row for {name}" for name in sorted(set(wanted) - set(rows))]
    return problems + [f"shim/README.md: {name} has {n} rows" for name, n in Counter(rows).items() if n > 1]


def check_guards(root: Path) -> list[str]:
    guards: dict[str, str] = {}
    problems = []
    for header in sorted(root.rglob("*.h")):
        guard = re.search(r"(?m)^#ifndef (\w+)$", header.read_text(encoding="utf-8"))
        name = guard.group(1) if guard else "none"
        if name in guards or not guard:
            problems.append(f"{header.relative_to(root)}: its guard {name} is that of {guards.get(name, 'nothing')}")
        guards[name] = str(header.relative_to(root))
    return problems


def check_callers(nm: str, objects: list[str], root: Path) -> list[str]:
    """What is not exported has a caller in the library: functions that only tests call are in the tests."""
    defined: dict[str, str] = {}
    used = set()
    for path in objects:
        lines = subprocess.run([nm, "-g", "-P", path], check=True, capture_output=True, text=True).stdout.splitlines()
        for symbol, kind in (line.split()[:2] for line in lines):
            if kind == "U":
                used.add(symbol)
            elif symbol.startswith("gy_"):
                defined[symbol] = path.rpartition("/src/")[2].removesuffix(".o")
    return [
        f"{source}: nobody but tests uses {symbol}"
        for symbol, source in sorted(defined.items())
        if symbol not in used and len(re.findall(rf"\b{symbol}\b", (root / source).read_text(encoding="utf-8"))) < 2
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shim", type=Path, help="the folder shim")
    parser.add_argument("--nm", default="nm")
    parser.add_argument("--objects", nargs="*", default=[])
    args = parser.parse_args()
    root = args.shim / "src"
    problems = check_map((args.shim / "README.md").read_text(encoding="utf-8"), root)
    problems += check_guards(root) + check_callers(args.nm, args.objects, root)
    print("\n".join(problems) or "the map is complete")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

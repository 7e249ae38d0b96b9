# SPDX-License-Identifier: MIT
"""No circle of files in the shim, and no arrow from a folder up to one above it.

An arrow is an #include, and also a symbol that one object file uses and another defines: a header may declare what a file above
it defines. A header and the .c or .cpp files of the same name, with whatever suffix after an underscore, count as one: who
includes loop.h depends on loop.c.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

# From the top to the bottom: a folder may include what stands below it, and itself.
FOLDERS = ["api", "loop", "gil", "settings", "trace", "qt", "python", "preload", "os"]
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


def read_includes(root: Path) -> dict[str, list[str]]:
    """Map each file, by its path under `root`, to the files of the shim that it includes."""
    files = sorted(f for f in root.rglob("*") if f.suffix in (".c", ".cpp", ".h"))
    names = {str(f.relative_to(root)) for f in files}
    found = {}
    for file in files:
        name = str(file.relative_to(root))
        wanted = INCLUDE.findall(file.read_text(encoding="utf-8"))
        missing = [w for w in wanted if w not in names and not w.startswith("gilyield/") and not w.endswith(".moc")]
        if missing:
            sys.exit(f"{name} includes {missing[0]}: includes are written as paths under {root}")
        found[name] = [w for w in wanted if w in names]
    return found


def read_symbols(nm: str, objects: list[str]) -> dict[str, set[str]]:
    """Map each source file to those that define what its object file uses."""
    defines: dict[str, str] = {}
    uses: dict[str, set[str]] = {}
    for path in objects:
        source = path.rpartition("/src/")[2].removesuffix(".o")
        lines = subprocess.run([nm, "-g", "-P", path], check=True, capture_output=True, text=True).stdout.splitlines()
        for symbol, kind in (line.split()[:2] for line in lines):
            if kind == "U":
                uses.setdefault(source, set()).add(symbol)
            elif kind not in "vVwW":
                defines[symbol] = source
    return {source: {defines[s] for s in symbols if s in defines} for source, symbols in uses.items()}


def unit_of(name: str, headers: set[str]) -> str:
    """The header that `name` implements, without suffix; else `name` without suffix."""
    stem = name.rsplit(".", 1)[0]
    part = stem
    while part:
        if part + ".h" in headers:
            return part
        part = part.rpartition("_")[0]
    return stem


def find_circle(arrows: dict[str, set[str]]) -> list[str] | None:
    """One circle of units, the first again at the end."""
    done: set[str] = set()
    path: list[str] = []

    def visit(unit: str) -> list[str] | None:
        if unit in path:
            return [*path[path.index(unit) :], unit]
        if unit in done:
            return None
        path.append(unit)
        for other in sorted(arrows.get(unit, ())):
            circle = visit(other)
            if circle:
                return circle
        path.pop()
        done.add(unit)
        return None

    for unit in sorted(arrows):
        circle = visit(unit)
        if circle:
            return circle
    return None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=Path, help="shim/src")
    parser.add_argument("--nm", default="nm")
    parser.add_argument("--objects", nargs="*", default=[], help="object files, …/src/<folder>/<file>.c.o")
    args = parser.parse_args()
    includes = read_includes(args.root)
    symbols = read_symbols(args.nm, args.objects)
    headers = {name for name in includes if name.endswith(".h")}
    problems = []
    arrows: dict[str, set[str]] = {}
    for name, wanted in includes.items():
        folder = name.split("/")[0]
        if folder not in FOLDERS:
            problems.append(f"{name}: the folder {folder} has no place in the order {' > '.join(FOLDERS)}")
            continue
        unit = unit_of(name, headers)
        for other in sorted({*wanted, *symbols.get(name, ())}):
            above = other.split("/")[0]
            if above in FOLDERS and FOLDERS.index(above) < FOLDERS.index(folder):
                problems.append(f"{name} uses {other}, and {folder} stands below {above}")
            if unit_of(other, headers) != unit:
                arrows.setdefault(unit, set()).add(unit_of(other, headers))
    circle = find_circle(arrows)
    if circle:
        problems.append("a circle: " + " -> ".join(circle))
    print("\n".join(problems) or f"{len(includes)} files, no circle")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Looks at the C sources of the Windows build, which are not compiled here else: windows_sources.py msvc|tidy TOOL SOURCE SCRATCH.

msvc: whether Visual C++ would take them, as far as can be told without it: clang as that compiler, in C11, with MinGW's headers of
Windows; and no word of GNU C may be left in a file of ours after the preprocessor, so that all of it is in os/compiler.h.
tidy: clang-tidy of those that no other build compiles.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
INCLUDE = "/usr/x86_64-w64-mingw32/include"
GNU_WORD = re.compile(r"\b(__attribute__|__typeof__|typeof|__builtin_(?!offsetof)\w+|__asm__|__extension__|__label__)\b|\(\{|\?\s*:")
DEFINITIONS = ("-D_WIN32_WINNT=0x0602", "-DWIN32_LEAN_AND_MEAN", "-DGILYIELD_BUILDING", "-DGILYIELD_PLUGIN_QT=5")


def sources(source: Path, scratch: Path) -> list[Path]:
    """All C files of the library and of the extension that a Windows build compiles."""
    subprocess.run(
        ["cmake", "-S", source, "-B", scratch, "-G", "Ninja", f"-DCMAKE_TOOLCHAIN_FILE={source}/cmake/mingw-toolchain.cmake",
         "-DGILYIELD_BUILD_TESTS=OFF", "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON"],
        check=True, stdout=subprocess.DEVNULL,
    )
    entries = json.loads((scratch / "compile_commands.json").read_text())
    found = sorted({Path(entry["file"]) for entry in entries})
    assert len(found) > 60, found
    return found


def check_msvc(clang: str, source: Path, scratch: Path, files: list[Path]) -> int:
    command = [
        clang, "--target=x86_64-pc-windows-msvc", "-std=c11", *DEFINITIONS, f"-I{source}/shim/include", f"-I{source}/shim/src",
        "-isystem", f"{scratch}/python/include", "-isystem", INCLUDE, "-include", f"{HERE}/msvc_prelude.h",
    ]
    failed = 0
    for file in files:
        failed += subprocess.run([*command, "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Werror", file]).returncode != 0
        where, number = "", 0
        for line in subprocess.run([*command, "-E", file], check=True, capture_output=True, text=True).stdout.splitlines():
            if marker := re.match(r'# (\d+) "(.*?)"', line):
                number, where = int(marker[1]) - 1, marker[2]
                continue
            number += 1
            if where.startswith(str(source)) and not where.startswith(str(scratch)) and (word := GNU_WORD.search(line)):
                print(f"{where}:{number}: {word[0]!r} is GNU's: it belongs in os/compiler.h")
                failed += 1
    print(f"{len(files)} files")
    return 1 if failed else 0


def check_tidy(tidy: str, scratch: Path, files: list[Path]) -> int:
    ours = [file for file in files if file.stem.endswith(("_win32", "_pe", "_none"))]
    assert len(ours) > 20, ours
    command = [tidy, "--quiet", "-p", scratch, "--extra-arg=--target=x86_64-w64-mingw32", *ours]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    print(done.stdout, f"{len(ours)} files", sep="")
    return done.returncode


def main() -> int:
    what, tool, source, scratch = sys.argv[1], sys.argv[2], Path(sys.argv[3]).resolve(), Path(sys.argv[4]).resolve()
    if not shutil.which("x86_64-w64-mingw32-gcc") or not Path(INCLUDE, "windows.h").exists():
        print("skipped: needs MinGW (Debian: gcc-mingw-w64-x86-64-posix)")
        return 77
    files = sources(source, scratch)
    return check_msvc(tool, source, scratch, files) if what == "msvc" else check_tidy(tool, scratch, files)


if __name__ == "__main__":
    sys.exit(main())

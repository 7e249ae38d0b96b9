# SPDX-License-Identifier: MIT
"""Every file that can hold a comment begins with its SPDX line, after "#!" if it has one. Arguments: files, else all of the project."""

import os
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir))
LINE = "SPDX-License-Identifier: MIT"
NAMES = ("CMakeLists.txt", "run", ".clang-format", ".clang-tidy", ".editorconfig")
SUFFIXES = tuple(".c .cmake .cpp .h .in .map .md .pml .py .pyi .sh .supp .toml .yaml .yml".split())
RESULTS = os.path.join("tests", "bench", "results", "")  # written by the benchmark


def all_files():
    for directory, directories, files in os.walk(ROOT):
        directories[:] = [name for name in directories if name not in (".git", "build", "__pycache__")]
        yield from (os.path.join(directory, name) for name in files)


def without_line(path):
    if os.path.relpath(path, ROOT).startswith(RESULTS) or not path.endswith((*SUFFIXES, *(os.sep + name for name in NAMES))):
        return False
    with open(path, encoding="utf-8") as file:
        lines = [file.readline(), file.readline()]
    return LINE not in (lines[1] if lines[0].startswith("#!") else lines[0])


missing = [path for path in map(os.path.abspath, sys.argv[1:] or all_files()) if without_line(path)]
for path in missing:
    print(f"{os.path.relpath(path, ROOT)} does not begin with {LINE}")
sys.exit(bool(missing))

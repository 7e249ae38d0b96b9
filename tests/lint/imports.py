# SPDX-License-Identifier: MIT
"""What the extension imports of CPython is in the list that it is linked with on Windows."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("list", type=Path)
    parser.add_argument("--nm", required=True)
    parser.add_argument("--objects", nargs="+", required=True)
    options = parser.parse_args()
    listed = set(re.findall(r"(?m)^    (\w+)", options.list.read_text(encoding="utf-8")))
    listing = subprocess.run([options.nm, "-u", "-P", *options.objects], check=True, capture_output=True, text=True).stdout
    imported = set(re.findall(r"(?m)^(_?Py\w+) U", listing))
    if not imported:
        sys.exit(f"{options.nm} shows nothing that {options.objects[0]} imports of CPython")
    for symbol in sorted(imported - listed):
        print(f"{options.list.name} does not list {symbol}")
    sys.exit(bool(imported - listed))


if __name__ == "__main__":
    main()

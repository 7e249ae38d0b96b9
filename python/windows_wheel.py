#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the wheel for Windows from a build with cmake/mingw-toolchain.cmake: windows_wheel.py BUILD DIRECTORY. Prints its path.

Put together by hand, since no build back end builds for a system that it does not run on. All names in it are sorted and all times
the same, so the same build gives the same wheel.
"""

from __future__ import annotations

import base64
import hashlib
import re
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
TAG = "cp38-abi3-win_amd64"
LOCATION = '# SPDX-License-Identifier: MIT\n"""Written by the build: where the shim is, relative to this directory."""\n\nLIBRARY_DIRS = (".",)\n'


def field(name: str) -> str:
    """A line `name = "text"` of pyproject.toml."""
    found = re.search(rf'^{name} = "(.*)"$', (HERE / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    if not found:
        raise SystemExit(f"pyproject.toml has no {name}")
    return found.group(1)


def version() -> str:
    header = (HERE.parent / "shim/include/gilyield/gilyield.h").read_text(encoding="utf-8")
    return ".".join(re.findall(r"^#define GILYIELD_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)$", header, re.MULTILINE))


def files(build: Path) -> dict[str, bytes]:
    package = build / "python" / "gilyield"
    found = {
        f"gilyield/{path.relative_to(package).as_posix()}": path.read_bytes()
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.endswith(".dll.a")
    }
    found["gilyield/gilyield.dll"] = (build / "lib" / "gilyield.dll").read_bytes()
    for major in (5, 6):
        plugin = f"plugins-qt{major}/generic/gilyieldplugin.dll"
        found[f"gilyield/{plugin}"] = (build / plugin).read_bytes()
    found["gilyield/_location.py"] = LOCATION.encode()
    info = f"gilyield-{version()}.dist-info"
    found[f"{info}/METADATA"] = (
        f"Metadata-Version: 2.1\nName: gilyield\nVersion: {version()}\nSummary: {field('description')}\nRequires-Python: >=3.8\nLicense: MIT\n"
    ).encode()
    found[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: gilyield\nRoot-Is-Purelib: false\nTag: {TAG}\n".encode()
    found[f"{info}/entry_points.txt"] = b"[console_scripts]\ngilyield = gilyield._command.main:main\n"
    found[f"{info}/LICENSE"] = (HERE.parent / "LICENSE").read_bytes()
    record = f"{info}/RECORD"
    lines = [
        f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()},{len(data)}\n"
        for name, data in sorted(found.items())
    ]
    found[record] = "".join([*lines, f"{record},,\n"]).encode()
    return found


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    directory = Path(sys.argv[2])
    directory.mkdir(parents=True, exist_ok=True)
    wheel = directory / f"gilyield-{version()}-{TAG}.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files(Path(sys.argv[1])).items()):
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    print(wheel)
    return 0


if __name__ == "__main__":
    sys.exit(main())

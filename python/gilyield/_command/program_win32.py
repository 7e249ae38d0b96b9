# SPDX-License-Identifier: MIT
"""What can be known for sure about a program before it runs: whether it is there, and whether gilyield's plug-in loads into it."""

import os
import struct
import sys
from typing import Dict, List

from .. import _shim
from .unsuitable import NOT_FOUND, Unsuitable

assert sys.platform == "win32"  # for type checkers: the twin is program_linux.py

_MACHINES = {0x014C: "32-bit x86", 0x8664: "64-bit x86-64", 0xAA64: "64-bit ARM 64"}
_MINE = "64-bit x86-64"
_SCRIPTS = (".bat", ".cmd")


def kind(path: str) -> str:
    """Return what the file is: "64-bit x86-64", or "a script". Raises Unsuitable for what Windows starts neither way."""
    if os.path.splitext(path)[1].lower() in _SCRIPTS:
        return "a script"
    try:
        with open(path, "rb") as file:
            data = file.read(4096)
        if data[:2] == b"MZ":
            (header,) = struct.unpack_from("<I", data, 60)
            if data[header : header + 4] == b"PE\0\0":
                (machine,) = struct.unpack_from("<H", data, header + 4)
                return _MACHINES.get(machine, f"machine {machine:#x}")
    except (OSError, struct.error):
        pass
    raise Unsuitable(f"{path} is no program for Windows.")


def library() -> str:
    """Return the path of gilyield.dll. Raises Unsuitable."""
    directories = _shim.library_dirs()
    path = next((path for path in (os.path.join(entry, "gilyield.dll") for entry in directories) if os.path.exists(path)), "")
    if not path:
        raise Unsuitable(f"there is no gilyield.dll in {directories[0]}: this gilyield is not complete, install it again.")
    return path


def plugin_directories() -> List[str]:
    """Return what goes on QT_PLUGIN_PATH: one directory for each Qt, beside the library or one folder up. Raises Unsuitable."""
    beside = os.path.dirname(library())
    places = [os.path.join(base, f"plugins-qt{major}") for base in (beside, os.path.dirname(beside)) for major in (5, 6)]
    found = [place for place in places if os.path.exists(os.path.join(place, "generic", "gilyieldplugin.dll"))]
    if not found:
        raise Unsuitable(f"there is no plugins-qt5 beside {beside}: this gilyield is not complete, install it again.")
    if any(os.pathsep in place for place in found):
        raise Unsuitable(f"Qt cannot load plug-ins from {found[0]}: there is a semicolon in its path.")
    return found


def what_it_serves() -> str:
    """Return which Qt gilyield's plug-ins are for, words. Raises Unsuitable."""
    return " and ".join(f"Qt {directory[-1]}" for directory in plugin_directories())


def locate(name: str, environment: Dict[str, str]) -> str:
    """Return the path of a program as the command prompt would find it, but that the current directory comes last. Raises Unsuitable."""
    endings = [""] + [ending for ending in environment.get("PATHEXT", ".COM;.EXE;.BAT;.CMD").split(os.pathsep) if ending]
    has_directory = os.path.dirname(name) != ""
    directories = [""] if has_directory else [*environment.get("PATH", "").split(os.pathsep), os.curdir]
    candidates = [os.path.join(directory.strip('"'), name) + ending for directory in directories if directory or has_directory for ending in endings]
    found = next((path for path in candidates if os.path.isfile(path)), None)
    if found:
        return found
    if has_directory and os.path.isdir(name):
        raise Unsuitable(f"{name} is a directory.")
    raise Unsuitable(f"{name} does not exist." if has_directory else f"{name} was not found on PATH.", NOT_FOUND)


def check(path: str) -> None:
    """Raise Unsuitable if gilyield's plug-in cannot be loaded into this program. What a script starts is not looked at."""
    found = kind(path)
    if found not in ("a script", _MINE):
        raise Unsuitable(f"{path} is a {found} program, and this gilyield is built for {_MINE}.")

# SPDX-License-Identifier: MIT
"""What can be known for sure about a program before it runs: whether it is there, and whether the loader would preload into it."""

import os
import re
import shutil
import stat
import struct
import sys
from typing import Dict, NamedTuple, Optional

from .. import _shim
from .unsuitable import NOT_FOUND, Unsuitable

assert sys.platform != "win32"  # for type checkers: the twin is program_win32.py

_MACHINES = {3: "x86", 40: "ARM", 62: "x86-64", 183: "ARM 64", 243: "RISC-V"}
_PT_INTERP = 3


class Elf(NamedTuple):
    """What the headers of an ELF file say."""

    architecture: str  #: "64-bit x86-64"
    has_loader: bool  #: the dynamic loader starts it


def read_elf(path: str) -> Optional[Elf]:
    """Return what the headers say; None for a file that is no ELF file or cannot be read. Raises Unsuitable for a broken one."""
    try:
        with open(path, "rb") as file:
            data = file.read(4096)
            if data[:4] != b"\x7fELF":
                return None
            wide, order = data[4] == 2, ">" if data[5] == 2 else "<"
            (machine,) = struct.unpack_from(order + "H", data, 18)
            (table,) = struct.unpack_from(order + ("Q" if wide else "I"), data, 32 if wide else 28)
            size, count = struct.unpack_from(order + "HH", data, 54 if wide else 42)
            file.seek(table)
            entries = file.read(size * count)
        kinds = [struct.unpack_from(order + "I", entries, index * size)[0] for index in range(count)]
    except OSError:
        return None
    except (OverflowError, struct.error, IndexError):
        raise Unsuitable(f"{path} is not a complete ELF file.") from None
    name = _MACHINES.get(machine, f"machine {machine}") + (" big-endian" if order == ">" else "")
    return Elf(f"{64 if wide else 32}-bit {name}", _PT_INTERP in kinds)


def kind(path: str) -> str:
    """Return what the file is: "64-bit x86-64", or "a script"."""
    elf = read_elf(path)
    return elf.architecture if elf else "a script"


def library() -> str:
    """Return the path of the library to preload. Raises Unsuitable."""
    directories = _shim.library_dirs()
    path = next((path for path in (os.path.join(entry, "libgilyield.so") for entry in directories) if os.path.exists(path)), "")
    if not path:
        raise Unsuitable(f"there is no libgilyield.so in {directories[0]}: this gilyield is not complete, install it again.")
    if re.search(r"[\s:]", path):
        raise Unsuitable(f"the library {path} cannot be preloaded: there is a space or a colon in its path.")
    return path


def locate(name: str, environment: Dict[str, str]) -> str:
    """Return the path of a program as a shell would find it. Raises Unsuitable."""
    if "/" in name:
        if not os.path.exists(name):
            raise Unsuitable(f"{name} does not exist.", NOT_FOUND)
        if os.path.isdir(name):
            raise Unsuitable(f"{name} is a directory.")
        if not os.access(name, os.X_OK):
            raise Unsuitable(f"{name} is not executable.")
        return name
    found = shutil.which(name, path=environment.get("PATH", os.defpath))
    if not found:
        raise Unsuitable(f"{name} was not found on PATH.", NOT_FOUND)
    return found


def check(path: str) -> None:
    """Raise Unsuitable if the loader preloads nothing into this file. What a script starts is not looked at."""
    elf = read_elf(path)
    if not elf:
        return
    if os.stat(path).st_mode & (stat.S_ISUID | stat.S_ISGID):
        raise Unsuitable(f"{path} is set-user-ID or set-group-ID, and the system preloads nothing into such programs.")
    try:
        capabilities = os.getxattr(path, "security.capability")
    except OSError:
        capabilities = b""
    if capabilities:
        raise Unsuitable(f"{path} has file capabilities, and the system preloads nothing into such programs.")
    mine = read_elf(library())
    if mine and elf.architecture != mine.architecture:
        raise Unsuitable(f"{path} is a {elf.architecture} program, and this gilyield is built for {mine.architecture}.")
    # The loader itself can be the program, and has none.
    if not elf.has_loader and not os.path.basename(os.path.realpath(path)).startswith("ld-"):
        raise Unsuitable(f"{path} is statically linked, and nothing can be preloaded into such programs.")


def what_it_serves() -> str:
    """Return which Qt the library can open, words. Raises Unsuitable."""
    directory = os.path.dirname(library())
    majors = [major for major in "56" if os.path.exists(os.path.join(directory, f"libgilyield-qt{major}.so.0"))]
    return " and ".join(f"Qt {major}" for major in majors) or "no Qt: there is no libgilyield-qt5.so.0 beside it"

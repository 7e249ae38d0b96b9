# SPDX-License-Identifier: MIT
"""The environment in which an application starts with gilyield, and the start.

LD_PRELOAD names a library that does nothing until there is a Qt application in the process, so whatever the program is, a wrapper,
a launcher or an interpreter, it is not looked into.
"""

import errno
import os
import shlex
import sys
from typing import Dict, List, NoReturn

from . import program_linux as program
from .python_path import with_package
from .unsuitable import CANNOT, NOT_FOUND, Unsuitable

assert sys.platform != "win32"  # for type checkers: the twin is start_win32.py


def _preload(before: str) -> str:
    others = [entry for entry in before.replace(" ", ":").split(":") if entry and not os.path.basename(entry).startswith("libgilyield")]
    return ":".join([program.library(), *others])


def changes(options: Dict[str, str], environment: Dict[str, str]) -> Dict[str, str]:
    """Return the variables to set. `options` are GILYIELD_* variables. Raises Unsuitable."""
    return {
        "LD_PRELOAD": _preload(environment.get("LD_PRELOAD", "")),
        "PYTHONPATH": with_package(environment.get("PYTHONPATH", "")),
        "GILYIELD": "1",
        **options,
    }


def describe(words: List[str], variables: Dict[str, str]) -> str:
    """Return what would be done as a shell command."""
    lines = [f"{name}={shlex.quote(value)} \\" for name, value in variables.items()]
    return "\n".join([*lines, "  " + " ".join(shlex.quote(word) for word in words)])


def _is_binary(path: str) -> bool:
    with open(path, "rb") as file:
        return b"\0" in file.read(512)


def start(path: str, words: List[str], environment: Dict[str, str]) -> NoReturn:
    """Replace this process by the program. Raises Unsuitable."""
    try:
        os.execve(path, words, environment)
    except OSError as problem:
        missing = isinstance(problem, FileNotFoundError)
        reason = "its interpreter does not exist" if missing else problem.strerror
        if problem.errno != errno.ENOEXEC or _is_binary(path):
            raise Unsuitable(f"{path} cannot be started: {reason}.", NOT_FOUND if missing else CANNOT) from None
    # A script without #!, which a shell runs by itself.
    os.execve("/bin/sh", ["sh", path, *words[1:]], environment)

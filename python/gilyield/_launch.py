# SPDX-License-Identifier: MIT
"""The environment in which an application starts with gilyield, and the start.

A program that has Qt among its libraries gets the shim by LD_PRELOAD. A Python program gets no preloading: its Qt comes with
PyQt or PySide, often from a wheel, and a shim that is there first would bring in the system's Qt under the same name. There, a
`sitecustomize` on PYTHONPATH waits for the import (see _autostart).
"""

import os
import shlex
from typing import Dict, List, NoReturn, Optional

from . import _program

_PACKAGE = os.path.dirname(os.path.abspath(__file__))
#: Each holds one or two files and no other module, so that a PYTHONPATH entry shadows nothing in a Python that is not ours.
IMPORT_DIRECTORY = os.path.join(_PACKAGE, "_path", "importable")
SITE_DIRECTORY = os.path.join(_PACKAGE, "_path", "site")


def _joined(first: List[str], rest: str, separators: str = ":") -> str:
    """Return a path list: `first`, then what is in `rest` and not in `first`."""
    for separator in separators[1:]:
        rest = rest.replace(separator, separators[0])
    return separators[0].join(first + [entry for entry in rest.split(separators[0]) if entry and entry not in first])


def _without_shims(preload: str) -> str:
    entries = preload.replace(" ", ":").split(":")
    return ":".join(entry for entry in entries if not os.path.basename(entry).startswith("libgilyield-qt"))


def _imports_gilyield(pythonpath: str) -> bool:
    entries = [entry for entry in pythonpath.split(":") if entry]
    return any(os.path.isfile(os.path.join(entry, "gilyield", "__init__.py")) for entry in entries)


def changes(program: _program.Program, options: Dict[str, str], pythonpath: bool, environment: Dict[str, str]) -> Dict[str, str]:
    """Return the variables to set. `options` are GILYIELD_* variables."""
    result: Dict[str, str] = {}
    if program.shim:
        first = ([program.qt_to_preload] if program.qt_to_preload else []) + [program.shim]
        result["LD_PRELOAD"] = _joined(first, _without_shims(environment.get("LD_PRELOAD", "")), ": ")
    directories = [SITE_DIRECTORY] if program.is_python else []
    if pythonpath and not _imports_gilyield(environment.get("PYTHONPATH", "")):
        directories.append(IMPORT_DIRECTORY)
    # What is there already is said again, so that the command which describe() prints is complete.
    if directories or (pythonpath and environment.get("PYTHONPATH")):
        # An empty entry is the current directory.
        before = [entry or "." for entry in environment.get("PYTHONPATH", "").split(":")] if environment.get("PYTHONPATH") else []
        result["PYTHONPATH"] = _joined(directories, ":".join(before))
    result["GILYIELD"] = "1"
    result.update(options)
    return result


def describe(program: _program.Program, variables: Dict[str, str]) -> str:
    """Return what would be done as a shell command, with comments before it that say why."""
    lines = [f"# {note}" for note in program.notes]
    if program.qt_path:
        lines.append(f"# Qt {program.qt}: {program.qt_path}")
    if program.python:
        lines.append(f"# Python {program.python}")
    lines += [f"{name}={shlex.quote(value)} \\" for name, value in variables.items()]
    lines.append("  " + " ".join(shlex.quote(word) for word in program.words))
    return "\n".join(lines)


def start(program: _program.Program, variables: Dict[str, str], environment: Optional[Dict[str, str]] = None) -> NoReturn:
    """Replace this process by the program. Raises Unsuitable."""
    environment = {**(os.environ if environment is None else environment), **variables}
    try:
        os.execve(program.path, program.words, environment)
    except OSError as problem:
        if problem.errno != 8:  # ENOEXEC: a script without #!, which a shell runs by itself
            code = _program.NOT_FOUND if isinstance(problem, FileNotFoundError) else _program.CANNOT
            reason = "its interpreter does not exist" if code == _program.NOT_FOUND else problem.strerror
            raise _program.Unsuitable(f"{program.path} cannot be started: {reason}.", code) from None
    os.execve("/bin/sh", ["sh", program.path, *program.words[1:]], environment)

# SPDX-License-Identifier: MIT
"""What can be seen of a running process from outside."""

import os
import re
import sys
from typing import Dict, List, Optional, Tuple

from .. import _text

assert sys.platform != "win32"  # for type checkers: the twin is process_win32.py

_QT = re.compile(r"/libQt([56])Core[^/]*\.so")
_PYTHON = re.compile(r"/libpython(\d+\.\d+)[^/]*\.so")
_PYTHON_MODULE = re.compile(r"/python(\d+\.\d+)/.*\.so")
_INTERPRETER = re.compile(r"python[\d.]*t?")
_BINDING = re.compile(r"/(PyQt[56]|PySide[26]|PythonQt)[^/]*/")
_SHIM = re.compile(r"/libgilyield-(qt[56])\.so[^/]*$")
_PRELOAD = re.compile(r"/(libgilyield\.so)$")


def _read(pid: int, name: str) -> Optional[str]:
    """Return a file of the process, or None if this user may not read it."""
    try:
        with open(f"/proc/{pid}/{name}", "rb") as file:
            return os.fsdecode(file.read())
    except PermissionError:
        return None


def _mapped(maps: str) -> List[str]:
    return sorted({line.split(None, 5)[5].strip() for line in maps.splitlines() if len(line.split(None, 5)) == 6})


def _first(pattern: "re.Pattern[str]", paths: List[str]) -> Tuple[str, str]:
    for path in paths:
        match = pattern.search(path)
        if match:
            return match.group(1), path
    return "", ""


def _next(qt: str, python: bool, preload: str, shim: str, gilyield: str) -> str:
    if not qt and preload:
        return "There is no Qt in this process yet. If it is a wrapper or a launcher, look at its children."
    if not qt:
        return "There is no Qt in this process, so there is nothing for gilyield to do. Is it a wrapper? Look at its children."
    if not python:
        return "There is no Python in this process yet. If it loads one later, start it with: gilyield run -- PROGRAM"
    if shim and gilyield == "1":
        return "The library is loaded and asked for. gilyield.doctor() in the application's console says whether it is at work."
    if shim:
        return "The library is loaded but not asked for: type import gilyield; gilyield.enable() in the application's console."
    return "Type import gilyield; gilyield.enable() in its console, or start it again with: gilyield run -- PROGRAM"


def _not_allowed(pid: int) -> str:
    if os.geteuid() == 0:
        return f"gilyield doctor: root of this container may not look into process {pid}: that takes CAP_SYS_PTRACE."
    return f"gilyield doctor: this user may not look into process {pid}: ask as its owner, or as root."


def report(pid: int) -> Tuple[str, int]:
    """Return the report on a running process and the exit code."""
    try:
        maps, environ, status = _read(pid, "maps"), _read(pid, "environ"), _read(pid, "status")
        threads = len(os.listdir(f"/proc/{pid}/task"))
    except (FileNotFoundError, ProcessLookupError):
        return f"gilyield doctor: there is no process {pid}.", 1
    except PermissionError:
        maps = environ = status = None
        threads = 0
    if maps is None:
        return _not_allowed(pid), 1
    if not maps:
        return f"gilyield doctor: process {pid} has ended or belongs to the kernel.", 1
    paths = _mapped(maps)
    qt, qt_path = _first(_QT, paths)
    python, python_path = _first(_PYTHON, paths)
    try:
        executable = os.readlink(f"/proc/{pid}/exe")
    except OSError:
        executable = "not known"
    if not python and _INTERPRETER.fullmatch(os.path.basename(executable)):
        # Its name may be python3.
        python, python_path = _first(_PYTHON_MODULE, paths)[0] or os.path.basename(executable)[len("python") :], executable
    binding, _ = _first(_BINDING, paths)
    preload, preload_path = _first(_PRELOAD, paths)
    shim, shim_path = _first(_SHIM, paths)
    started: Dict[str, str] = dict(entry.partition("=")[::2] for entry in (environ or "").split("\0") if "=" in entry)
    name = re.search(r"^Name:\s*(.*)$", status or "", re.MULTILINE)
    rows = [
        ("program", executable),
        ("Qt", f"{qt}: {qt_path}" if qt else "none"),
        ("Python", f"{python}: {python_path}" if python else "none"),
        ("binding", binding or "none of PyQt, PySide, PythonQt"),
        ("library", shim_path or (f"{preload_path} has met no Qt application" if preload else "not loaded")),
    ]
    variables = [f"{key}={value}" for key, value in started.items() if key.startswith("GILYIELD") or key == "LD_PRELOAD"]
    rows.append(("started with", ", ".join(variables) or ("nothing of gilyield in its environment" if environ is not None else "not readable")))
    rows.append(("threads", f"{threads}, of any kind; which of them run Python cannot be seen from outside"))
    rows.append(("next", _next(qt, bool(python), preload, shim, started.get("GILYIELD", ""))))
    return _text.table(f"gilyield doctor: process {pid} ({name.group(1) if name else '?'})", rows), 0

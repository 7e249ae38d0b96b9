# SPDX-License-Identifier: MIT
"""`gilyield doctor` in a shell: what a program is made of, and what can be seen of a running process from outside."""

import os
import re
from typing import Dict, List, Optional, Tuple

from . import _launch, _program, _text

_QT = re.compile(r"/libQt([56])Core[^/]*\.so")
_PYTHON = re.compile(r"/libpython(\d+\.\d+)[^/]*\.so")
_BINDING = re.compile(r"/(PyQt[56]|PySide[26]|PythonQt)[^/]*/")


def program(words: List[str]) -> Tuple[str, int]:
    """Return the report on a command line and the exit code."""
    try:
        found = _program.examine(words, dict(os.environ))
    except _program.Unsuitable as problem:
        return _text.table(f"gilyield doctor: {words[0]}", [("run", "cannot start it with gilyield"), ("why", str(problem))]), problem.code
    rows = [("program", found.path if found.final == found.path else f"{found.path}, which starts {found.final}")]
    qt = f"{found.qt}" if found.qt else "not seen before it runs"
    rows.append(("Qt", qt + (f": {found.qt_path}" if found.qt_path else "")))
    rows.append(("Python", found.python or "not among its libraries; it may be loaded later"))
    rows += [("", note) for note in found.notes]
    variables = _launch.changes(found, {}, True, dict(os.environ))
    rows += [("would set" if index == 0 else "", f"{name}={value}") for index, (name, value) in enumerate(variables.items())]
    rows.append(("next", f"gilyield run -- {' '.join(words)}"))
    return _text.table(f"gilyield doctor: {words[0]}", rows), 0


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


def _next(qt: str, python: bool, shim: str, gilyield: str) -> str:
    if not qt:
        return "There is no Qt in this process, so there is nothing for gilyield to do. Is it a wrapper? Look at its children."
    if not python:
        return "There is no Python in this process yet. If it loads one later, start it with: gilyield run -- PROGRAM"
    if shim and gilyield == "1":
        return "The library is loaded and asked for. gilyield.doctor() in the application's console says whether it is at work."
    if shim:
        return "The library is loaded but not asked for: type import gilyield; gilyield.enable() in the application's console."
    return "Type import gilyield; gilyield.enable() in its console, or start it again with: gilyield run -- PROGRAM"


def process(pid: int) -> Tuple[str, int]:
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
        return f"gilyield doctor: this user may not look into process {pid}: ask as its owner, or as root.", 1
    if not maps:
        return f"gilyield doctor: process {pid} has ended or belongs to the kernel.", 1
    paths = _mapped(maps)
    qt, qt_path = _first(_QT, paths)
    python, python_path = _first(_PYTHON, paths)
    try:
        executable = os.readlink(f"/proc/{pid}/exe")
    except OSError:
        executable = "not known"
    if not python and re.fullmatch(r"python\d[\d.]*t?", os.path.basename(executable)):
        python, python_path = os.path.basename(executable)[len("python") :], executable
    binding, _ = _first(_BINDING, paths)
    shim = next((path for path in paths if os.path.basename(path).startswith("libgilyield-qt")), "")
    started: Dict[str, str] = dict(entry.partition("=")[::2] for entry in (environ or "").split("\0") if "=" in entry)
    name = re.search(r"^Name:\s*(.*)$", status or "", re.MULTILINE)
    rows = [
        ("program", executable),
        ("Qt", f"{qt}: {qt_path}" if qt else "none"),
        ("Python", f"{python}: {python_path}" if python else "none"),
        ("binding", binding or "none of PyQt, PySide, PythonQt"),
        ("library", shim or "not loaded"),
    ]
    variables = [f"{key}={value}" for key, value in started.items() if key.startswith("GILYIELD") or key == "LD_PRELOAD"]
    rows.append(("started with", ", ".join(variables) or ("nothing of gilyield in its environment" if environ is not None else "not readable")))
    rows.append(("threads", f"{threads}, of any kind; which of them run Python cannot be seen from outside"))
    rows.append(("next", _next(qt, bool(python), shim, started.get("GILYIELD", ""))))
    return _text.table(f"gilyield doctor: process {pid} ({name.group(1) if name else '?'})", rows), 0

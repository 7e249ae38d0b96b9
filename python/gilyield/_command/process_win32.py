# SPDX-License-Identifier: MIT
"""What can be seen of a running process from outside."""

import ctypes
import os
import re
import sys
from ctypes import wintypes
from typing import Any, Callable, Iterator, List, Optional, Tuple

from .. import _text

assert sys.platform == "win32"  # for type checkers: the twin is process_linux.py

_QT = re.compile(r"Qt([56])Core[^\\]*\.dll$", re.IGNORECASE)
_PYTHON = re.compile(r"python(\d)(\d+)t?(_d)?\.dll$", re.IGNORECASE)
_BINDING = re.compile(r"\\(PyQt[56]|PySide[26]|PythonQt)[^\\]*\\", re.IGNORECASE)
_SHIM = "gilyield.dll"

_MODULES, _MODULES_32, _THREADS = 0x08, 0x10, 0x04
_INVALID = ctypes.c_void_p(-1).value
_ERROR_ACCESS_DENIED, _ERROR_PARTIAL_COPY = 5, 299


class _Module(ctypes.Structure):
    """MODULEENTRY32W."""

    _fields_ = (
        ("size", wintypes.DWORD),
        ("module_id", wintypes.DWORD),
        ("process_id", wintypes.DWORD),
        ("global_usage", wintypes.DWORD),
        ("process_usage", wintypes.DWORD),
        ("base", ctypes.c_void_p),
        ("base_size", wintypes.DWORD),
        ("handle", wintypes.HMODULE),
        ("name", wintypes.WCHAR * 256),
        ("path", wintypes.WCHAR * 260),
    )


class _Thread(ctypes.Structure):
    """THREADENTRY32."""

    _fields_ = (
        ("size", wintypes.DWORD),
        ("usage", wintypes.DWORD),
        ("thread_id", wintypes.DWORD),
        ("process_id", wintypes.DWORD),
        ("base_priority", wintypes.LONG),
        ("delta_priority", wintypes.LONG),
        ("flags", wintypes.DWORD),
    )


class _Snapshot:
    """The modules of a process, or the threads of all. `error` is Windows', 0 if all is well."""

    def __init__(self, flags: int, pid: int) -> None:
        self._kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        self._kernel.CreateToolhelp32Snapshot.restype = ctypes.c_void_p
        self._handle = self._kernel.CreateToolhelp32Snapshot(flags, pid)
        self.error = ctypes.get_last_error() if self._handle == _INVALID else 0

    def modules(self) -> List[str]:
        """The paths, the program's own first."""
        return [entry.path for entry in self._entries(_Module(), self._kernel.Module32FirstW, self._kernel.Module32NextW)]

    def count_threads(self, pid: int) -> int:
        threads = self._entries(_Thread(), self._kernel.Thread32First, self._kernel.Thread32Next)
        return sum(entry.process_id == pid for entry in threads)

    def _entries(self, entry: Any, first: Callable[..., int], following: Callable[..., int]) -> Iterator[Any]:
        """The same struct each time, with other values."""
        entry.size = ctypes.sizeof(entry)
        more = first(ctypes.c_void_p(self._handle), ctypes.byref(entry))
        while more:
            yield entry
            more = following(ctypes.c_void_p(self._handle), ctypes.byref(entry))

    def close(self) -> None:
        if self._handle != _INVALID:
            self._kernel.CloseHandle(ctypes.c_void_p(self._handle))


def _first(pattern: "re.Pattern[str]", paths: List[str]) -> "Tuple[Optional[re.Match[str]], str]":
    for path in paths:
        match = pattern.search(path)
        if match:
            return match, path
    return None, ""


def _next(qt: bool, python: bool, shim: bool) -> str:
    if not qt:
        return "There is no Qt in this process, so there is nothing for gilyield to do. Is it a launcher? Look at its children."
    if not python:
        return "There is no Python in this process yet. If it loads one later, start it with: gilyield run -- PROGRAM"
    if shim:
        return "The library is loaded. gilyield.doctor() in the application's console says whether it is at work."
    return "Type import gilyield; gilyield.enable() in its console, or start it again with: gilyield run -- PROGRAM"


def report(pid: int) -> Tuple[str, int]:
    """Return the report on a running process and the exit code."""
    snapshot = _Snapshot(_MODULES | _MODULES_32, pid)
    try:
        if snapshot.error == _ERROR_ACCESS_DENIED:
            return f"gilyield doctor: this user may not look into process {pid}: ask as its owner, or as administrator.", 1
        if snapshot.error == _ERROR_PARTIAL_COPY:
            return f"gilyield doctor: process {pid} starts or ends just now, or is a 64-bit one and this Python is not: ask again.", 1
        paths = [] if snapshot.error else snapshot.modules()
    finally:
        snapshot.close()
    if not paths:
        return f"gilyield doctor: there is no process {pid}.", 1
    threads = _Snapshot(_THREADS, 0)
    try:
        count = threads.count_threads(pid)
    finally:
        threads.close()
    (qt, qt_path), (python, python_path), (binding, _) = (_first(pattern, paths) for pattern in (_QT, _PYTHON, _BINDING))
    shim = next((path for path in paths if os.path.basename(path).lower() == _SHIM), "")
    rows = [
        ("program", paths[0]),
        ("Qt", f"{qt.group(1)}: {qt_path}" if qt else "none"),
        ("Python", f"{python.group(1)}.{python.group(2)}: {python_path}" if python else "none"),
        ("binding", binding.group(1) if binding else "none of PyQt, PySide, PythonQt"),
        ("library", shim or "not loaded"),
        ("threads", f"{count}, of any kind; which of them run Python cannot be seen from outside"),
        ("next", _next(qt is not None, python is not None, shim != "")),
    ]
    return _text.table(f"gilyield doctor: process {pid} ({os.path.basename(paths[0])})", rows), 0

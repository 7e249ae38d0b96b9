# SPDX-License-Identifier: MIT
# mypy: ignore-errors
# Not annotated: runs at every start of a foreign Python, and typing is an import more.
"""What runs when a Python starts that was told to start gilyield by `gilyield startup install`.

Python may start before Qt is in the process (a PyQt program) or after (an application that embeds Python). So this tries at
once, and if there is no Qt yet, once more when a Qt binding has been imported: that is the moment a Python program gets its Qt.
Whatever goes wrong, Python goes on starting.

Loaded by file, without the package around it: as long as there is no Qt, nothing else of gilyield is imported.
"""

import os
import sys

_PACKAGE = os.path.dirname(os.path.abspath(__file__))
_BINDINGS = ("PyQt5.QtCore", "PyQt6.QtCore", "PySide2.QtCore", "PySide6.QtCore")


def _say(sentence, levels):
    """Write a line to file descriptor 2, as sys.stderr is None or a console in GUI applications."""
    if os.environ.get("GILYIELD_LOG_LEVEL", "warn") in levels:
        try:
            os.write(2, ("gilyield: " + sentence + "\n").encode("utf-8", "backslashreplace"))
        except OSError:
            pass


def _report(error):
    _say("does not start with Python: " + str(error), ("warn", "info", "debug", ""))
    if os.environ.get("GILYIELD_LOG_LEVEL") == "debug":
        import traceback

        _say("".join(traceback.format_exception(type(error), error, error.__traceback__)).rstrip(), ("debug",))


def _qt_is_here():
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.WinDLL("kernel32")
        kernel.GetModuleHandleW.restype = ctypes.c_void_p
        return any(kernel.GetModuleHandleW(name) for name in ("Qt5Core.dll", "Qt6Core.dll", "gilyield.dll"))
    with open("/proc/self/maps", "rb") as maps:
        return any(name in line for line in maps for name in (b"/libQt5Core", b"/libQt6Core", b"/libgilyield-qt"))


def _package():
    """Return the package: the one that is importable, else the one that this file is in."""
    try:
        import gilyield
    except ModuleNotFoundError:
        importable = os.path.join(_PACKAGE, "_path", "importable")
        sys.path.insert(0, importable)
        try:
            import gilyield
        finally:
            sys.path.remove(importable)
    return gilyield


def _enable():
    try:
        gilyield = _package()
        if not gilyield.is_enabled():
            gilyield.enable()
    except Exception as error:
        _report(error)


class _BindingFinder:
    """Enables gilyield when the first Qt binding has been imported; finds nothing itself."""

    def find_spec(self, name, path=None, target=None):
        if name not in _BINDINGS:
            return None
        for finder in sys.meta_path:
            spec = None
            if finder is not self and hasattr(finder, "find_spec"):
                spec = finder.find_spec(name, path, target)
            if spec is not None:
                self._watch(spec.loader)
                return spec
        return None

    def _watch(self, loader):
        execute = loader.exec_module

        def exec_module(module):
            del loader.exec_module  # the class's own again
            execute(module)
            if self in sys.meta_path:
                sys.meta_path.remove(self)
                _enable()

        try:
            loader.exec_module = exec_module
        except AttributeError:
            _say("does not start: the loader of the Qt binding cannot be watched", ("warn", "info", "debug", ""))


def run():
    """Enable gilyield now or when there is Qt."""
    try:
        if any(type(finder).__name__ == _BindingFinder.__name__ for finder in sys.meta_path):
            return
        if _qt_is_here():
            _enable()
        else:
            sys.meta_path.insert(0, _BindingFinder())
    except Exception as error:
        _report(error)

# SPDX-License-Identifier: MIT
"""The timeline: who has the GIL, who waits for it, what the GUI thread does."""

import os
from typing import Optional

from . import _gilyield, _watch


def start() -> None:
    """Begin to record. A shim must be attached."""
    _watch.check(_gilyield.trace_start())


def stop(path: Optional[_watch.Path]) -> None:
    """End it and write what was recorded. A shim must be attached."""
    _watch.check_path("path", path, "a path, or None")
    try:
        _watch.check(_gilyield.trace_stop(path))
    except OSError as problem:
        raise _watch.unwritable(path, problem) from None


class Trace:
    """A context manager that records what happens inside."""

    def __init__(self, path: _watch.Path) -> None:
        if path is None:
            raise TypeError("path=None is not accepted: use a path")
        _watch.check_path("path", path, "a path")
        self._path = path

    def __enter__(self) -> None:
        self._try_path()
        start()

    def _try_path(self) -> None:
        """Raise Error now if the file cannot be written: at the end all that was recorded would be for nothing."""
        how = os.O_WRONLY | os.O_CREAT | getattr(os, "O_NONBLOCK", 0)  # a FIFO that nobody reads
        try:
            os.close(os.open(self._path, how, 0o666))
        except OSError as problem:
            raise _watch.unwritable(self._path, problem) from None

    def __exit__(self, *exception: object) -> None:
        stop(self._path)

# SPDX-License-Identifier: MIT
"""The timeline: who has the GIL, who waits for it, what the GUI thread does."""

from typing import Optional

from . import _gilyield, _watch


def start() -> None:
    """Begin to record. A shim must be attached."""
    _watch.check(_gilyield.trace_start())


def stop(path: Optional[_watch.Path]) -> None:
    """End it and write what was recorded. A shim must be attached."""
    _watch.check(_gilyield.trace_stop(path), path)


class Trace:
    """A context manager that records what happens inside."""

    def __init__(self, path: _watch.Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        start()

    def __exit__(self, *exception: object) -> None:
        stop(self._path)

# SPDX-License-Identifier: MIT
"""PYTHONPATH, with which `import gilyield` works in the application."""

import os

#: Holds one module, so that a PYTHONPATH entry shadows nothing in a Python that is not ours.
_DIRECTORY = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "_path", "importable")


def with_package(before: str) -> str:
    """Return the variable's value with the package in it."""
    entries = before.split(os.pathsep) if before else []
    if any(os.path.isfile(os.path.join(entry, "gilyield", "__init__.py")) for entry in entries):
        return before
    # An empty entry is the current directory.
    return os.pathsep.join([_DIRECTORY, *(entry or "." for entry in entries if entry != _DIRECTORY)])

# SPDX-License-Identifier: MIT
"""Where the shim library is found, and when the extension attaches to it."""

import os
from typing import List

from . import _gilyield, _location


def library_dirs() -> List[str]:
    """Return the directories in which the shim of this build or installation may be, as absolute paths."""
    package = os.path.dirname(os.path.abspath(__file__))
    return [os.path.normpath(os.path.join(package, relative)) for relative in _location.LIBRARY_DIRS]


def find() -> bool:
    """Attach to a shim that is in the process already. Return whether there is one; nothing is loaded."""
    return _gilyield.find() is not None


def attach_if_sure() -> None:
    """attach(), unless there is no Qt yet, or more than one, of which the application's is not known yet. Raises nothing."""
    try:
        _gilyield.attach(library_dirs(), True)
    except _gilyield.Error:
        pass  # told when it is needed


def attach() -> None:
    """Attach to the shim in the process, else load the one that fits the Qt in the process; raise Error if that cannot be."""
    _gilyield.attach(library_dirs())

# SPDX-License-Identifier: MIT
"""CPython's own module for sub-interpreters, whatever this version calls it, and `APART`, which is about their threads."""

import sys

try:
    import _interpreters as module  # 3.13
except ImportError:
    try:
        import _xxsubinterpreters as module  # 3.8 to 3.12
    except ImportError:
        module = None

#: False where this Python has no module for sub-interpreters.
available = module is not None
#: A request to drop the GIL is heard in the interpreter of who asks only.
APART = (3, 9) <= sys.version_info[:2] <= (3, 12)


def create(own_gil=False):
    """Return a new sub-interpreter: with a GIL of its own (3.12 on), or with the main one's."""
    if sys.version_info >= (3, 13):
        return module.create("isolated" if own_gil else "legacy")
    if sys.version_info >= (3, 9):  # up to 3.11 one that is isolated has no threads
        return module.create(isolated=own_gil)
    return module.create()


def run(interpreter, code):
    """Run code in it; return what it has raised, None for nothing. Up to 3.12 that is raised here instead."""
    return module.run_string(interpreter, code)


def destroy(interpreter):
    module.destroy(interpreter)

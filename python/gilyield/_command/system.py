# SPDX-License-Identifier: MIT
"""What the command does in a way of the system's own: twins of the same names."""

import sys

if sys.platform == "win32":
    from . import process_win32 as process
    from . import program_win32 as program
    from . import start_win32 as start
else:
    from . import process_linux as process
    from . import program_linux as program
    from . import start_linux as start

__all__ = ["process", "program", "start"]

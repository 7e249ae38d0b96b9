# SPDX-License-Identifier: MIT
"""enable() in a forked child process is an Error, whether or not the library was there before the fork. PyQt5; argument: what was."""

import os
import sys

from PyQt5.QtCore import QCoreApplication

known = sys.argv[1]
application = QCoreApplication([])
if known in ("imported", "attached", "enabled"):
    import gilyield
if known == "attached":
    gilyield.status()
if known == "enabled":
    gilyield.enable()

child = os.fork()
if child == 0:
    code = 1
    try:
        import gilyield

        try:
            gilyield.enable()
        except gilyield.Error as error:
            code = 0 if "forked" in str(error) and not gilyield.is_enabled() else 2
        if code == 0:
            try:
                gilyield.gui.post(int)
                code = 3
            except gilyield.Error:
                pass
    finally:
        os._exit(code)
assert os.waitpid(child, 0)[1] == 0, "the child was enabled"

import gilyield  # noqa: E402  not before the fork

gilyield.enable()
assert gilyield.is_enabled()

# One after an exec is no such child.
code = "from PyQt5.QtCore import QCoreApplication; a = QCoreApplication([]); import gilyield; gilyield.enable()"
assert os.spawnv(os.P_WAIT, sys.executable, [sys.executable, "-c", code]) == 0
print("PASSED")

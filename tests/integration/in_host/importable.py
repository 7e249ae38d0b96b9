# SPDX-License-Identifier: MIT
"""`import gilyield` works where nobody has put it on Python's path, from the first line of the first script on, at the end of sys.path or
by PYTHONPATH; and the programs that the application starts are not told of it."""

import os
import subprocess
import sys

import gilyield
import inhost

OURS = os.path.join(os.path.dirname(gilyield.__file__), "_path", "importable")


def script():
    assert sys.path.count(OURS) == 1, sys.path
    assert not [path for path in sys.path if os.path.exists(os.path.join(path, "gilyield", "__init__.py"))], sys.path
    yield 50
    assert gilyield.is_enabled() and gilyield.status().state == "running", gilyield.status()
    names = subprocess.run(["env"], capture_output=True, text=True, check=True).stdout.splitlines()
    for given in (names, [f"{name}={value}" for name, value in os.environ.items()]):
        assert [entry for entry in given if entry.startswith("PYTHONPATH=")] == sys.argv[1:], given
        assert "GILYIELD=1" in given and not [entry for entry in given if entry.startswith("LD_PRELOAD=")], given


inhost.run(script)

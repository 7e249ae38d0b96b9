# SPDX-License-Identifier: MIT
# mypy: ignore-errors
# Not annotated: runs at every start of a foreign Python, and typing is an import more.
"""Starts gilyield in a Python program that `gilyield run` has started, then runs the sitecustomize that would have run here.

Written so that any Python can read it: it is on PYTHONPATH, and child processes may be of another version.
"""

import os
import sys


def _start():
    if sys.version_info < (3, 8) or os.environ.get("GILYIELD") != "1":
        return
    import importlib.util

    # By its file: `gilyield` need not be importable, and is not imported as long as there is no Qt.
    package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    spec = importlib.util.spec_from_file_location("_gilyield_autostart", os.path.join(package, "_autostart.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.run(environment_entry=os.path.dirname(os.path.abspath(__file__)))


def _run_the_other():
    here = os.path.dirname(os.path.abspath(__file__))
    path = [entry for entry in sys.path if os.path.abspath(entry) != here]
    if sys.version_info < (3, 4):
        return
    import importlib.util
    from importlib.machinery import PathFinder

    spec = PathFinder.find_spec("sitecustomize", path)
    if spec is not None and spec.loader is not None:
        module = importlib.util.module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


try:
    _start()
except Exception:
    pass
_run_the_other()

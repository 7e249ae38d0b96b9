# SPDX-License-Identifier: MIT
# mypy: ignore-errors
# Not annotated: runs at every start of a foreign Python, and typing is an import more.
"""Becomes the real package. This directory is on PYTHONPATH and the package's own is not, as that may hold modules of another Python."""

import importlib.util
import os
import sys


def _load():
    package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    spec = importlib.util.spec_from_file_location(
        "gilyield", os.path.join(package, "__init__.py"), submodule_search_locations=[package]
    )
    module = importlib.util.module_from_spec(spec)
    # The import system hands out what it finds here afterwards.
    sys.modules["gilyield"] = module
    spec.loader.exec_module(module)


_load()

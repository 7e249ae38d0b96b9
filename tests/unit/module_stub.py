# SPDX-License-Identifier: MIT
"""A stub of the shim in this process, which the Python module attaches to; and child processes that are to find one themselves."""

import contextlib
import ctypes
import os
import subprocess
import sys
import textwrap

STUB = os.environ["STUB_SHIM_LIBRARY"]
STUB_QT = {5: os.environ["STUB_QT_LIBRARY_5"], 6: os.environ["STUB_QT_LIBRARY_6"]}

stub = ctypes.CDLL(STUB, ctypes.RTLD_GLOBAL)


def stub_int(name):
    return ctypes.c_int.in_dll(stub, name)


@contextlib.contextmanager
def stub_value(name, value):
    variable = stub_int(name)
    before, variable.value = variable.value, value
    try:
        yield
    finally:
        variable.value = before


def run_child(code, **environment):
    """Run Python code in a process of its own; return what it printed."""
    child = subprocess.run(
        [sys.executable, "-c", "import gilyield\n" + textwrap.dedent(code)],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=30,
        text=True,
    )
    if child.returncode != 0:
        raise AssertionError(f"exit code {child.returncode}:\n{child.stdout}")
    return child.stdout.strip()

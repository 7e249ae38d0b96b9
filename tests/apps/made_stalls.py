# SPDX-License-Identifier: MIT
"""Five stalls of a GUI thread, for any application that runs Python."""

import ctypes
import os
import sys
import tempfile
import threading
import time

keeps_gil = ctypes.PyDLL(None)  # its functions are called with the GIL
lock = threading.Lock()


def python_slot():
    end = time.monotonic() + 0.3
    while time.monotonic() < end:
        pass


def sleeping_slot():
    time.sleep(0.3)


def hog():
    keeps_gil.usleep(400000)


def beside_a_hog():
    threading.Thread(target=hog, name="hog").start()
    time.sleep(0.01)


def have_lock():
    with lock:
        time.sleep(0.4)


def wait_for_lock():
    threading.Thread(target=have_lock, name="has the lock").start()
    time.sleep(0.05)
    with lock:
        pass


def nested_import():
    with tempfile.TemporaryDirectory() as directory:
        with open(os.path.join(directory, "stalls_inner.py"), "w") as file:
            file.write("import time\n\ntime.sleep(0.3)\n")
        with open(os.path.join(directory, "stalls_outer.py"), "w") as file:
            file.write("import stalls_inner\n")
        sys.path.insert(0, directory)
        import stalls_outer  # noqa: F401


STALLS = [(function.__name__, function) for function in (python_slot, sleeping_slot, beside_a_hog, wait_for_lock, nested_import)]

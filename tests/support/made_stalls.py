# SPDX-License-Identifier: MIT
"""Stalls of a GUI thread, for any application that runs Python: each function is called there as a slot, and takes 0.3 s or more."""

import ctypes
import sys
import threading
import time

STALL_S = 0.3

keeps_gil = ctypes.PyDLL(None)  # its functions are called with the GIL
lock = threading.Lock()


def python_slot():
    end = time.monotonic() + STALL_S
    while time.monotonic() < end:
        pass


def sleeping_slot():
    time.sleep(STALL_S)


def hog():
    keeps_gil.usleep(400000)


def beside_a_hog():
    threading.Thread(target=hog, name="hog").start()
    time.sleep(0.01)


def have_lock():
    with lock:
        time.sleep(STALL_S + 0.1)


def wait_for_lock():
    threading.Thread(target=have_lock, name="has the lock").start()
    time.sleep(0.05)
    with lock:
        pass


def nested_import():
    for name in "made_import_outer", "made_import_inner":
        sys.modules.pop(name, None)
    import made_import_outer  # noqa: F401


STALLS = [(function.__name__, function) for function in (python_slot, sleeping_slot, beside_a_hog, wait_for_lock, nested_import)]


def line_of(function, text):
    """Return the number of the first line of a function of this module that has the text."""
    with open(__file__, encoding="utf-8") as source:
        lines = source.read().splitlines()
    begin = lines.index(f"def {function}():")
    return next(number for number in range(begin, len(lines)) if text in lines[number]) + 1


def at(function, text):
    """Return a pattern for that line, as a report names it."""
    return rf"\S*made_stalls\.py:{line_of(function, text)}, in {function}\b"


def patterns():
    """Return {name of the function: what the report has to say, its kind first, the calls on the line of the report}."""
    loop = line_of("python_slot", "while time")
    outer = rf"\S*made_import_outer\.py:4, in <module>.*{at('nested_import', 'import made_import_outer')}"
    return {
        "python_slot": rf"python .*it ran Python, at \S*made_stalls\.py:({loop}|{loop + 1}), in python_slot",
        "sleeping_slot": rf"native .*it slept in C or C\+\+ .*, called at {at('sleeping_slot', 'time.sleep')}",
        "beside_a_hog": rf'gil .*waited for the GIL, which thread "hog" had at {at("hog", "usleep")}, inside a C function that does not release it',
        "wait_for_lock": rf"lock .*it waited for a lock, called at {at('wait_for_lock', '    with lock')}",
        "nested_import": rf"native .*it slept in C or C\+\+ .*, called at \S*made_import_inner\.py:6, in <module>.* {outer}",
    }

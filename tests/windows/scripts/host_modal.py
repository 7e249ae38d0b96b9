# SPDX-License-Identifier: MIT
"""A MessageBox of Windows: its loop is not Qt's. How fast a thread is meanwhile, beside how fast it is in Qt's loop."""

import ctypes
import os
import sys
import threading
import time

sys.path.insert(0, os.environ["TEST_SCRIPTS"])
from host_support import *

enable()
load = Load()
speeds = {}
user32, released = ctypes.PyDLL("user32.dll"), ctypes.WinDLL("user32.dll")  # PyDLL keeps the GIL, as a host does


def measure(name, began, count):
    speeds[name] = (load.total() - count) / (time.perf_counter() - began)


def in_qt():
    began, count = time.perf_counter(), load.total()
    later(1000, lambda: (measure("qt", began, count), modal()))


def close():
    """On a thread of its own, in C: that a window is closed must not depend on Python's threads."""
    released.PostMessageW(window_of_box(), 0x0111, 1, None)  # WM_COMMAND, IDOK


def window_of_box():
    for _ in range(100):
        window = released.FindWindowW(None, "gilyield test")
        if window:
            return window
        time.sleep(0.02)
    return 0


def modal():
    began, count = time.perf_counter(), load.total()
    # A timer of Windows, which MessageBox's loop dispatches, ends it even if no thread of Python's runs.
    callback = ctypes.PYFUNCTYPE(None, ctypes.c_void_p, ctypes.c_uint, ctypes.c_size_t, ctypes.c_ulong)(lambda *_: close())
    timer = user32.SetTimer(None, 0, 1500, callback)
    user32.MessageBoxW(None, ctypes.c_wchar_p("a loop of Windows"), ctypes.c_wchar_p("gilyield test"), 0)
    user32.KillTimer(None, timer)
    measure("modal", began, count)
    application.quit()


later(200, in_qt)


def finished():
    load.stopped = True
    say("ratio", round(speeds["modal"] / speeds["qt"], 3))

# SPDX-License-Identifier: MIT
"""ParaView: its own timers are VTK's. It has no way to quit in Python, so Qt's is called, as its menu does."""

import ctypes
import os
import sys
import time

sys.path.insert(0, os.environ["APPTEST_DIR"])
import appscript

from paraview.simple import GetActiveViewOrCreate

interactor = GetActiveViewOrCreate("RenderView").GetInteractor()
due = []


def on_timer(*_):
    if due and time.monotonic() >= due[0][0]:
        due.pop(0)[1]()


def schedule(ms, function):
    # Once: a timer that repeats would take the thread along to the interpreter each time.
    due.append((time.monotonic() + ms / 1000 - 0.1, function))
    interactor.CreateOneShotTimer(ms)


def leave():
    # PyDLL keeps the GIL, as a host's own code would.
    ctypes.PyDLL("libQt5Core.so.5")._ZN16QCoreApplication4quitEv()


interactor.AddObserver("TimerEvent", on_timer)
appscript.begin(schedule, leave)

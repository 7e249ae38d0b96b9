# SPDX-License-Identifier: MIT
"""ParaView: its own timers are VTK's. It has no way to quit in Python, so Qt's is called, as its menu does."""

import ctypes
import os
import sys

sys.path.insert(0, os.environ["APPTEST_DIR"])
from paraview.simple import GetActiveViewOrCreate
from vtkmodules.util.misc import calldata_type
from vtkmodules.util.vtkConstants import VTK_INT

import appscript

interactor = GetActiveViewOrCreate("RenderView").GetInteractor()
due = {}


@calldata_type(VTK_INT)
def on_timer(caller, event, timer):
    # By its number, not by the time: Qt's coarse timers come up to 5 % early.
    due.pop(timer, int)()


def schedule(ms, function):
    # Once: a timer that repeats would take the thread along to the interpreter each time.
    due[interactor.CreateOneShotTimer(ms)] = function


def leave():
    # PyDLL keeps the GIL, as a host's own code would.
    with open("/proc/self/maps") as maps:
        core = "libQt6Core.so.6" if "/libQt6Core.so" in maps.read() else "libQt5Core.so.5"
    ctypes.PyDLL(core)._ZN16QCoreApplication4quitEv()


interactor.AddObserver("TimerEvent", on_timer)
appscript.begin(schedule, leave)

# SPDX-License-Identifier: MIT
"""ParaView: six made stalls, each reported by gilyield.watch(). Who started it judges: test_stalls.py."""

import ctypes
import os
import sys

sys.path.insert(0, os.environ["APPTEST_DIR"])
sys.path.insert(0, os.path.join(os.environ["APPTEST_DIR"], os.pardir, "support"))
from paraview.simple import GetActiveViewOrCreate
from vtkmodules.util.misc import calldata_type
from vtkmodules.util.vtkConstants import VTK_INT
from vtkmodules.vtkFiltersSources import vtkSphereSource

import appscript
import gilyield
import made_stalls

SETTLE_MS = 1500
CHANCES = 60  # of 100 ms, for a report to come

interactor = GetActiveViewOrCreate("RenderView").GetInteractor()
due = {}
seen = []


@calldata_type(VTK_INT)
def on_timer(caller, event, timer):
    due.pop(timer, int)()


def schedule(ms, function):
    due[interactor.CreateOneShotTimer(ms)] = appscript.guarded(function)


def leave():
    with open("/proc/self/maps") as maps:
        core = "libQt6Core.so.6" if "/libQt6Core.so" in maps.read() else "libQt5Core.so.5"
    ctypes.PyDLL(core)._ZN16QCoreApplication4quitEv()


def library(name):
    """The library of that name in this process, called with the GIL."""
    with open("/proc/self/maps") as maps:
        return ctypes.PyDLL(next(line.split()[-1] for line in maps if name in line))


def cpp_slot():
    """Have the event loop call a method of VTK's by itself, as it calls a slot of the application."""
    made_stalls.kept = source = vtkSphereSource()  # it has to live until then
    source.SetThetaResolution(2000)
    source.SetPhiResolution(1500)
    update = library("libvtkCommonExecutionModel")._ZN12vtkAlgorithm6UpdateEv
    post = library("libgilyield-qt").gilyield_post
    post.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
    assert post(ctypes.cast(update, ctypes.c_void_p), int(source.__this__.split("_")[1], 16)) == 0


steps = [*made_stalls.STALLS, ("cpp_slot", cpp_slot)]


def next_step():
    if not steps:
        appscript.say("phase end")
        leave()
        return
    name, stall = steps.pop(0)
    del seen[:]
    schedule(100, lambda: wait(name, CHANCES))
    stall()


def wait(name, chances):
    """A busy machine may stall ParaView at other places, too: the longest counts."""
    if seen or chances == 0:
        worst = max(seen, key=lambda stall: stall.ns, default=None)
        appscript.say(f"stall {name} {worst.kind if worst else None} {repr(worst).replace(chr(10), ' | ')}")
        schedule(300, next_step)
        return
    schedule(100, lambda: wait(name, chances - 1))


interactor.AddObserver("TimerEvent", on_timer)
schedule(SETTLE_MS, lambda: (gilyield.watch(100, file=os.devnull, on_stall=seen.append), schedule(500, next_step)))

# SPDX-License-Identifier: MIT
"""ParaView: its own timers are VTK's."""

import os
import sys

sys.path.insert(0, os.environ["PLATFORM_DIR"])
import check
from paraview.simple import GetActiveViewOrCreate
from vtkmodules.util.misc import calldata_type
from vtkmodules.util.vtkConstants import VTK_INT

interactor = GetActiveViewOrCreate("RenderView").GetInteractor()
due = {}


@calldata_type(VTK_INT)
def on_timer(caller, event, timer):
    due.pop(timer, int)()


def schedule(ms, function):
    due[interactor.CreateOneShotTimer(ms)] = function


interactor.AddObserver("TimerEvent", on_timer)
check.begin(schedule)

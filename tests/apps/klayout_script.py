# SPDX-License-Identifier: MIT
"""KLayout: the first phase is inside the tip dialog that it opens at its start, a modal loop; then the dialog is closed."""

import os
import sys

import pya

sys.path.insert(0, os.environ["APPTEST_DIR"])
import appscript

timers = []  # they live as long as Python knows them


def schedule(ms, function):
    timer = pya.QTimer()
    timer.singleShot = True
    timer.timeout = function
    timer.start(ms)
    timers.append(timer)


def close_tip():
    dialog = pya.QApplication.activeModalWidget()
    appscript.say(f"dialog {dialog.objectName if dialog else None}")
    if dialog:
        dialog.close()


appscript.begin(schedule, lambda: pya.Application.instance().exit(0), close_tip)

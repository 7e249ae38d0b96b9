# SPDX-License-Identifier: MIT
"""A PyQt or PySide program. Argument: the binding."""

import importlib
import sys

import check

BINDING = sys.argv[1]
QtCore = importlib.import_module(BINDING + ".QtCore")
QtWidgets = importlib.import_module(BINDING + ".QtWidgets")
PRECISE = QtCore.Qt.TimerType.PreciseTimer if BINDING in ("PyQt6", "PySide6") else QtCore.Qt.PreciseTimer

timers = []  # the last one, which may be in use


def schedule(ms, function):
    timer = QtCore.QTimer()
    timer.setSingleShot(True)
    timer.setTimerType(PRECISE)
    timer.timeout.connect(function)
    timer.start(ms)
    timers[:] = timers[-1:] + [timer]


application = QtWidgets.QApplication(["program"])
window = QtWidgets.QWidget()
window.show()
check.begin(schedule)
application.exec() if hasattr(application, "exec") else application.exec_()

# SPDX-License-Identifier: MIT
"""A program with the binding of Qt that the argument names: it releases the GIL by itself. The GUI's latency beside four CPU-bound
threads, priority none and gui in turns."""

import importlib
import os
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "integration", "in_host"))

import gilyield
from spinner import Spinner

BINDING = sys.argv[1]
QtCore = importlib.import_module(BINDING + ".QtCore")
QtWidgets = importlib.import_module(BINDING + ".QtWidgets")
QTimer = QtCore.QTimer
PRECISE = QtCore.Qt.TimerType.PreciseTimer if BINDING in ("PyQt6", "PySide6") else QtCore.Qt.PreciseTimer

TURNS = 3


def loop_for(ms):
    QTimer.singleShot(ms, app.exit)
    app.exec() if hasattr(app, "exec") else app.exec_()


def latency(priority):
    """Return how late a timer of 10 ms comes to its Python slot, in ms: the kernel says when it is due, not another thread."""
    gilyield.configure(priority=priority)
    late = []
    timer = QTimer()
    timer.setTimerType(PRECISE)
    due = [0.0]

    def slot():
        late.append(time.monotonic() - due[0])
        timer.start(10)
        due[0] = time.monotonic() + 0.01

    timer.setSingleShot(True)
    timer.timeout.connect(slot)
    timer.start(10)
    due[0] = time.monotonic() + 0.01
    QTimer.singleShot(600, lambda: seen.append(gilyield.status()))
    loop_for(800)
    timer.stop()
    return [max(seconds * 1000, 0.0) for seconds in late]


app = QtWidgets.QApplication(sys.argv)
label = QtWidgets.QLabel("gilyield")
label.show()
spinners = [Spinner() for _ in range(4)]
for spinner in spinners:
    spinner.start()
ms = {"none": [], "gui": []}
seen = []  # what status() said inside the event loop
for _ in range(TURNS):
    for priority in ms:
        ms[priority] += latency(priority)
medians = {priority: statistics.median(values) for priority, values in ms.items()}
print("medians in ms:", medians, {priority: len(values) for priority, values in ms.items()})
status = seen[-1]
print(status)
for spinner in spinners:
    spinner.stop()
assert status.state == "running" and status.host == "releases" and status.priority_active == "gui", status
assert status.stats.yields == 0 and status.stats.skipped > 0, status
assert all(spinner.count for spinner in spinners)
assert medians["gui"] < medians["none"] / 4, medians
print("PASSED")

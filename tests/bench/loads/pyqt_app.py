# SPDX-License-Identifier: MIT
"""A real PyQt5 application: window, painting, timers and handlers in Python. python3 pyqt_app.py LOAD.py OPTIONS

It has the part of the test host's module `host` that the loads events.py and slot.py use, so the same scripts run in both.
"""

import os
import runpy
import struct
import subprocess
import sys
import time
import types

from PyQt5.QtCore import QSocketNotifier, Qt, QTimer
from PyQt5.QtGui import QColor, QPainter
from PyQt5.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget


class Canvas(QWidget):
    """Drawn in Python whenever an event has arrived."""

    def __init__(self):
        super().__init__()
        self.step = 0

    def advance(self):
        self.step += 1
        self.update()

    def paintEvent(self, event):
        painter = QPainter(self)
        for i in range(20):
            painter.fillRect((self.step + 7 * i) % 300, 10 * i, 60, 8, QColor.fromHsv(18 * i, 160, 220))


class Latency:
    """As in the test host: an event at a time, after a random delay; from its origin until Python code handles it and is done."""

    def __init__(self, low_ms, high_ms, function, seed):
        self.function = function
        self.measured = {"start_ms": [], "end_ms": []}
        command = [sys.executable, "-S", "-E", os.path.join(os.path.dirname(__file__), "sender.py")]
        command += [str(low_ms), str(high_ms), str(seed)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self.notifier = QSocketNotifier(self.process.stdout.fileno(), QSocketNotifier.Read)
        self.notifier.activated.connect(self.arrived)

    def arrived(self):
        now = time.monotonic_ns()
        (stamp,) = struct.unpack("q", os.read(self.process.stdout.fileno(), 8))
        self.measured["start_ms"].append((now - stamp) / 1e6)
        self.function()
        self.measured["end_ms"].append((time.monotonic_ns() - stamp) / 1e6)
        canvas.advance()
        os.write(self.process.stdin.fileno(), b".")

    def stop(self):
        self.notifier.setEnabled(False)
        self.process.kill()
        self.process.wait()
        return self.measured


class Slot:
    """As in the test host: a repeating timer whose slot computes in Python."""

    def __init__(self, period_ms, function):
        self.function = function
        self.period_ns = int(period_ms * 1e6)
        self.due_ns = time.monotonic_ns() + self.period_ns
        self.measured = {"duration_ms": [], "late_ms": []}
        self.timer = QTimer()
        self.timer.setTimerType(Qt.PreciseTimer)
        self.timer.timeout.connect(self.run)
        self.timer.start(period_ms)

    def run(self):
        begin = time.monotonic_ns()
        self.measured["late_ms"].append(max(0, begin - self.due_ns) / 1e6)
        self.due_ns = max(self.due_ns + self.period_ns, begin)
        self.function()
        self.measured["duration_ms"].append((time.monotonic_ns() - begin) / 1e6)

    def stop(self):
        self.timer.stop()
        return self.measured


running = {}


def start(kind, thing):
    running[kind] = thing


def single_shot(ms, function):
    QTimer.singleShot(int(ms), Qt.PreciseTimer, function)


host = types.ModuleType("host")
host.single_shot = single_shot
host.on_exec = lambda function: single_shot(0, function)
host.process_events = lambda ms: application.processEvents()
host.latency_start = lambda low, high, function, seed=1: start("latency", Latency(low, high, function, seed))
host.latency_stop = lambda: running.pop("latency").stop()
host.slot_start = lambda period_ms, function: start("slot", Slot(period_ms, function))
host.slot_stop = lambda: running.pop("slot").stop()
sys.modules["host"] = host

application = QApplication(sys.argv[:1])
window = QWidget()
canvas = Canvas()
label = QLabel("PyQt5")
layout = QVBoxLayout(window)
layout.addWidget(label)
layout.addWidget(canvas)
window.resize(400, 320)
window.show()
# Something that an application does by itself from time to time.
clock = QTimer()
clock.timeout.connect(lambda: label.setText(time.strftime("%H:%M:%S")))
clock.start(200)

del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
sys.exit(application.exec_())

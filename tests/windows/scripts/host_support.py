# SPDX-License-Identifier: MIT
"""What the scripts that the embedding host runs have in common. They print lines of "name value", which the tests read."""

import importlib
import os
import sys
import threading
import time

QT = os.environ["TEST_QT"]
QtCore = importlib.import_module(f"PyQt{QT}.QtCore")
QtWidgets = importlib.import_module(f"PyQt{QT}.QtWidgets")
QtNetwork = importlib.import_module(f"PyQt{QT}.QtNetwork")

THREADS = int(os.environ.get("TEST_THREADS", "1"))
SECONDS = float(os.environ.get("TEST_SECONDS", "1.5"))
ENABLED = os.environ.get("TEST_ENABLED", "1") == "1"

application = QtWidgets.QApplication.instance()


def say(name, value):
    print(name, value, flush=True)


def enable():
    if ENABLED:
        import gilyield

        gilyield.enable()
        say("wait", gilyield.status().wait)


class Load:
    """Threads that count as fast as they can."""

    def __init__(self, threads=THREADS):
        self.counts = [0] * threads
        self.stopped = False
        for index in range(threads):
            threading.Thread(target=self._run, args=(index,), daemon=True).start()

    def _run(self, index):
        count = 0
        while not self.stopped:
            count += 1
            self.counts[index] = count

    def total(self):
        return sum(self.counts)


class Ticks:
    """How late a timer's slot in Python is called, milliseconds."""

    def __init__(self, period_ms=10, busy_ms=0.0):
        self.late, self.lasted, self._last, self._period, self._busy = [], [], None, period_ms, busy_ms
        self._timer = QtCore.QTimer()
        self._timer.setTimerType(QtCore.Qt.PreciseTimer if QT == "5" else QtCore.Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(period_ms)

    def _tick(self):
        now = time.perf_counter()
        if self._last is not None:
            self.late.append(max(0.0, (now - self._last) * 1e3 - self._period))
        if self._busy:
            end = now + self._busy / 1e3
            while time.perf_counter() < end:
                pass
            self.lasted.append((time.perf_counter() - now) * 1e3)
            now = time.perf_counter() - self._busy / 1e3
        self._last = now


def median(values):
    return sorted(values)[len(values) // 2] if values else float("nan")


def later(ms, function):
    QtCore.QTimer.singleShot(int(ms), function)


def quit_after(seconds):
    later(seconds * 1e3, application.quit)

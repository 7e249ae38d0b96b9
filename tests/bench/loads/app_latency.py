# SPDX-License-Identifier: MIT
"""Runs inside an application that nobody here wrote: KLayout's Python (pya) or a program with PyQt5.

A timer on the GUI thread fires every 10 ms and its slot enters Python, while 0, 1, 4, 8 threads compute. Written to
BENCH_RESULT as JSON: for each number of threads how much later than 10 ms each slot ended after the one before, in ms,
and how much the threads did, per second.
"""

import json
import os
import threading
import time

try:
    import pya as qt
except ImportError:
    from PyQt5 import QtCore as qt

PERIOD_S = 0.010
START_S = 3.0  # until an application that has just started is idle
WARM_UP_S, WINDOW_S = 0.5, 2.5
THREADS = (0, 1, 4, 8)


class Measurement:
    def __init__(self, path):
        self.path = path
        self.counts = [0] * max(THREADS)
        self.gates = [threading.Lock() for _ in self.counts]
        for i, gate in enumerate(self.gates):
            gate.acquire()
            threading.Thread(target=self.compute, args=(i,), daemon=True).start()
        self.results = {}
        self.phase = -1
        self.last = 0.0
        self.next_phase()
        self.timer = qt.QTimer()
        if hasattr(self.timer.timeout, "connect"):
            self.timer.timeout.connect(self.slot)
        else:
            self.timer.timeout = self.slot
        self.timer.start(int(1000 * PERIOD_S))

    def compute(self, i):
        counts, chunk = self.counts, range(500)
        self.gates[i].acquire()
        while True:
            for _ in chunk:
                pass
            counts[i] += 1

    def next_phase(self):
        self.phase += 1
        if self.phase == len(THREADS):
            with open(self.path + ".part", "w") as file:
                json.dump(self.results, file)
            os.rename(self.path + ".part", self.path)
            return
        running = THREADS[self.phase - 1] if self.phase else 0
        for gate in self.gates[running : THREADS[self.phase]]:
            gate.release()
        self.late = []
        self.begin = time.perf_counter() + (WARM_UP_S if self.phase else START_S)
        self.work = None

    def slot(self):
        now = time.perf_counter()
        if self.phase < len(THREADS) and now > self.begin:
            if self.work is None:
                self.work = sum(self.counts)
            else:
                self.late.append(round(1000 * max(0.0, now - self.last - PERIOD_S), 3))
            if now > self.begin + WINDOW_S:
                done = (sum(self.counts) - self.work) / (now - self.begin)
                self.results[THREADS[self.phase]] = {"late_ms": self.late, "work_per_s": done}
                self.next_phase()
        self.last = now


measurement = Measurement(os.environ["BENCH_RESULT"])

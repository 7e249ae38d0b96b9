# SPDX-License-Identifier: MIT
"""Every 35 ms a timer's slot computes for 6 ms in Python, on the GUI thread. Phases: CPU-bound threads."""

import time

import host
import load

SLOT_S = 0.006
PERIOD_MS = 35


def slot():
    """Processor time: so that it stays 6 ms of work however often the thread is interrupted."""
    end = time.thread_time() + SLOT_S
    while time.thread_time() < end:
        pass


def begin(number):
    host.slot_start(PERIOD_MS, slot)


def end(result):
    measured = host.slot_stop()
    result["slot_ms"] = load.milliseconds(measured["duration_ms"])
    result["late_ms"] = load.milliseconds(measured["late_ms"])


load.run(lambda options: load.phases_by_threads(options, begin, end))

# SPDX-License-Identifier: MIT
"""Threads make progress in every kind of event loop that a host may be in; with the argument "stalls": in none."""

import host
import inhost

MS = inhost.WINDOW_MS


def modal_in_nested():
    host.single_shot(20, lambda: host.modal_dialog(MS))
    host.nested_loop(40)  # it cannot return before the dialog does


LOOPS = {
    "a nested loop": lambda: host.nested_loop(MS),
    "a modal dialog": lambda: host.modal_dialog(MS),
    "a menu": lambda: host.menu(MS),
    "a modal dialog in a nested loop": modal_in_nested,
    "a nested loop beside a worker QThread": lambda: host.worker_qthread(MS),
    "processEvents": lambda: host.process_events(MS),
    "QProcess::waitForFinished": lambda: host.qprocess_wait(["sleep", "0.4"], 10000),
}


def script():
    stalls = inhost.argument(1) == "stalls"
    spinners = inhost.Spinners()
    for name, loop in LOOPS.items():
        if stalls:
            yield from spinners.stall(name, loop)
        elif name == "processEvents":
            yield from spinners.progress(name, loop, inhost.BUSY_PROGRESS)
        elif name != "QProcess::waitForFinished" or inhost.mode() != "timer":  # no tick can come there
            yield from spinners.progress(name, loop)
    spinners.stop()


inhost.run(script)

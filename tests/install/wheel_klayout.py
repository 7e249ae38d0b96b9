# SPDX-License-Identifier: MIT
"""For KLayout's own Python: enables gilyield, and prints how often a Python thread that sleeps 20 ms came round in a second: the best of
some seconds, as one may be spoiled by whatever else the machine does."""

import os
import threading
import time

import pya

import gilyield

SECONDS = 6
ENOUGH = 25  # of 49

count = 0
before = 0
seconds = []


def work() -> None:
    global count
    while True:
        time.sleep(0.02)
        count += 1


def later(ms, function):
    # Owned by the window: KLayout crashes at its end over a timer that only Python owns.
    timer = pya.QTimer(pya.MainWindow.instance())
    timer.singleShot = True
    timer.timeout = function
    timer.start(ms)
    return timer


def begin() -> None:
    global before
    before = count
    timers.append(later(1000, end))


def end() -> None:
    seconds.append(count - before)
    if seconds[-1] < ENOUGH and len(seconds) < SECONDS and gilyield.is_enabled():
        begin()
        return
    print("progress", max(seconds))
    if gilyield.is_enabled():
        status = gilyield.status()
        print(status)
        print("library", status.library, flush=True)
    leave()


def leave() -> None:
    # The tip that a first start shows is a modal dialog, and keeps the application from its end.
    modal = pya.QApplication.activeModalWidget()
    if modal:
        modal.close()
        timers.append(later(100, leave))
    else:
        pya.Application.instance().exit(0)


threading.Thread(target=work, daemon=True).start()
if os.environ.get("TEST_ENABLE"):
    gilyield.enable()
timers = [later(500, begin)]

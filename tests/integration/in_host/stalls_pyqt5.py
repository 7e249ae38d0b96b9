# SPDX-License-Identifier: MIT
"""PyQt5: stalls that only a program with Qt's own classes can make are named. watch() comes before the application object."""

import os
import re
import sys
import threading
import time

import gilyield

try:
    from PyQt5 import QtCore, QtWidgets
except ImportError as problem:
    print(f"skipped: {problem}")
    sys.exit(77)

HERE = re.escape(os.path.basename(__file__))
LIMIT_MS = 40000
STALL_MS = 300
seen = []


def waits_for_process():
    process = QtCore.QProcess()
    process.start("sleep", [str(STALL_MS / 1000)])
    process.waitForFinished()


class Sleeps(QtCore.QThread):
    def run(self):
        time.sleep(STALL_MS / 1000)


def waits_for_thread():
    thread = Sleeps()
    thread.start()
    thread.wait()


def joins():
    thread = threading.Thread(target=time.sleep, args=(STALL_MS / 1000,))
    thread.start()
    thread.join()


def sleeps():
    time.sleep(STALL_MS / 1000)


def sleeps_in_dialog():
    dialog = QtWidgets.QDialog()
    QtCore.QTimer.singleShot(50, sleeps)
    QtCore.QTimer.singleShot(100, dialog.accept)
    dialog.exec_()


def pumps():
    QtCore.QTimer.singleShot(0, sleeps)
    QtCore.QCoreApplication.processEvents()


def line(function, text):
    with open(__file__, encoding="utf-8") as source:
        lines = source.read().splitlines()
    first = function.__code__.co_firstlineno
    return rf"\S*{HERE}:{next(n for n in range(first, len(lines)) if text in lines[n]) + 1}, in {function.__name__}\b"


CASES = [
    (waits_for_process, rf"native .*it waited in C or C\+\+ .*, called at {line(waits_for_process, 'waitForFinished')}"),
    (waits_for_thread, rf"lock .*called at {line(waits_for_thread, 'thread.wait')}"),
    (joins, rf"lock .*called at \S*threading\.py:\d+, in \w+, for {line(joins, 'thread.join')}"),
    (sleeps_in_dialog, rf"native .*it slept in C or C\+\+ .*, called at {line(sleeps, 'time.sleep')}"),
    (pumps, rf"native .*, called at {line(sleeps, 'time.sleep')} \| *called from {line(pumps, 'processEvents')}"),
]


def script():
    for slot, pattern in CASES:
        del seen[:]
        QtCore.QTimer.singleShot(0, slot)
        for _ in range(50):
            yield 200
            texts = [f"{stall.kind} {stall.text}".replace("\n", " | ") for stall in seen]
            if any(re.match(pattern, text) for text in texts):
                break
        else:
            raise AssertionError(f"{slot.__name__}: none of {texts} is like {pattern}")
        print(slot.__name__, texts, flush=True)


def step():
    try:
        ms = next(steps, None)
    except AssertionError as failed:
        print(failed, flush=True)
        application.exit(1)
        return
    if ms is None:
        application.quit()
    else:
        QtCore.QTimer.singleShot(ms, step)


gilyield.watch(100, file=os.devnull, on_stall=seen.append)
application = QtWidgets.QApplication([])
application.setQuitOnLastWindowClosed(False)
gilyield.enable()
steps = script()
QtCore.QTimer.singleShot(300, step)
QtCore.QTimer.singleShot(LIMIT_MS, lambda: application.exit(2))
sys.exit(application.exec_())

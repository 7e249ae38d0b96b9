# SPDX-License-Identifier: MIT
"""PyQt5 at Python's prompt (`python3 -i`): its input hook runs exec() while Python waits for a line, and ends it for each line, with
aboutToQuit. This program types its own lines, each from the event loop of the prompt before. Argument: pipe, or terminal, where CPython 3.13 and
later has another prompt, whose hook runs for each key."""

import os
import pty
import sys
import threading

from PyQt5.QtCore import QCoreApplication, QTimer

import gilyield
from gilyield import gui

LINES = 5

report = os.fdopen(os.dup(1), "w")
if sys.argv[1] == "terminal":
    writer, reader = pty.openpty()
    os.dup2(reader, 1)
else:
    reader, writer = os.pipe()
os.dup2(reader, 0)
application = QCoreApplication([])
quits, refused = [], []
application.aboutToQuit.connect(lambda: quits.append(1))


keys = []  # still to be typed at a terminal


def type_line(text):
    if sys.argv[1] == "terminal":
        keys.extend(text + "\r")
    else:
        os.write(writer, text.encode() + b"\n")


def type_key():
    """One for each event loop: CPython 3.13 reads all that there is, and runs the hook before each key of it but the first."""
    if keys:
        os.write(writer, keys.pop(0).encode())


typist = QTimer()
typist.timeout.connect(type_key)
typist.start(1)


def post_from_a_thread():
    try:
        gui.post(type_line, "step()" if len(quits) < LINES else "finish()")
    except gui.Closed as exception:
        refused.append(exception)
        type_line("finish()")


def step():
    """As typed: the last event loop was told to quit, and the next one runs once this has returned."""
    thread = threading.Thread(target=post_from_a_thread)
    thread.start()
    thread.join()


def finish():
    status = gilyield.status()
    print(f"{len(quits)} quits, refused: {refused}, {status.state}, {status.priority_active}", file=report)
    if len(quits) > LINES and not refused and (status.state, status.priority_active) == ("running", "gui"):
        print("PASSED", file=report)
    report.flush()
    os._exit(0)


type_line("step()")

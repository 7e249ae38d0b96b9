# SPDX-License-Identifier: MIT
"""PyQt5 at Python's prompt (`python3 -i`): its input hook runs exec() while Python waits for a line, and ends it for each line, with
aboutToQuit. This program types its own lines, each from the event loop of the prompt before."""

import os
import threading

from PyQt5.QtCore import QCoreApplication

import gilyield
from gilyield import gui

LINES = 5

reader, writer = os.pipe()
os.dup2(reader, 0)
application = QCoreApplication([])
quits, refused = [], []
application.aboutToQuit.connect(lambda: quits.append(1))


def type_line(text):
    os.write(writer, text.encode() + b"\n")


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
    print(f"{len(quits)} quits, refused: {refused}, {status.state}, {status.priority_active}", flush=True)
    if len(quits) > LINES and not refused and (status.state, status.priority_active) == ("running", "gui"):
        print("PASSED", flush=True)
    os._exit(0)


type_line("step()")

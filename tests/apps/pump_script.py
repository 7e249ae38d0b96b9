# SPDX-License-Identifier: MIT
"""Inside KLayout, or started as a PyQt5 program: a loop that is turned by hand beside a thread."""

import os
import sys
import traceback

sys.path.insert(0, os.environ["PUMPING_DIR"])
import pumping

log = open(os.environ["APPTEST_LOG"], "a", buffering=1)


def say(text):
    log.write(text + "\n")


def run(process_events, bar):
    """bar(i) moves a progress bar."""
    turns = [0]

    def progress():
        turns[0] += 1
        if turns[0] % 200 == 0:
            bar(turns[0] // 200 % 100)
        process_events()

    try:
        pumping.check({"plain": process_events, "progress bar": progress}, process_events, say)
        say("PASSED")
    except BaseException:
        say(traceback.format_exc())


if sys.argv[-1] == "PyQt5":
    from PyQt5 import QtCore, QtWidgets

    app = QtWidgets.QApplication(sys.argv)
    widget = QtWidgets.QProgressBar()
    widget.show()

    def go():
        run(app.processEvents, widget.setValue)
        app.quit()

    QtCore.QTimer.singleShot(300, go)
    app.exec_()
else:
    import pya

    def go():
        widget = pya.QProgressBar()
        widget.show()
        run(lambda: pya.QApplication.processEvents(), lambda value: setattr(widget, "value", value))
        os._exit(0)  # KLayout 0.28 frees the widget twice when it ends

    timer = pya.QTimer()
    timer.singleShot = True
    timer.timeout = go
    timer.start(2000)

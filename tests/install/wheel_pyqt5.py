# SPDX-License-Identifier: MIT
"""A small PyQt5 program that enables gilyield. PyQt5 comes from PyPI, with a Qt of its own."""

import threading
import time

from PyQt5 import QtCore, QtWidgets

import gilyield

count = 0


def work() -> None:
    global count
    while True:
        time.sleep(0.02)
        count += 1


def end() -> None:
    status = gilyield.status()
    print(status)
    assert status.enabled and status.state == "running", status.state
    # PyQt releases the GIL around exec() by itself: gilyield says so, and gives nothing away.
    assert status.host == "releases", status.host
    assert status.qt_version == QtCore.qVersion(), status.qt_version
    assert count >= 16, count
    gilyield.disable()
    assert not gilyield.is_enabled()
    print("library", status.library)
    application.quit()


application = QtWidgets.QApplication(["program"])
gilyield.enable()
threading.Thread(target=work, daemon=True).start()
QtCore.QTimer.singleShot(1000, end)
application.exec_()

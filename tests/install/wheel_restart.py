# SPDX-License-Identifier: MIT
"""A PyQt5 program that starts itself once more. Arguments: how, and a file to which each of the two writes whether gilyield is there."""

import os
import sys

from PyQt5.QtCore import QCoreApplication, QProcess, QTimer

how, log = sys.argv[1:]
first = "TEST_RESTARTED" not in os.environ
application = QCoreApplication(["program"])


def go_on() -> None:
    with open("/proc/self/maps", encoding="utf-8") as maps, open(log, "a", encoding="utf-8") as stream:
        print("with" if "libgilyield-qt" in maps.read() else "without", file=stream)
    if first:
        os.environ["TEST_RESTARTED"] = "1"
        again = [sys.executable, *sys.argv]
        if how == "execv":
            os.execv(again[0], again)
        QProcess.startDetached(again[0], again[1:])
    application.quit()


QTimer.singleShot(0, go_on)
application.exec_()

# SPDX-License-Identifier: MIT
"""A PyQt5 application whose notify() is Python's: what Qt calls there wants the GIL, so no lock of ours may be held meanwhile."""

import faulthandler
import sys
import threading
import time

import gilyield

try:
    from PyQt5.QtCore import QCoreApplication, QTimer
except ImportError:
    print("skipped: there is no PyQt5 for this Python (Debian: python3-pyqt5)")
    sys.exit(77)

faulthandler.dump_traceback_later(40, exit=True)
THREADS, ROUNDS = 3, 1500


class Application(QCoreApplication):
    def notify(self, receiver, event):
        return super().notify(receiver, event)


def toggle():
    for _ in range(ROUNDS):
        gilyield.enable()
        time.sleep(0)
        gilyield.disable()
        time.sleep(0.0002)


def look():
    if not any(thread.is_alive() for thread in threads):
        application.quit()


application = Application(sys.argv)
threads = [threading.Thread(target=toggle, daemon=True) for _ in range(THREADS)]
timer = QTimer()
timer.timeout.connect(look)
timer.start(20)
QTimer.singleShot(10, lambda: [thread.start() for thread in threads])
application.exec_()
print("PASSED")

# SPDX-License-Identifier: MIT
"""The demo's third button: what stalls the GUI. The first press turns the reports on; each stalls the GUI thread once, as chosen."""

import os
import sys
import threading
import time

sys.path.insert(0, os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "support")))

import application

import gilyield
import made_stalls
from gilyield import gui

REPORTED_S = 20  # a report comes when the stall is over


def cpp_slot():
    application.post_slow_slot(300)


STALLS = [
    ("time.sleep() in a slot", made_stalls.sleeping_slot),
    ("Python in a slot", made_stalls.python_slot),
    ("C++ in a slot", cpp_slot),
    ("a thread that keeps the GIL in C", made_stalls.beside_a_hog),
    ("a lock that a thread has", made_stalls.wait_for_lock),
    ("an import inside an import", made_stalls.nested_import),
]


class WatchModule:
    """Prints each report in the console of the window."""

    def __init__(self, button):
        self.watching = False
        self.reported = threading.Event()
        application.set_stalls([text for text, _ in STALLS])
        button.clicked.connect(self.stall)

    def watch(self):
        if not self.watching:
            self.watching = True
            gilyield.watch(threshold_ms=100, on_stall=self.show)

    def show(self, stall):
        print(stall)
        self.reported.set()

    def stall(self):
        self.watch()
        STALLS[application.chosen_stall()][1]()

    def try_all(self):
        """All of them, one after the other, and then the end."""
        self.watch()
        threading.Thread(target=self.try_one_by_one, name="tries all").start()

    def try_one_by_one(self):
        for text, slot in STALLS:
            time.sleep(0.3)
            print("now:", text)
            self.reported.clear()
            gui.call(slot)
            self.reported.wait(REPORTED_S)
        application.quit()

# SPDX-License-Identifier: MIT
"""The demo's third button: what stalls the GUI. The first press turns the reports on; each stalls the GUI thread once, as chosen."""

import ctypes
import sys
import threading
import time

import application

import gilyield
from gilyield import gui

REPORTED_S = 20  # a report comes when the stall is over

lock = threading.Lock()
keeps_gil = ctypes.PyDLL(None)  # its functions are called with the GIL


def python_slot():
    end = time.monotonic() + 0.3
    while time.monotonic() < end:
        pass


def cpp_slot():
    application.post_slow_slot(300)


def hog():
    keeps_gil.usleep(400000)


def beside_a_hog():
    threading.Thread(target=hog, name="hog").start()
    time.sleep(0.01)


def have_lock():
    with lock:
        time.sleep(0.4)


def wait_for_lock():
    threading.Thread(target=have_lock, name="has the lock").start()
    time.sleep(0.05)
    with lock:
        pass


def nested_import():
    for name in "demo_import_outer", "demo_import_inner":
        sys.modules.pop(name, None)
    import demo_import_outer  # noqa: F401


def sleeping_slot():
    time.sleep(0.3)


STALLS = [
    ("time.sleep() in a slot", sleeping_slot),
    ("Python in a slot", python_slot),
    ("C++ in a slot", cpp_slot),
    ("a thread that keeps the GIL in C", beside_a_hog),
    ("a lock that a thread has", wait_for_lock),
    ("an import inside an import", nested_import),
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

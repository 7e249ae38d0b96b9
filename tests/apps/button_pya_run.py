# SPDX-License-Identifier: MIT
"""python/examples/button_pya.py in KLayout's window."""

import gc
import os
import sys
import threading

import pya

sys.path.insert(0, os.environ["APPTEST_DIR"])
sys.path.insert(0, os.environ["EXAMPLES_DIR"])
import button_check
import button_pya
from gilyield import gui

timers = []  # they live as long as Python knows them


def schedule(ms, function):
    timer = pya.QTimer()
    timer.singleShot = True
    timer.timeout = function
    timer.start(ms)
    timers.append(timer)


class Panel(pya.QObject):
    """A cycle, as panels are."""

    died = []

    def __init__(self):
        super().__init__()
        self.slot = self.clicked

    def clicked(self):
        pass

    def __del__(self):
        self.died.append(threading.get_ident())


def check_garbage():
    """pya's objects die on the GUI thread though other threads allocate."""
    stop = []

    def allocate():
        while not stop:
            [[] for _ in range(2000)]

    collector = gui.collect_here()
    thread = threading.Thread(target=allocate)
    thread.start()
    for _ in range(200):
        Panel()

    def check():
        stop.append(1)
        thread.join()
        collector.stop()
        gc.collect()
        elsewhere = [ident for ident in Panel.died if ident != threading.get_ident()]
        print(f"panels: {len(Panel.died)} died, {len(elsewhere)} on another thread", flush=True)
        if len(Panel.died) < 200 or elsewhere:
            print("FAILED collect_here", flush=True)
        pya.Application.instance().exit(0)

    schedule(1000, check)


def begin():
    dialog = pya.QApplication.activeModalWidget()
    if dialog:
        dialog.close()  # the tip of the day
    begin.window = window = button_pya.Window(pya.MainWindow.instance())
    window.show()
    button_check.check(
        window,
        button_pya.work,
        schedule,
        check_garbage,
        lambda w: (w.label.text, w.bar.value, w.start_button.isEnabled(), w.cancel_button.isEnabled()),
        lambda w, name: getattr(w, name).click(),
        lambda w: w.close(),
        lambda w, path: w.grab().save(path),
    )


schedule(1500, begin)

# SPDX-License-Identifier: MIT
"""enable() and disable() from several threads at once, while others compute; then again with a new application object."""

import os
import random
import sys
import threading
import time

sys.path.insert(0, os.environ["TEST_SCRIPTS"])
from host_support import *

import gilyield

state = {}


def hammer(seed, until):
    chance = random.Random(seed)
    while time.perf_counter() < until:
        if chance.random() < 0.5:
            gilyield.enable(interval_ms=chance.choice((5, 20)))
        else:
            gilyield.disable()
        time.sleep(0.002)


def again():
    gilyield.enable()
    state["load"] = Load(3)
    until = time.perf_counter() + SECONDS
    for seed in range(3):
        threading.Thread(target=hammer, args=(seed, until), daemon=True).start()
    # Threads may have turned it off just then: the GUI thread turns it on, so that they go on.
    state["timer"] = QtCore.QTimer()
    state["timer"].timeout.connect(gilyield.enable)
    state["timer"].start(50)
    state["application"] = QtWidgets.QApplication.instance() or application
    later(SECONDS * 1e3 + 500, QtCore.QCoreApplication.quit)


def finished():
    state["load"].stopped = True
    state["timer"].stop()
    say("counted", all(state["load"].counts))
    say("enabled", gilyield.is_enabled())


again()

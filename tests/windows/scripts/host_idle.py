# SPDX-License-Identifier: MIT
"""How often the GUI thread of an idle application is woken: turns of its event loop, and waits that ended, within some time."""

import os
import sys

sys.path.insert(0, os.environ["TEST_SCRIPTS"])
from host_support import *

import gilyield

enable()
KIND = os.environ["TEST_KIND"]
turns = [0]
dispatcher = QtCore.QAbstractEventDispatcher.instance()
dispatcher.awake.connect(lambda: turns.__setitem__(0, turns[0] + 1))
done = []


def sleeper():
    while not done:
        time.sleep(0.005)


if KIND == "compute":
    load = Load(2)
elif KIND == "sleep":
    for _ in range(4):
        threading.Thread(target=sleeper, daemon=True).start()


def look():
    time.sleep(SECONDS / 3)  # until all has come to rest
    before = turns[0], gilyield.stats().yields
    time.sleep(SECONDS / 2)
    after = turns[0], gilyield.stats().yields
    say("turns", after[0] - before[0])
    say("yields", after[1] - before[1])


threading.Thread(target=look).start()
quit_after(SECONDS)


def finished():
    done.append(True)
    if KIND == "compute":
        load.stopped = True
        say("counted", load.total() > 0)

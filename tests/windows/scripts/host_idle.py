# SPDX-License-Identifier: MIT
"""How often the GUI thread of an idle application is woken: turns of its event loop, and waits that ended, within some time."""

import os
import sys

sys.path.insert(0, os.environ["TEST_SCRIPTS"])
from host_support import *

import gilyield

enable()
KIND = os.environ["TEST_KIND"]
REST_LIMIT_S = 20
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


def figures():
    return turns[0], gilyield.stats().yields


def look():
    limit = time.monotonic() + REST_LIMIT_S
    before = figures()
    while time.monotonic() < limit:  # until all has come to rest
        time.sleep(SECONDS / 3)
        earlier, before = before, figures()
        if before == earlier:
            break
    time.sleep(SECONDS / 2)
    after = figures()
    say("turns", after[0] - before[0])
    say("yields", after[1] - before[1])
    QtCore.QMetaObject.invokeMethod(application, "quit", QtCore.Qt.ConnectionType.QueuedConnection)


threading.Thread(target=look).start()


def finished():
    done.append(True)
    if KIND == "compute":
        load.stopped = True
        say("counted", load.total() > 0)

# SPDX-License-Identifier: MIT
"""A program whose thread calls the GUI thread after exit(), while the event loop still runs; then exec() is called again.

Arguments: the binding; whether gilyield is `used` before exit(), `unused`, or `disabled` in between.
"""

import importlib
import os
import sys
import threading
import time

how = sys.argv[2]
QtCore = importlib.import_module(sys.argv[1] + ".QtCore")
gilyield = importlib.import_module("gilyield")
gui = importlib.import_module("gilyield.gui")  # after Qt: it then sees aboutToQuit come
application = QtCore.QCoreApplication(["program"])
results = []
asked = threading.Event()


def run():
    application.exec() if hasattr(application, "exec") else application.exec_()


def call(*, after=None):
    if after is not None:
        after.wait()
    try:
        results.append(gui.call(len, "x"))
    except gui.Closed:
        results.append("refused")


def leave():
    application.exit()
    # The loop is to end, and has not ended: what is processed in here is not a sign of a loop that goes on.
    for _ in range(3):
        application.processEvents()
        time.sleep(0.01)
    if how == "disabled":
        gilyield.disable()
    asked.set()
    time.sleep(0.3)


late = threading.Thread(target=call, kwargs={"after": asked}, daemon=True)
late.start()
if how == "disabled":
    gilyield.enable()
if how != "unused":
    gui.post(len, "x")
QtCore.QTimer.singleShot(50, leave)
run()
late.join(10)
print("Qt", QtCore.qVersion(), how, "after exit():", results or "neither run nor refused", flush=True)
assert results and not late.is_alive()

# Nobody would run it now: no loop runs.
results.clear()
if how == "disabled":
    gilyield.enable()
    gilyield.disable()
idle = threading.Thread(target=call, daemon=True)
idle.start()
time.sleep(0.1)
idle.join(10)
print("after exec():", results, flush=True)
assert results == ["refused"], results

# A loop that runs later takes calls again, whichever way it comes to its first turn.
results.clear()
again = threading.Thread(target=call, daemon=True)
QtCore.QTimer.singleShot(50, again.start)
QtCore.QTimer.singleShot(1000, application.quit)
run()
again.join(10)
print("in the next exec():", results, flush=True)
assert results == [1], results

# And so does one that only processes events.
results.clear()
third = threading.Thread(target=call, daemon=True)
for _ in range(3):
    application.processEvents()
third.start()
deadline = time.monotonic() + 10
while third.is_alive() and time.monotonic() < deadline:
    application.processEvents()
    time.sleep(0.01)
print("in processEvents() after it:", results, flush=True)
assert results == [1], results
os._exit(0)

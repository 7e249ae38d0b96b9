# SPDX-License-Identifier: MIT
"""Interpreters that share the GIL are created, compute until they are asked for the GIL, and are destroyed, without end, while the GUI thread and
threads of the main interpreter ask."""

import faulthandler
import sys
import time

import host
import stress
import subinterpreter
from gilyield import _gilyield

WATCHDOG_S = 50
WORK = """
import time
end = time.monotonic() + 0.003
while time.monotonic() < end: pass
"""


def live():
    interpreter = subinterpreter.create()
    # What gui.call() looks at: where interpreters may have a GIL of their own, nothing, as to look there ends the process.
    assert bool(_gilyield.current_frames()) == (sys.version_info < (3, 12))
    error = subinterpreter.run(interpreter, WORK)
    subinterpreter.destroy(interpreter)
    assert not error, error


def script():
    if not subinterpreter.available:
        print("no module for sub-interpreters in this Python", flush=True)
        return
    yield from stress.gui_first()
    spinners = [stress.Counted(lambda: None), stress.Counted(lambda: time.sleep(0.001))]
    lives = [stress.Counted(live) for _ in range(2)]
    for thread in spinners + lives:
        thread.start()
    events = []
    host.latency_start(1, 6, lambda: events.append(1))
    end = time.monotonic() + stress.SECONDS
    while time.monotonic() < end:
        faulthandler.dump_traceback_later(WATCHDOG_S, exit=True)
        yield 500
        yield from stress.all_move(spinners + lives, "interpreters are born and die", 40)
    host.latency_stop()
    for thread in spinners + lives:
        thread.stopping = True
    while any(thread.is_alive() for thread in spinners + lives):
        yield 20
    print(sum(thread.count for thread in lives), "lives,", len(events), "events", flush=True)


stress.run(script)

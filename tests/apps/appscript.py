# SPDX-License-Identifier: MIT
"""What the scripts inside real applications share: a thread that writes every 50 ms, and a plan of phases on the GUI thread.

The script of an application calls begin(schedule, leave): schedule(ms, f) calls f() on the GUI thread after that time, by the
application's own means; leave() ends the application. Everything goes line by line into the file APPTEST_LOG, with the time of the
monotonic clock: "write", "phase NAME", "state ...", "error ...". Who started the application judges it.
"""

import code
import os
import threading
import time
import traceback

SETTLE_MS = 1500  # the application finishes its start
PHASE_MS = 3500

log = open(os.environ["APPTEST_LOG"], "a", buffering=1)


def say(text):
    log.write(f"{time.monotonic():.4f} {text}\n")


def write_every_50_ms():
    while True:
        time.sleep(0.05)
        say("write")


def guarded(function):
    """Return a function that reports what goes wrong: an application may swallow it."""

    def call(*_):
        try:
            function()
        except BaseException:
            say("error " + traceback.format_exc().replace("\n", " | "))

    return call


def is_on():
    import gilyield

    status = gilyield.status()
    say(f"state {status.state} mode={status.mode} host={status.host} wait={status.wait} priority={status.priority_active}")


CONSOLE = ("gilyield.threads()", "print(gilyield.threads())", "gilyield.top(0.1, 1)", "gilyield.stalls()", "gilyield.status()",
           "gilyield.watch(60000)", "print(gilyield.stalls())", "gilyield.unwatch()")


def console():
    """As if it were typed in the application's own console, whose stdout and display hook print it."""
    import gilyield

    shell, failed = code.InteractiveInterpreter({"gilyield": gilyield}), []
    shell.write = failed.append
    for line in CONSOLE:
        shell.runsource(line)
    assert not failed, failed


def switch_off():
    import gilyield

    gilyield.disable()
    assert not gilyield.is_enabled()


def switch_on():
    import gilyield

    gilyield.enable()
    assert gilyield.is_enabled()


def begin(schedule, leave, before=None):
    """Run the plan: alone, or with gilyield switched off and on if APPTEST_TOGGLE is set. before() opens the second phase."""
    phases = [("first", None), ("second", before)]
    if os.environ.get("APPTEST_TOGGLE"):
        phases += [("off", switch_off), ("on", switch_on)]

    def next_phase():
        if not phases:
            if os.environ.get("APPTEST_TOGGLE"):
                guarded(is_on)()
                guarded(console)()
            say("phase end")
            leave()
            return
        name, action = phases.pop(0)
        schedule(PHASE_MS, guarded(next_phase))
        if action:
            guarded(action)()
        say(f"phase {name}")

    threading.Thread(target=write_every_50_ms, daemon=True).start()
    say("begin")
    schedule(SETTLE_MS, guarded(next_phase))

# SPDX-License-Identifier: MIT
"""Prints how often the GUI thread of an idle application woke up, and how often it ticked: idle.py SECONDS SLEEPING_THREADS."""

import threading

import inhost


def script():
    ms = int(float(inhost.argument(1)) * 1000)
    stop = threading.Event()
    threads = [threading.Thread(target=stop.wait) for _ in range(int(inhost.argument(2)))]
    for thread in threads:
        thread.start()
    yield 300  # all that starting up brings with it is over
    before = inhost.voluntary_switches()
    ticks = read_ticks()
    yield ms
    print("WAKEUPS", inhost.voluntary_switches() - before)
    print("TICKS", read_ticks() - ticks)
    print("STATE", read_state())
    stop.set()
    for thread in threads:
        thread.join()


def read_ticks():
    # Without the shim in the process there is nothing to ask, and asking would load it.
    return gilyield.stats().ticks if gilyield else 0


def read_state():
    return gilyield.status().state if gilyield else "absent"


if inhost.argument(3) == "ask":
    import gilyield
else:
    gilyield = None
inhost.run(script)

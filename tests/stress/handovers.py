# SPDX-License-Identifier: MIT
"""Hand-overs by the hundred thousand, by the million with STRESS_SECONDS=40: threads that let go of the GIL at every turn, threads that
never do, and a GUI thread that wants it all the time. Nobody is ever forgotten, and nothing that the GIL protects is ever miscounted."""

import os
import time

import gilyield
import host
import stress

LEAST = 5000  # of each kind, on the slowest of machines; a forgotten thread has none


class Ledger:
    """A list that all threads append to; its length agrees with their own counts only under mutual exclusion."""

    def __init__(self):
        self.entries = []

    def enter(self, who):
        self.entries.append(who)  # one C function: never torn, if one thread at a time has the GIL


def sleeps():
    """Return how often threads that live now have gone to sleep: most of it is waiting for the GIL."""
    total = 0
    for task in os.listdir("/proc/self/task"):
        with open(f"/proc/self/task/{task}/status") as status:
            total += sum(int(line.split()[1]) for line in status if line.startswith("voluntary_ctxt_switches"))
    return total


def script():
    yield from stress.gui_first()
    ledger = Ledger()
    turns = [0, 0, 0, 0]

    def letting_go(index, release):
        def work():
            release()
            ledger.enter(index)
            turns[index] += 1

        return work

    releases = [lambda: os.stat("/"), lambda: time.sleep(0), lambda: os.getppid() and os.stat("."), lambda: time.sleep(0.0005)]
    threads = [stress.Counted(letting_go(index, release)) for index, release in enumerate(releases)]
    spinners = [stress.Counted(int) for _ in range(2)]
    for thread in threads + spinners:
        thread.start()
    events = 0

    def event():
        nonlocal events
        events += 1
        ledger.enter("gui")

    end = time.monotonic() + stress.SECONDS
    while time.monotonic() < end:
        host.flood_start(20, event)  # every turn of the loop
        yield 700
        host.flood_stop()
        host.latency_start(0, 3, event)  # from poll()
        yield 300
        host.latency_stop()
        stress.alive(threads + spinners, "contention")
    slept = sleeps()
    for thread in threads + spinners:
        thread.stopping = True
    for thread in threads + spinners:
        thread.join()
    total = len(ledger.entries)
    print(f"{total} turns with a release of the GIL, {events} events, {slept} times a thread slept", flush=True)
    assert total == sum(turns) + events, (total, turns, events)
    assert [ledger.entries.count(index) for index in range(4)] == turns
    assert events > LEAST / 10 and sum(turns) > LEAST, (events, turns)
    assert gilyield.status().priority_active == "gui"


stress.run(script)

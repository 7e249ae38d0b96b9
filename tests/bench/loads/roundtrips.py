# SPDX-License-Identifier: MIT
"""What threads that wait for each other pay for the redirected queue: round trips between two Python threads, beside an idle GUI.

Phases: over a threading.Condition, over two threading.Locks, and lock.acquire() with a timeout that runs out. Each is measured with
CPython's own queue and with gilyield's in turns, as it matters more on which processors the kernel has the two than whose queue it is.
"""

import statistics
import threading

import gilyield
import load

TIMEOUT_S = 0.0002
BLOCKS = 16
SETTLE_MS = 5


class Trips:
    """Looks like load.Threads to a Window."""

    running = 1

    def __init__(self, *targets):
        self.counts = [0]
        self.stopping = False
        self.members = [threading.Thread(target=target, args=(self,), daemon=True) for target in targets]
        for thread in self.members:
            thread.start()


def condition_pair():
    condition = threading.Condition()
    turn = [0]

    def player(me):
        def play(trips):
            while not trips.stopping:
                with condition:
                    while turn[0] != me:
                        condition.wait()
                    turn[0] = 1 - me
                    condition.notify()
                trips.counts[0] += me

        return play

    return player(0), player(1)


def lock_pair():
    ping, pong = threading.Lock(), threading.Lock()
    ping.acquire()
    pong.acquire()

    def first(trips):
        while not trips.stopping:
            ping.release()
            pong.acquire()
            trips.counts[0] += 1

    def second(trips):
        while not trips.stopping:
            ping.acquire()
            pong.release()

    return first, second


def timeouts():
    lock = threading.Lock()
    lock.acquire()

    def wait(trips):
        while not trips.stopping:
            lock.acquire(timeout=TIMEOUT_S)
            trips.counts[0] += 1

    return (wait,)


def trip_us(trips, ms):
    """Generator."""
    yield SETTLE_MS
    window = load.Window(trips)
    yield ms
    return 1e6 / window.close()["work_per_s"]


def phases(options):
    results = {}
    for name, targets in (("condition", condition_pair()), ("lock", lock_pair()), ("timeout", timeouts())):
        trips = Trips(*targets)
        yield load.WARM_UP_MS
        blocks = {"none": [], "gui": []}
        for i in range(BLOCKS):
            for priority in sorted(blocks, reverse=i % 2 > 0):
                gilyield.configure(priority=priority)
                blocks[priority].append((yield from trip_us(trips, options["ms"])))
        trips.stopping = True
        results[name] = {
            "trip_us": statistics.median(blocks["gui"]),
            "plain_trip_us": statistics.median(blocks["none"]),
            "extra_trip_us": [round(ours - plain, 3) for ours, plain in zip(blocks["gui"], blocks["none"])],
        }
        yield load.WARM_UP_MS
    return results


load.run(phases)

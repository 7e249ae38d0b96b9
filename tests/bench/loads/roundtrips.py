# SPDX-License-Identifier: MIT
"""What threads that wait for each other pay: round trips between two Python threads, beside an idle GUI.

Phases: over a threading.Condition, over two threading.Locks, and lock.acquire() with a timeout that runs out.
"""

import threading

import load

TIMEOUT_S = 0.0002


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


def phases(options):
    results = {}
    for name, targets in (("condition", condition_pair()), ("lock", lock_pair()), ("timeout", timeouts())):
        trips = Trips(*targets)
        yield load.WARM_UP_MS
        window = load.Window(trips)
        yield options["ms"]
        results[name] = window.close()
        trips.stopping = True
        results[name]["trip_us"] = 1e6 / results[name]["work_per_s"]
        yield load.WARM_UP_MS
    return results


load.run(phases)

# SPDX-License-Identifier: MIT
"""gilyield.gui from one thread, beside threads that compute: gui.call() round trips, then how many posts a second are queued and run.

Phases: how many threads compute. The thread that calls is not one of them.
"""

import threading
import time

import load
from gilyield import gui

POSTS = 20000


class Caller:
    """Calls the GUI thread again and again; round trips in microseconds."""

    def __init__(self):
        self.trips_us = []
        self.posts_per_s = 0.0
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.call, daemon=True)
        self.thread.start()

    def call(self):
        while not self.stopping.is_set():
            begin = time.perf_counter()
            gui.call(load.handler)
            self.trips_us.append(round(1e6 * (time.perf_counter() - begin), 1))
        begin = time.perf_counter()
        for i in range(POSTS):
            gui.post(int, i)
        gui.call(int)
        self.posts_per_s = POSTS / (time.perf_counter() - begin)


def phases(options):
    threads = load.Threads(max(options["threads"]))
    results = {}
    for number in options["threads"]:
        threads.let_run(number)
        yield load.WARM_UP_MS
        caller = Caller()
        yield options["ms"]
        trips = list(caller.trips_us)
        caller.stopping.set()
        waited = 0
        while caller.thread.is_alive() and waited < 20000:
            yield 100
            waited += 100
        results[number] = {"call_us": trips, "posts_per_s": caller.posts_per_s}
    return results


load.run(phases)

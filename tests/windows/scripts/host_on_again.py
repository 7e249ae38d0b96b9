# SPDX-License-Identifier: MIT
"""gilyield goes away and comes back at once, as configure() has it do, while threads stand in line; the program has a very long switch interval.
They go on, also while the GUI thread waits for them outside of its event loop."""

import os
import socket
import sys
import threading
import time

sys.path.insert(0, os.environ["TEST_SCRIPTS"])
from host_support import *

import gilyield

INTERVAL_S = 1000
LIMIT_S = 5
ROUNDS = 20


class Round:
    """Ends when each of so many threads has moved since it began."""

    def __init__(self, threads):
        self.left, (self.over, self.end) = threads, socket.socketpair()
        self.over.settimeout(LIMIT_S)

    def moved(self):
        self.left -= 1
        if self.left == 0:
            self.end.send(b"x")

    def ends(self):
        try:
            return self.over.recv(1) == b"x"
        except socket.timeout:
            return False


rounds = [None] * THREADS  # of each thread; None: it has moved
stopped = False


def work(index):
    while not stopped:
        for _ in range(500):
            pass
        if rounds[index]:
            ended, rounds[index] = rounds[index], None
            ended.moved()
        time.sleep(0)


def script():
    before = sys.getswitchinterval()
    for number in range(ROUNDS):
        yield 50
        say("priority", gilyield.status().priority_active)
        sys.setswitchinterval(INTERVAL_S)
        yield 20
        end = time.perf_counter() + 0.02
        while time.perf_counter() < end:  # keeps the GIL: they come to wait for it
            pass
        this_round = Round(THREADS)
        rounds[:] = [this_round] * THREADS
        gilyield.configure(interval_ms=9000 + number)
        ended = this_round.ends()
        sys.setswitchinterval(before)
        if not ended:
            say("still", f"{this_round.left} of {THREADS} threads in round {number}")
            return
    say("rounds", ROUNDS)


def step(steps):
    try:
        ms = next(steps)
    except StopIteration:
        application.quit()
    else:
        later(ms, lambda: step(steps))


enable()
for index in range(THREADS):
    threading.Thread(target=work, args=(index,), daemon=True).start()
step(script())


def finished():
    global stopped
    stopped = True

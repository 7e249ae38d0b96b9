# SPDX-License-Identifier: MIT
"""Stalls the GUI thread for each number of milliseconds in the arguments; with a file in them, then waits until it is there."""

import os
import sys
import threading
import time

import host
import inhost

LIMIT = 300  # of 100 ms


def made_stall(ms):
    time.sleep(ms / 1000)
    print("the made stall ends", file=sys.stderr, flush=True)


def compute(stop):
    while not stop.is_set():
        sum(range(1000))


def script():
    stop = threading.Event()
    thread = threading.Thread(target=compute, args=(stop,), name="computes")
    thread.start()
    yield 400
    for argument in sys.argv[1:]:
        if argument.isdigit():
            host.single_shot(0, lambda ms=int(argument): made_stall(ms))
            yield int(argument) + 400
            continue
        tries = 0
        while not os.path.exists(argument) and tries < LIMIT:
            yield 100
            tries += 1
        print("while it runs:", os.path.getsize(argument), os.stat(argument).st_mtime_ns, flush=True)
        yield 300
    stop.set()
    thread.join()


time.sleep(float(os.environ.get("STALL_FOR_STARTS_LATE_S", "0")))
inhost.run(script)

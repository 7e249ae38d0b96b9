# SPDX-License-Identifier: MIT
"""Threads have the names that Python's threading gives them, in each view: also those that a start script has begun, and before gilyield."""

import json
import os
import tempfile
import threading
import time

import gilyield
import inhost
from gilyield._command import top

CHANCES = 40


def needs_little(stop):
    while not stop.wait(0.002):
        pass


def computes(stop):
    while not stop.is_set():
        sum(range(1000))


def waits(stop):
    stop.wait()


def start(stop):
    threads = [threading.Thread(target=kind, args=(stop,), name=f"{kind.__name__} {number}", daemon=True)
               for number in range(2) for kind in (needs_little, computes, waits)]
    for thread in threads:
        thread.start()
    return threads


def recorded():
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "gil.json")
        gilyield.trace_stop(path)
        with open(path, encoding="utf-8") as file:
            return {event["args"]["name"] for event in json.load(file)["traceEvents"] if event["name"] == "thread_name"}


def outside(wanted):
    """As `gilyield top` shows them, which reads what the library has learnt: nothing in the process looks at the accounts."""
    table = top._find(os.getpid())
    seen = {}
    system = open("/proc/self/comm", encoding="utf-8").read().strip()
    for _ in range(CHANCES):
        seen = {thread: figures.name for thread, figures in top._threads(os.getpid(), table, 1.0).items()}
        if wanted <= set(seen.values()) and system not in seen.values():
            return
        yield 50
    raise AssertionError(f"{wanted - set(seen.values())} are not in {seen}, or one goes by the name of the process")


def script():
    # One that waits for good may not have been seen at the GIL; if it was, it has its name.
    wanted = {thread.name for thread in workers if not thread.name.startswith("waits")}
    yield from outside(wanted)
    gilyield.trace_start()
    yield 200
    assert wanted <= recorded()
    named = {thread.name for thread in gilyield.threads()}
    assert wanted <= named, (wanted, named)
    stop.set()
    for thread in workers:
        thread.join()


stop = threading.Event()
if inhost.argument(1) == "before":
    gilyield.disable()
workers = start(stop)
time.sleep(0.05)
gilyield.enable()
inhost.run(script)

# SPDX-License-Identifier: MIT
"""Two hundred threads in the accounts and in a timeline, each with its own name; and thousands that are born and die meanwhile."""

import json
import os
import tempfile
import threading
import time

import gilyield
import inhost
from gilyield._command import trace

THREADS = 200
BIRTHS = 2000  # more than the table has places
CHANCES = 60


def little(stop):
    while not stop.wait(0.05):
        sum(range(100))


def is_right(table, workers):
    """What is wrong with the accounts, or ""."""
    by_id = {thread.native_id: thread for thread in workers}
    known = {thread.native_id: thread.name for thread in table}
    wrong = {ident: (known[ident], by_id[ident].name) for ident in set(known) & set(by_id) if known[ident] != by_id[ident].name}
    missing = [thread.name for thread in workers if thread.native_id not in known]
    return f"missing: {missing}, wrong: {wrong}" if missing or wrong else ""


def recorded(directory):
    path = os.path.join(directory, "gil.json")
    gilyield.trace_stop(path)
    with open(path, encoding="utf-8") as file:
        events = json.load(file)["traceEvents"]
    tracks = {event["tid"]: event["args"]["name"] for event in events if event["name"] == "thread_name"}
    assert len(tracks) == len({event["tid"] for event in events if event["name"] == "thread_name"})
    text = trace.summary(trace.read(path))
    trace_names = set(tracks.values())
    assert "GUI thread" in text and any(name in text for name in trace_names), text[:500]
    return trace_names


def until_right(workers):
    for _ in range(CHANCES):
        wrong = is_right(gilyield.threads(), workers)
        if not wrong:
            return
        yield 100
    raise AssertionError(wrong)


def born():
    """A thread that lives for a moment: its place, its stack and with it its pthread_self() are the next one's."""
    time.sleep(0)


def births():
    for number in range(BIRTHS):
        thread = threading.Thread(target=born, name=f"mayfly {number}")
        thread.start()
        thread.join()


def script():
    stop = threading.Event()
    workers = [threading.Thread(target=little, args=(stop,), name=f"worker {number}", daemon=True) for number in range(THREADS)]
    for thread in workers:
        thread.start()
    yield 300
    yield from until_right(workers)
    table = gilyield.threads()
    lines = repr(table).splitlines()
    assert len(lines) == len(table) + 1 >= THREADS + 2, len(lines)
    assert len({thread.native_id for thread in table}) == len(table), "one is in it twice"

    gilyield.trace_start()
    others = threading.Thread(target=births)
    others.start()
    while others.is_alive():
        yield 100
    with tempfile.TemporaryDirectory() as directory:
        names = recorded(directory)
    missing = {thread.name for thread in workers} - names
    assert not missing, f"the timeline has no track for {missing}"
    yield from until_right(workers)
    alive = {thread.native_id for thread in threading.enumerate()}
    gone = [thread for thread in gilyield.threads() if thread.name.startswith("mayfly") and thread.native_id not in alive]
    assert not gone, f"these have ended: {gone}"
    # A new one in an old place begins with nothing and has its own name.
    late = threading.Thread(target=little, args=(stop,), name="late", daemon=True)
    late.start()
    yield 200
    yield from until_right([*workers, late])
    account = next(thread for thread in gilyield.threads() if thread.name == "late")
    assert account.held_ns < account.seen_ns < 60e9, account
    stop.set()


inhost.run(script)

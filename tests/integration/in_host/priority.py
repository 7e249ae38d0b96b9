# SPDX-License-Identifier: MIT
"""GUI first, with four CPU-bound threads: priority "gui" against priority "none" in turns, in one run of one host."""

import statistics
import time

import gilyield
import host
import inhost

THREADS = 4
TURNS = 2
CHANCES = 3  # of what takes seconds


def latency(priority):
    """Generator: median time from a posted event to its Python handler, in ms."""
    gilyield.configure(priority=priority)
    yield 50
    assert gilyield.status().priority_active == priority, gilyield.status()
    host.latency_start(7, 16, lambda: None)
    yield 700
    return host.latency_stop()["start_ms"]


def slot_interrupted(spinners, priority):
    """Generator: the share of Python slots of some milliseconds during which another thread ran, and how many there were."""
    # A long hold: on a busy machine a slot may take several times its processor time.
    gilyield.configure(priority=priority, interval_ms=500)
    yield 20
    interrupted = []
    loops = slot_loops()

    def slot():
        before = spinners.counts()
        for _ in range(loops):
            pass
        interrupted.append(spinners.counts() != before)

    host.slot_start(60, slot)
    yield 1200
    host.slot_stop()
    return sum(interrupted) / len(interrupted), len(interrupted)


def slot_loops():
    """Return how many empty turns take about 20 ms of processor time: several switch intervals."""
    n, best = 20000, 1.0
    for _ in range(5):
        start = time.thread_time()
        for _ in range(n):
            pass
        best = min(best, time.thread_time() - start)
    return int(n * 0.02 / max(best, 1e-5))


def compare_latency():
    ms = {"none": [], "gui": []}
    for _ in range(TURNS):
        for priority in ms:
            ms[priority] += yield from latency(priority)
    medians = {priority: statistics.median(values) for priority, values in ms.items()}
    print("median latency in ms:", medians, "of", {key: len(values) for key, values in ms.items()}, flush=True)
    if min(len(values) for values in ms.values()) < 10:
        return "too few events to judge"
    return "" if medians["gui"] < medians["none"] / 5 else f"median latency in ms: {medians}"


def compare_slots(spinners):
    shares = {}
    for priority in ("none", "gui"):
        shares[priority], n = yield from slot_interrupted(spinners, priority)
        if n < 3:
            return f"{n} slots"
    print("slots interrupted:", shares, flush=True)
    return "" if shares["none"] > 0.5 and shares["gui"] < 0.25 else f"slots interrupted: {shares}"


def compare_threads(spinners):
    """Equal threads get equal shares, and events do not starve them."""
    before = spinners.counts()
    host.latency_start(7, 16, lambda: None)
    yield 1200
    host.latency_stop()
    got = [after - start for start, after in zip(before, spinners.counts())]
    print("iterations:", got, flush=True)
    return "" if min(got) > max(got) / 3 else f"unfair: {got}"


def flood(spinners):
    """A loop that is never idle leaves slice / (interval + slice) = 0.2 to the threads, and keeps most of its own."""

    def flooded():
        host.flood_start(200)
        host.nested_loop(600)
        events.append(host.flood_stop())

    events = []
    gilyield.enable()
    yield from spinners.progress("a flood of events", flooded, inhost.BUSY_PROGRESS)
    competing = max(events)
    gilyield.disable()  # in a host that holds the GIL nobody competes now
    flooded()
    print("events in the flood:", competing, "beside threads,", events[-1], "alone", flush=True)
    return "" if competing > events[-1] * 0.3 else f"events in the flood: {competing} beside threads, {events[-1]} alone"


def script():
    spinners = inhost.Spinners(THREADS)
    yield from inhost.until_good(compare_latency, CHANCES)
    yield from inhost.until_good(lambda: compare_slots(spinners), CHANCES)
    gilyield.configure(priority="gui", interval_ms=20)
    yield from inhost.until_good(lambda: compare_threads(spinners), CHANCES)
    yield from spinners.progress("the event loop")
    if inhost.argument(1) == "releasing":
        assert gilyield.stats().yields == 0 and gilyield.stats().skipped > 0, gilyield.stats()
    else:
        yield from inhost.until_good(lambda: flood(spinners), CHANCES)
    spinners.stop()


inhost.run(script)

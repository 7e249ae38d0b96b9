# SPDX-License-Identifier: MIT
"""What it costs to be watched: short windows with and without watch(), one right after the other, in the order ABBA, since the machine
changes by more from one moment to the next. Phases: the rows of the benchmark. Each gives the ratios with : without of its pairs, and
the median without."""

import os
import statistics
import time

import gilyield
import host
import load

SETTLE_MS = 20
TURNS = 4000


def watch(on):
    if on:
        gilyield.watch(100, file=os.devnull)
    else:
        gilyield.unwatch()


def pairs(number, control, measure):
    """Generator. measure() is a generator that returns a figure; returns [with / without, ...] and the median without."""
    ratios, without = [], []
    for i in range(number):
        figure = {}
        for on in (False, True) if i % 2 else (True, False):
            watch(on and not control)
            yield SETTLE_MS
            figure[on] = yield from measure()
        if figure[False]:
            ratios.append(figure[True] / figure[False])
            without.append(figure[False])
    watch(False)
    return {"ratios": ratios, "without": statistics.median(without)}


def work(threads, ms):
    window = load.Window(threads)
    yield ms
    return window.close()["work_per_s"]


def events(threads, ms):
    host.latency_start(7, 16, load.handler)
    yield ms
    return statistics.median(host.latency_stop()["end_ms"])


def used_ns(function):
    start = time.thread_time_ns()
    function(TURNS)
    return (time.thread_time_ns() - start) / TURNS
    yield  # a generator, as the others


def blocking(ms):
    host.latency_start(0.3, 0.4, load.handler)
    start = time.thread_time_ns()
    yield ms
    used = time.thread_time_ns() - start
    return used / max(1, len(host.latency_stop()["start_ms"]))


def phases(options):
    ms, number = options["ms"], options["pairs"]
    threads = load.Threads(4)
    yield load.WARM_UP_MS
    gilyield.trace_start()  # a first watch() and all that it needs once
    gilyield.trace_stop()
    results = {}
    for row in options["rows"]:
        kind, _, count = row.partition(" ")
        threads.let_run(int(count or 0))
        yield load.WARM_UP_MS
        measure = {"idle": lambda: work(threads, ms), "events": lambda: events(threads, 2 * ms), "turns": lambda: used_ns(host.turns),
                   "blocking": lambda: blocking(ms)}[kind]
        results[row] = yield from pairs(number, options["control"], measure)
    return results


load.run(phases)

# SPDX-License-Identifier: MIT
"""Locks, conditions, events and queues keep the meaning of their time-outs while threads compete for the GIL: never shorter than asked
for, the shorter before the longer, and what is signalled in time is got."""

import queue
import statistics
import threading
import time

import host
import stress

SHORT, LONG = 0.03, 0.30


def held_lock():
    lock = threading.Lock()
    lock.acquire()
    return lambda timeout: lock.acquire(timeout=timeout)


def condition():
    condition = threading.Condition()

    def wait(timeout):
        with condition:
            return condition.wait(timeout)

    return wait


def empty_queue():
    items = queue.Queue()

    def get(timeout):
        try:
            items.get(timeout=timeout)
        except queue.Empty:
            return False
        return True

    return get


WAYS = {"Lock": held_lock, "Condition": condition, "Event": lambda: threading.Event().wait, "Queue": empty_queue,
        "Semaphore": lambda: (lambda timeout: threading.Semaphore(0).acquire(timeout=timeout))}
took = {(name, seconds): [] for name in WAYS for seconds in (SHORT, LONG)}
order = []


def one(name, seconds, wait, barrier):
    barrier.wait()
    start = time.monotonic()
    got = wait(seconds)
    took[name, seconds].append(time.monotonic() - start)
    order.append((name, seconds))
    assert not got, name


def round_of_waits():
    barrier = threading.Barrier(2 * len(WAYS))
    threads = [threading.Thread(target=one, args=(name, seconds, make(), barrier)) for name, make in WAYS.items()
               for seconds in (SHORT, LONG)]
    for thread in threads:
        thread.start()
    return threads


def signalled_in_time():
    """What comes before the time is out is got, with hours to spare."""
    event, items, lock = threading.Event(), queue.Queue(), threading.Lock()
    lock.acquire()
    threading.Timer(0.02, lambda: (event.set(), items.put(1), lock.release())).start()
    start = time.monotonic()
    assert event.wait(3600) and items.get(timeout=3600) == 1 and lock.acquire(timeout=3600)
    assert time.monotonic() - start < 3600


def script():
    yield from stress.gui_first()
    spinners = stress.Spinners(2)
    host.latency_start(1, 4, lambda: None)
    end = time.monotonic() + stress.SECONDS
    rounds = in_order = 0
    while time.monotonic() < end or rounds < 5:
        del order[:]
        threads = round_of_waits() + [threading.Thread(target=signalled_in_time)]
        threads[-1].start()
        while any(thread.is_alive() for thread in threads):
            yield 10
        assert len(order) == 2 * len(WAYS), order
        rounds += 1
        in_order += [seconds for _, seconds in order] == sorted(seconds for _, seconds in order)
    host.latency_stop()
    medians = {key: statistics.median(values) for key, values in took.items()}
    print(f"{rounds} rounds, {in_order} in order, medians in ms:", {key: round(1e3 * value) for key, value in medians.items()}, flush=True)
    for (name, seconds), values in took.items():
        assert min(values) >= seconds * 0.98, f"{name}: {min(values)} s instead of {seconds}"
    for name in WAYS:
        assert medians[name, LONG] > 2 * medians[name, SHORT], (name, medians)
    assert in_order > rounds / 2, (in_order, rounds)
    spinners.stop()


stress.run(script)

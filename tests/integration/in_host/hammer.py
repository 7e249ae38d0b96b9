# SPDX-License-Identifier: MIT
"""All functions called from several threads and from the GUI thread at once, in the running host, harm nothing."""

import random
import threading

import gilyield
import host
import inhost

THREADS = 4
ROUNDS = 150  # of each thread

errors = []
done = []


def pause():
    with gilyield.paused():
        pass


def configure(random):
    gilyield.configure(
        mode=random.choice(["auto", "wait", "timer"]),
        interval_ms=random.randint(1, 40),
        slice_ms=random.randint(1, 10),
        priority=random.choice(["gui", "switch-interval", "none"]),
    )


def calls(random):
    return [
        gilyield.enable,
        gilyield.disable,
        gilyield.is_enabled,
        lambda: configure(random),
        lambda: str(gilyield.status()),
        lambda: str(gilyield.stats()),
        gilyield.reset_stats,
        pause,
    ]


def hammer(seed):
    numbers = random.Random(seed)
    functions = calls(numbers)
    try:
        for _ in range(ROUNDS):
            numbers.choice(functions)()
        done.append(seed)
    except BaseException as error:
        errors.append(error)
        raise


def script():
    numbers = random.Random(0)
    functions = calls(numbers)
    workers = [threading.Thread(target=hammer, args=(seed,)) for seed in range(1, THREADS + 1)]
    spinners = inhost.Spinners()
    for worker in workers:
        worker.start()
    turns = 0
    while any(worker.is_alive() for worker in workers):
        numbers.choice(functions)()
        if turns % 8 == 0:
            host.nested_loop(2)
        turns += 1
        if len(done) + len(errors) < THREADS:
            yield 1
    for worker in workers:
        worker.join()
    assert not errors and len(done) == THREADS, errors
    # And everything is as if nothing had been.
    assert gilyield.status().paused == 0
    gilyield.enable(mode=inhost.mode(), interval_ms=20, slice_ms=5, priority="gui")
    yield 20
    status = gilyield.status()
    assert status.state == "running" and status.priority_active == "gui", status
    yield from spinners.progress()
    gilyield.disable()
    yield from spinners.stall()
    assert gilyield.status().state == "dormant"
    spinners.stop()


inhost.run(script)

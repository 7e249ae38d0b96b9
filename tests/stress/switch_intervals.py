# SPDX-License-Identifier: MIT
"""The program changes CPython's switch interval all the time, from 1 us to a second: all threads go on, and what it set is left alone."""

import random
import sys
import time

import host
import stress

INTERVALS = [1e-6, 1e-5, 1e-4, 1e-3, 5e-3, 2e-2, 0.2, 1.0]


def script():
    yield from stress.gui_first()
    before = sys.getswitchinterval()
    numbers = random.Random(2)
    spinners = [stress.Counted(int) for _ in range(3)]

    def change():
        sys.setswitchinterval(numbers.choice(INTERVALS))
        time.sleep(0.003)

    threads = spinners + [stress.Counted(change)]
    for thread in threads:
        thread.start()
    events = []
    end = time.monotonic() + stress.SECONDS
    while time.monotonic() < end:
        host.latency_start(1, 5, lambda: events.append(1))
        yield 1500
        host.latency_stop()
        stress.alive(threads, "a changing switch interval")
    threads[-1].stopping = True
    threads[-1].join()
    assert len(events) > 20, len(events)

    # An interval of 20 s: a thread is not made to drop the GIL by others, but the GUI thread is not others.
    sys.setswitchinterval(20.0)
    del events[:]
    host.latency_start(1, 5, lambda: events.append(1))
    yield 700
    host.latency_stop()
    assert len(events) > 5, len(events)
    assert sys.getswitchinterval() == 20.0
    sys.setswitchinterval(before)
    for thread in spinners:
        thread.stopping = True
        thread.join()


stress.run(script)

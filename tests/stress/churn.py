# SPDX-License-Identifier: MIT
"""Threads that are born and die all the time, from the GUI thread and from each other, while others wait for the GIL."""

import _thread
import threading
import time

import host
import stress

started = []
finished = []
LOOPS = 2000


def short():
    started.append(1)
    for _ in range(LOOPS):
        pass
    finished.append(1)


def breeder():
    """A thread that starts threads and waits for some of them."""
    thread = threading.Thread(target=short)
    thread.start()
    _thread.start_new_thread(short, ())  # and one that nobody ever asks after
    thread.join()


def script():
    yield from stress.gui_first()
    spinners = [stress.Counted(int) for _ in range(2)]
    breeders = [stress.Counted(breeder) for _ in range(3)]
    for thread in spinners + breeders:
        thread.start()
    own = 0
    end = time.monotonic() + stress.SECONDS
    while time.monotonic() < end:
        host.latency_start(0, 4, lambda: None)
        for _ in range(50):
            _thread.start_new_thread(short, ())
            own += 1
            yield 10
        host.latency_stop()
        stress.alive(spinners + breeders, "threads come and go")
    for thread in spinners + breeders:
        thread.stopping = True
    for thread in spinners + breeders:
        thread.join()
    expected = own + 2 * sum(thread.count for thread in breeders)
    for _ in range(500):
        if len(finished) == expected:
            break
        yield 10
    print(f"{expected} threads were born and died", flush=True)
    assert len(started) == len(finished) == expected, (len(started), len(finished), expected)
    assert expected > 100


stress.run(script)

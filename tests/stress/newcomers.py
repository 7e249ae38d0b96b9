# SPDX-License-Identifier: MIT
"""A thread that computes gets its part beside threads that are born, compute for a moment, end, and are born again."""

import statistics
import threading
import time

import stress

SPAWNERS = 8
LIFE_S = 0.002
LEAST = 0.35  # of an equal part; seen: 0.6 to 1.0, and 0.1 where newcomers always come first
WINDOWS, WINDOW_MS = 5, 1200


def burn():
    end = time.thread_time() + LIFE_S
    while time.thread_time() < end:
        pass


def spawn():
    while True:
        thread = threading.Thread(target=burn, daemon=True)
        thread.start()
        thread.join()


def script():
    yield from stress.gui_first()
    old = stress.Spinners(1)
    for _ in range(SPAWNERS):
        threading.Thread(target=spawn, daemon=True).start()
    yield 200
    parts = []
    for _ in range(WINDOWS):
        shares, begin = stress.Shares(old), time.process_time()
        yield WINDOW_MS
        (used,) = shares.used()[1]
        # Of 2 * SPAWNERS + 1 threads a spawner and its thread want the GIL in turns.
        parts.append(used / (time.process_time() - begin) * (SPAWNERS + 1))
    print("of an equal part the old thread had", ", ".join(f"{part:.2f}" for part in parts), flush=True)
    assert statistics.median(parts) > LEAST, parts
    old.stop()


stress.run(script)

# SPDX-License-Identifier: MIT
"""An idle GUI: all of the GIL is for the threads. Phases: how many of them work.

On sides marked paired also the same while the GUI thread sleeps outside of its event loop and without the GIL, in turns with the
event loop: so a host that releases it for good looks to its threads.
"""

import time

import load

TURNS = 3


def phases(options):
    threads = load.Threads(max(options["threads"]), options.get("work", "spin"))
    results = {}
    for number in options["threads"]:
        threads.let_run(number)
        yield load.WARM_UP_MS
        if not options.get("paired"):
            window = load.Window(threads)
            yield options["ms"]
            results[number] = window.close()
            continue
        shares, done = [], [0] * number
        for _ in range(TURNS):
            window = load.Window(threads)
            time.sleep(options["ms"] / TURNS / 1000)
            released = window.close()
            window = load.Window(threads)
            yield options["ms"] // TURNS
            results[number] = window.close()
            shares.append(results[number]["work_per_s"] / released["work_per_s"])
            done = [a + b for a, b in zip(done, results[number]["per_thread"])]
        results[number]["per_thread"] = done
        results[number]["shares_of_released"] = shares
    return results


load.run(phases)

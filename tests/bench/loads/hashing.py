# SPDX-License-Identifier: MIT
"""One thread that releases the GIL for most of its time (hashlib). Phases: beside an idle GUI, and beside a 60 Hz animation."""

import host
import load

FPS = 60


def phases(options):
    threads = load.Threads(1, "hash")
    results = {}
    threads.let_run(1)
    yield load.WARM_UP_MS
    window = load.Window(threads)
    yield options["ms"]
    results["idle"] = window.close()
    host.animate_start(FPS, load.handler)
    yield load.WARM_UP_MS
    window = load.Window(threads)
    yield options["ms"]
    results["animation"] = window.close()
    results["animation"]["frames_per_s"] = host.animate_stop()["frames"] / (options["ms"] + load.WARM_UP_MS) * 1000
    return results


load.run(phases)

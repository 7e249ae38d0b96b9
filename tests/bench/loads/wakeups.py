# SPDX-License-Identifier: MIT
"""An idle application with eight Python threads that all sleep: how often does the GUI thread wake up?"""

import threading

import load


def voluntary_switches():
    """Of the calling thread: each is one time it went to sleep and was woken."""
    with open(f"/proc/self/task/{threading.get_native_id()}/status") as status:
        for line in status:
            if line.startswith("voluntary_ctxt_switches:"):
                return int(line.split()[1])
    raise RuntimeError("this kernel does not count context switches")


def phases(options):
    # They sleep at the gates.
    load.Threads(8)
    yield load.WARM_UP_MS
    before = voluntary_switches()
    window = load.Window()
    yield options["ms"]
    after = voluntary_switches()
    result = window.close()
    result["wakeups_per_s"] = (after - before) / result["seconds"]
    return {"asleep": result}


load.run(phases)

# SPDX-License-Identifier: MIT
"""A loop that never rests: handlers of 1 ms, one after the other, which enter Python. Phases: CPU-bound threads.

Beside them an event from outside every 7 to 16 ms, to see how long those take to arrive.
"""

import host
import load

HANDLER_US = 1000


def begin(number):
    host.flood_start(HANDLER_US, load.handler)
    host.latency_start(7, 16, load.handler, seed=number + 1)


def end(result):
    result["events_per_s"] = host.flood_stop() / result["seconds"]
    load.add_latency(result)


load.run(lambda options: load.phases_by_threads(options, begin, end, warm_up=True))

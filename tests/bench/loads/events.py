# SPDX-License-Identifier: MIT
"""An event from outside every 7 to 16 ms, as from a moving mouse; its handler enters Python. Phases: CPU-bound threads."""

import host
import load


def begin(number):
    host.latency_start(7, 16, load.handler, seed=number + 1)


load.run(lambda options: load.phases_by_threads(options, begin, load.add_latency))

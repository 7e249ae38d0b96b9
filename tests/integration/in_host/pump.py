# SPDX-License-Identifier: MIT
"""A pump that finds nothing is idle: `while thread.is_alive(): process_events()` in a handler of the GUI thread, in some forms."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "support"))

import host
import inhost
import pumping


class NowAndThen:
    """Every 200th turn has an event to handle, as one that moves a progress bar."""

    def __init__(self):
        self.turns = 0

    def __call__(self):
        self.turns += 1
        if self.turns % 200 == 0:
            host.post(lambda: pumping.compute(0.0002))
        host.process_events(0)


def plain():
    host.process_events(0)


def script():
    yield 100
    pumping.check({"plain": plain, "5 ms": lambda: host.process_events(5), "now and then": NowAndThen()}, plain)
    timer = host.every(10, lambda: None)
    pumping.check({"with a timer": plain}, plain)
    host.stop(timer)


inhost.run(script)

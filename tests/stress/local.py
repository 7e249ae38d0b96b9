# SPDX-License-Identifier: MIT
"""Threads run where CPython's symbols are nobody's but its own. Extension modules cannot be loaded there, gilyield's among them: the launcher
asks the shim itself."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "integration", "in_host"))

import host
import inhost


def script():
    spinners = inhost.Spinners(3)
    host.latency_start(5, 12, lambda: None)
    yield from spinners.progress()
    yield from spinners.progress()
    host.latency_stop()
    spinners.stop()


inhost.run(script)

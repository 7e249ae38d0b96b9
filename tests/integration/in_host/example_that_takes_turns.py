# SPDX-License-Identifier: MIT
"""As the examples of python/examples, with work that needs the GIL: it has to be found out."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, os.pardir, "python", "examples"))

import parallel


def work(progress, n=20):
    for i in range(n):
        sum(range(1_000_000))
        progress(i + 1, n)


parallel.demonstrate("sum()", work)

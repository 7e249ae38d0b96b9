# SPDX-License-Identifier: MIT
"""NumPy on a background thread: it gives up the GIL in its loops, so the GUI thread runs at the same time."""

import parallel

try:
    import numpy
except ImportError:
    parallel.skip("there is no numpy for this Python: pip install numpy")


def work(progress, n=10):
    noise = numpy.random.default_rng(1).random(1_000_000)
    for i in range(n):
        numpy.sort(noise)  # a copy
        numpy.exp(noise).sum()
        progress(i + 1, n)


parallel.demonstrate("NumPy " + numpy.__version__, work)

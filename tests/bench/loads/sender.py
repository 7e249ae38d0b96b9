# SPDX-License-Identifier: MIT
"""Events from another process, for pyqt_app.py: writes the time to standard output, waits for an answer, and again.

A PyQt application has no thread that is free of the GIL, and the X server, where real events come from, is another process too.
"""

import os
import random
import struct
import sys
import time

low_ms, high_ms, seed = float(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
random.seed(seed)
while True:
    time.sleep(random.uniform(low_ms, high_ms) / 1000)
    os.write(1, struct.pack("q", time.monotonic_ns()))
    if not os.read(0, 1):
        break

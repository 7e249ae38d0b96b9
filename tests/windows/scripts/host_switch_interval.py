# SPDX-License-Identifier: MIT
"""The switch interval that threads see while the GIL is away, and the program's own after it."""

import os
import sys

sys.path.insert(0, os.environ["TEST_SCRIPTS"])
from host_support import *

enable()
seen = set()
state = {}


class Look(Load):
    def _run(self, index):
        while not self.stopped:
            seen.add(round(sys.getswitchinterval() * 1e6))
            time.sleep(0.001)


load = Look()
later(200, seen.clear)  # what was seen before the event loop waited
quit_after(SECONDS)


def finished():
    import gilyield

    load.stopped = True
    say("priority", gilyield.status().priority)
    say("seen_us", sorted(seen - {5000}))
    say("after_us", round(sys.getswitchinterval() * 1e6))

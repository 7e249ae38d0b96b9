# SPDX-License-Identifier: MIT
"""The demo's third button: what stalls the GUI. The first press turns the reports on; each press stalls the GUI thread once."""

import time

import gilyield


class WatchModule:
    """Prints each report in the console of the window."""

    def __init__(self, button):
        self.watching = False
        button.clicked.connect(self.stall)

    def stall(self):
        if not self.watching:
            self.watching = True
            gilyield.watch(threshold_ms=100, on_stall=print)
        time.sleep(0.3)  # as a slot that does too much

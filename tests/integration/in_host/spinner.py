# SPDX-License-Identifier: MIT
"""The thread that tests have compete with the GUI thread."""

import threading


class Spinner(threading.Thread):
    """A CPU-bound thread that counts."""

    def __init__(self):
        super().__init__(daemon=True)
        self.count = 0
        self.stopping = False

    def run(self):
        while not self.stopping:
            self.count += 1

    def stop(self):
        self.stopping = True
        self.join()

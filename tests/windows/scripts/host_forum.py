# SPDX-License-Identifier: MIT
"""The forum's example: a thread counts to its end while nobody touches the mouse."""

import os
import sys
import threading

sys.path.insert(0, os.environ["TEST_SCRIPTS"])
from host_support import *

enable()


def execute():
    count = 3000000
    while count > 0:
        if count % 1000000 == 0:
            say("count", count)
        count = count - 1
    say("thread", "Finished")
    application.quit()


threading.Thread(target=execute).start()
quit_after(20 if ENABLED else SECONDS)


def finished():
    say("loop", "ended")

# SPDX-License-Identifier: MIT
"""What can be seen of the threads: accounts, a timeline; and what cannot."""

import json
import os
import sys
import tempfile

sys.path.insert(0, os.environ["TEST_SCRIPTS"])
from host_support import *

import gilyield

enable()

try:
    gilyield.watch()
except gilyield.Error as error:
    say("watch", error)
load = Load()
path = os.path.join(tempfile.gettempdir(), f"gilyield-{os.getpid()}.json")
later(200, gilyield.trace_start)
later(SECONDS * 1e3 - 200, lambda: gilyield.trace_stop(path))
quit_after(SECONDS)


def finished():
    threads = gilyield.threads()
    load.stopped = True
    say("worker", any(thread.held_ns > 0 and thread.computes and not thread.on_gui for thread in threads))
    say("gui", sum(thread.on_gui for thread in threads) == 1)
    with open(path, encoding="utf-8") as file:
        events = json.load(file)["traceEvents"]
    os.unlink(path)
    names = {event["name"] for event in events}
    say("events", {"has the GIL", "waits for events"} <= names or sorted(names))

# SPDX-License-Identifier: MIT
"""For the test host: prints how often a Python thread that sleeps 20 ms came round in a second of the event loop."""

import threading
import time

import host

count = 0


def work() -> None:
    global count
    while True:
        time.sleep(0.02)
        count += 1


def begin() -> None:
    before = count

    def end() -> None:
        print("progress", count - before, flush=True)
        host.quit()

    host.single_shot(1000, end)


threading.Thread(target=work, daemon=True).start()
host.on_exec(begin)

# SPDX-License-Identifier: MIT
"""The GUI thread stands first before the event loop runs: while the application runs its start script, which starts threads that compute, and
in a slot that starts more. How long that takes is printed."""

import time

import gilyield
import stress

THREADS = 16


def start(threads, where):
    begin = time.monotonic()
    for thread in threads:
        thread.start()
    print(f"{len(threads)} threads were started in {where} in {1e3 * (time.monotonic() - begin):.1f} ms", flush=True)


class Short(stress.Counted):
    def run(self):
        self.work()
        self.count += 1


def script():
    yield 20
    for _ in range(5):
        threads = [Short(lambda: [None for _ in range(100)]) for _ in range(THREADS)]
        start(threads, "a slot")
        yield 20
        for thread in threads:
            thread.join()
        stress.alive(threads, "born in a slot")
    yield from stress.all_move(computing, "born before the event loop")
    for thread in computing:
        thread.stopping = True


assert gilyield.status().priority_active == "gui", gilyield.status()
computing = [stress.Counted(int) for _ in range(THREADS)]
start(computing, "the start script")
assert gilyield.status().priority_active == "gui", gilyield.status()
stress.run(script)

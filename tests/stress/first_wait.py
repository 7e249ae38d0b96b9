# SPDX-License-Identifier: MIT
"""The GUI thread's first contended waits are as short as later ones, however long it was idle before: nothing is owed for time in which it
had let go of the GIL and nobody was there to see it."""

import time

import gilyield
import stress

SLICE_MS = 1000  # what it would wait if it owed


def script():
    gilyield.enable(priority="gui", interval_ms=50, slice_ms=SLICE_MS)
    for _ in range(8):
        yield 50  # without contention
    assert gilyield.status().priority_active == "gui", gilyield.status()
    threads = [stress.Counted(int) for _ in range(4)]
    waits = []
    for thread in threads:
        start = time.monotonic()
        thread.start()  # waits for a sign of the new thread
        waits.append(1000 * (time.monotonic() - start))
    for _ in range(5):
        start = time.monotonic()
        time.sleep(0.05)  # lets go of the GIL, and wants it back
        waits.append(1000 * (time.monotonic() - start) - 50)
    print("first waits in ms:", [round(wait, 2) for wait in waits], flush=True)
    assert max(waits) < SLICE_MS / 2, waits
    for thread in threads:
        thread.stopping = True
        thread.join()


stress.run(script)

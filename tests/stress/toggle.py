# SPDX-License-Identifier: MIT
"""The hooks come and go by the hundred while threads wait for the GIL; no thread is left behind in any of them."""

import random
import threading
import time

import gilyield
import host
import stress


def change(numbers):
    """One change of what is installed, at once, as this is the GUI thread."""
    choice = numbers.randrange(4)
    if choice == 0:
        gilyield.disable()
        if numbers.random() < 0.5:
            time.sleep(numbers.random() * 0.003)  # without the GIL: threads wait in CPython's own way meanwhile
        gilyield.enable(priority="gui")
    elif choice == 1:
        gilyield.configure(priority="none")
        gilyield.configure(priority="gui")
    elif choice == 2:
        gilyield.configure(interval_ms=numbers.randint(1, 30), slice_ms=numbers.randint(1, 10), priority="gui")
    else:
        gilyield.configure(priority="switch-interval")
        time.sleep(0)
        gilyield.configure(priority="gui")


def script():
    numbers = random.Random(1)
    yield from stress.gui_first()
    condition = threading.Condition()

    def timed():
        with condition:
            condition.wait(0.002)

    threads = [stress.Counted(work) for work in (int, int, int, lambda: time.sleep(0), timed)]
    for thread in threads:
        thread.start()
    changes = 0
    end = time.monotonic() + stress.SECONDS
    while time.monotonic() < end:
        host.latency_start(0, 3, lambda: change(numbers) if numbers.random() < 0.3 else None)
        for _ in range(40):
            change(numbers)
            changes += 1
            yield numbers.choice([0, 1, 2, 6])
        host.latency_stop()
        stress.alive(threads, "install and remove")
    yield from stress.gui_first()
    for thread in threads:
        thread.stopping = True
        thread.join()
    print(f"{changes} changes", flush=True)
    assert changes >= 40
    spinners = stress.Spinners(2)
    yield from spinners.progress()
    spinners.stop()


stress.run(script)

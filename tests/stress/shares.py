# SPDX-License-Identifier: MIT
"""Under any load of the GUI thread the others get slice / (interval + slice) = 0.2 of the processor time that the GIL stands for: long Python
slots, a flood of short ones, and a GUI thread that lets go of the GIL often and takes it back at once."""

import os
import time

import gilyield
import host
import stress

LEAST = 0.17  # of 0.2
WINDOW_MS = 1500


def script():
    yield from stress.gui_first()
    long_slot = stress.loops_for(0.05)
    short_slot = stress.loops_for(0.001)

    def most(n):
        """The GUI thread is not starved for their sake. On a busy machine the kernel gives each of n + 1 threads its part of the processors,
        whoever has the GIL: the GUI thread gets half of such a part at least."""
        return max(0.8, 1 - 0.5 / (n + 1))

    def work(loops):
        def slot():
            for _ in range(loops):
                pass

        return slot

    def flood(slot):
        host.flood_start(0, slot)
        yield WINDOW_MS
        host.flood_stop()

    def in_c():
        host.busy(1)

    def letting_go():
        end = time.monotonic() + WINDOW_MS / 1000
        while time.monotonic() < end:
            os.stat("/")
            os.stat("/")
        yield 0

    for n in (1, 4):
        spinners = stress.Spinners(n)
        loads = [("slots of 50 ms", lambda: flood(work(long_slot))), ("slots of 1 ms", lambda: flood(work(short_slot))),
                 ("slots of 1 ms in C", lambda: flood(in_c)), ("a slot that lets go often", letting_go)]
        for name, load in loads:
            got = []
            shares = stress.Shares(spinners)
            for _ in range(3):  # luck evens out with time, starvation does not
                yield from load()
                got.append(shares.of_others())
                if LEAST < got[-1]:
                    break
            print(f"{n} threads, {name}: the others' share", ", ".join(f"{share:.3f}" for share in got), flush=True)
            assert got[-1] > LEAST, f"{n} threads starve beside {name}: {got}"
            assert name == "a slot that lets go often" or got[-1] < most(n), f"the GUI thread starves with {name}: {got}"
        spinners.stop()
    assert gilyield.status().priority_active == "gui"


stress.run(script)

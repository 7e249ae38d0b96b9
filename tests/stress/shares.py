# SPDX-License-Identifier: MIT
"""Under any load of the GUI thread the others get slice / (interval + slice) = 0.2 of the processor time that the GIL stands for: long Python
slots, a flood of short ones, and a GUI thread that lets go of the GIL often and takes it back at once."""

import os
import time

import gilyield
import host
import stress

LEAST = 0.17  # of 0.2
# By four threads, where the host holds the GIL: the GUI thread is not starved for their sake. In CPython's own order they get 0.75 to 0.87. In a
# host that releases the GIL the kernel of a busy machine gives them as much while the GUI thread waits for a processor, not for the GIL.
MOST = 0.65
WINDOW_MS = 1500


def script():
    yield from stress.gui_first()
    long_slot = stress.loops_for(0.05)
    short_slot = stress.loops_for(0.001)

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
            got, bounded = [], n == 4 and gilyield.status().host == "holds" and name != "a slot that lets go often"
            shares = stress.Shares(spinners)
            for _ in range(3):  # luck evens out with time, starvation does not
                yield from load()
                got.append(shares.of_others())
                if LEAST < got[-1] and (got[-1] < MOST or not bounded):
                    break
            print(f"{n} threads, {name}: the others' share", ", ".join(f"{share:.3f}" for share in got), flush=True)
            assert got[-1] > LEAST, f"{n} threads starve beside {name}: {got}"
            assert got[-1] < MOST or not bounded, f"the GUI thread starves with {name}: {got}"
        spinners.stop()
    assert gilyield.status().priority_active == "gui"


stress.run(script)

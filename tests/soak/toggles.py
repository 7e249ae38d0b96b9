# SPDX-License-Identifier: MIT
"""PAIRS of disable() and enable() on the GUI thread, beside threads that compute, sleep and wait: toggles.py [PAIRS], a million by default.
Nobody is left behind, and memory stays what it is."""

import faulthandler
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "stress"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import gilyield
import kinds
import stress

PAIRS = int(sys.argv[1]) if len(sys.argv) > 1 else 1000000
AT_ONCE = 20  # between two turns of the event loop
LOOK = 100  # turns between two looks at the threads
WATCHDOG_S = 120
GROWTH_KB = 8000


def rss_kb():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1000


def script():
    yield from stress.gui_first()
    threads = [stress.Counted(work) for work in (kinds.compute, kinds.sleep, kinds.timed_wait, kinds.reading)]
    for thread in threads:
        thread.start()
    pairs = turns = 0
    begin, memory = time.monotonic(), 0
    while pairs < PAIRS:
        for _ in range(min(AT_ONCE, PAIRS - pairs)):
            gilyield.disable()
            gilyield.enable(priority="gui")
            pairs += 1
        turns += 1
        yield 0
        if turns % LOOK == 0:
            faulthandler.dump_traceback_later(WATCHDOG_S, exit=True)
            yield from stress.all_move(threads, f"after {pairs} pairs")
            memory = memory or rss_kb()
    grown = rss_kb() - memory if memory else 0
    print(f"{pairs} pairs in {time.monotonic() - begin:.0f} s; memory grew by {grown} kB", flush=True)
    yield from stress.all_move(threads, "at the end")
    for thread in threads:
        thread.stopping = True
        thread.join()
    assert grown < GROWTH_KB, grown
    yield from stress.gui_first()


stress.run(script)

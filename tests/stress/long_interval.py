# SPDX-License-Identifier: MIT
"""The program has set a very long switch interval. The hooks come and go while threads stand in line: none is left behind until that is over."""

import os
import sys
import time

import gilyield
import stress

INTERVALS = (30, 1e9)  # seconds; the second is what one sets who wants none
LIMIT_S = 5


def work():
    for _ in range(500):
        pass
    time.sleep(0)


def expect_all_to_move(threads, what):
    for thread in threads:
        thread.moved()
    end = time.monotonic() + LIMIT_S
    waiting = set(threads)
    while waiting:
        assert time.monotonic() < end, f"{what}: {len(waiting)} of {len(threads)} threads stand still"
        time.sleep(0.01)  # without the GIL
        waiting = {thread for thread in waiting if not thread.moved()}


def script():
    threads = [stress.Counted(work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for interval in INTERVALS:
        for _ in range(10):
            yield from stress.gui_first()
            sys.setswitchinterval(interval)
            yield 60
            expect_all_to_move(threads, f"switch interval {interval} s")
            gilyield.disable()
            expect_all_to_move(threads, f"switch interval {interval} s, after disable()")
            sys.setswitchinterval(0.005)
    print("PASSED", flush=True)
    os._exit(0)  # the threads may be in their last long wait


stress.run(script)

# SPDX-License-Identifier: MIT
"""All kinds of threads begin, work for a moment, and end, ROUNDS times: ends.py [ROUNDS], a hundred by default. Each of them ends."""

import faulthandler
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "stress"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import kinds
import stress

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 100
WORK_MS = 300


def script():
    yield from stress.gui_first()
    longest = 0.0
    for number in range(ROUNDS):
        faulthandler.dump_traceback_later(kinds.WATCHDOG_S, exit=True)
        threads = kinds.all_kinds(0.05)
        for each in threads.values():
            for thread in each:
                thread.start()
        yield kinds.numbers.randint(WORK_MS // 2, 2 * WORK_MS)
        begin = time.monotonic()
        left = yield from kinds.end(threads)
        longest = max(longest, time.monotonic() - begin)
        if left:
            faulthandler.dump_traceback()
        assert not left, f"round {number}: these do not end: {left}"
        assert not kinds.failures, kinds.failures
    print(f"{ROUNDS} rounds, the longest end took {longest:.1f} s", flush=True)
    yield from stress.gui_first()


stress.run(script)

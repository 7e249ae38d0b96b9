# SPDX-License-Identifier: MIT
"""What every application is asked for: the forum's example, and how late its events are beside four threads that compute.

begin(schedule): schedule(ms, f) calls f() on the GUI thread after that time, by the application's own means. The result, a line of
JSON, goes into the file PLATFORM_RESULT; then the process ends.
"""

import json
import os
import sys
import threading
import time
import traceback

COUNT = int(os.environ.get("PLATFORM_COUNT", "10000000"))
GIVE_UP_S = 40
EVENTS, PERIOD_MS, THREADS = 150, 10, 4

prints = 0
done = threading.Event()
late = []


def execute():
    """As the user of the forum wrote it, but for what it prints to."""
    global prints
    count = COUNT
    while count > 0:  # Simulate time-consuming operations
        if count % 100000 == 0:
            prints += 1
        count = count - 1
    done.set()


def compute():
    while True:
        pass


def finish(**more):
    result = {"python": "%d.%d.%d" % sys.version_info[:3], "prints": prints, "of": COUNT // 100000}
    result.update(more)
    try:
        import gilyield

        status = gilyield.status()
        result.update(qt=status.qt_version, host=status.host, priority=status.priority_active, reason=status.priority_reason)
    except BaseException:
        result["error"] = traceback.format_exc()
    with open(os.environ["PLATFORM_RESULT"], "w") as stream:
        stream.write(json.dumps(result))
    os._exit(0)


def begin(schedule):
    def look():
        if done.is_set():
            for _ in range(THREADS):
                threading.Thread(target=compute, daemon=True).start()
            next_event()
        elif time.monotonic() > give_up:
            finish()
        else:
            schedule(50, look)

    def next_event():
        due = time.monotonic() + PERIOD_MS / 1000

        def event():
            late.append(1000 * (time.monotonic() - due))
            if len(late) < EVENTS:
                next_event()
            else:
                late.sort()
                finish(late_p50_ms=late[EVENTS // 2], late_p99_ms=late[EVENTS * 99 // 100])

        schedule(PERIOD_MS, event)

    def press():
        threading.Thread(target=execute).start()
        schedule(50, look)

    give_up = time.monotonic() + GIVE_UP_S
    schedule(500, press)

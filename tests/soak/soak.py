# SPDX-License-Identifier: MIT
"""All kinds of threads at once, for SECONDS: soak.py SECONDS [LOG]. In each window each thread gets on, the GUI handles its events, and
from then on memory stays what it is. Compared are windows with each other and with the same process before."""

import faulthandler
import os
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "stress"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import gilyield
import host
import kinds
import stress
import subinterpreter

SECONDS = float(sys.argv[1])
SANITIZED = bool(os.environ.get("SOAK_SANITIZED"))
WINDOW_S = 30 if SANITIZED else 5 if SECONDS < 300 else 15
# A life of a sub-interpreter with a GIL of its own leaves 2 MB behind in CPython 3.12 and 3.13: in an hour no more than one gigabyte.
REST_S = 0.05 if SECONDS < 300 else WINDOW_S / 2
# A window takes longer where the process gets less than this of a processor: on a busy machine, or with a low priority. It wants one and more.
# It also waits until each thread has moved: the life of a sub-interpreter takes a slow machine more than one window.
LEAST_OF_PROCESSOR = 0.5
LONGEST = 20  # times WINDOW_S
EVENTS_MS = (3, 12)  # between two events of the GUI: with a queue of N threads and 5 ms each it would handle a tenth of them
EVENTS_LEAST = 0.3  # of those in a window without threads
LATE_MOST = 0.2  # of CPython's switch interval, by half of the events; in its own queue each would wait for several whole ones
LATE_WINDOWS = 0.2  # that may have fewer: somebody else may need the machine
PROGRESS_LEAST = 0.02  # of a kind in any window, of its median of all windows
LITTLE_LEAST = 0.25  # of what a thread that needs little does alone, in the median of the windows
EVEN = 0.4  # of what the computing thread gets that gets most, the one that gets least
GROWTH_MB = 24.0  # beyond what sub-interpreters leak without gilyield, times LEAK_FACTOR
LEAK_FACTOR = 2.0
LIVES = 25

log = open(sys.argv[2], "a") if len(sys.argv) > 2 else sys.stdout


def say(*words):
    print(time.strftime("%H:%M:%S"), *words, file=log, flush=True)


def rss_mb():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def leak_of_interpreters():
    """Return how many megabytes each kind of sub-interpreter leaves behind by itself, {kind: MB}, before there are other threads."""
    leaks = {}
    if not subinterpreter.available:
        return leaks
    for kind, own_gil in [("sub-interpreter", False)] + ([("own-GIL life", True)] if sys.version_info >= (3, 12) else []):
        work = kinds.interpreter_life(own_gil)
        for _ in range(5):
            work()
        before = rss_mb()
        for _ in range(LIVES):
            work()
        leaks[kind] = max(0.0, rss_mb() - before) / LIVES
    return leaks


def rate_of(work):
    """Generator: return how often in a second a thread does work() that is alone."""
    thread = stress.Counted(work)
    thread.start()
    begin = time.monotonic()
    yield 1000
    thread.stopping = True
    thread.join()
    return thread.count / (time.monotonic() - begin)


def window(all_moved):
    """Generator: for so long that a whole window's work can be done. Returns seconds, and of these on a processor."""
    begin, before = time.monotonic(), time.process_time()
    while True:
        faulthandler.dump_traceback_later(kinds.WATCHDOG_S, exit=True)
        yield 1000
        seconds, had = time.monotonic() - begin, time.process_time() - before
        whole = seconds >= WINDOW_S and had >= LEAST_OF_PROCESSOR * WINDOW_S and all_moved()
        if whole or kinds.failures or seconds > LONGEST * WINDOW_S:
            return seconds, had


class Events:
    """Events of the GUI from outside, handled in Python."""

    def __enter__(self):
        self.handled = 0
        host.latency_start(*EVENTS_MS, self.handle)
        return self

    def handle(self):
        kinds.compute()
        self.handled += 1

    def __exit__(self, *exception):
        self.late_ms = sorted(host.latency_stop()["end_ms"])

    def late(self, part):
        return self.late_ms[int(part * (len(self.late_ms) - 1))] if self.late_ms else float("nan")


def script():
    faulthandler.dump_traceback_later(kinds.WATCHDOG_S, exit=True)
    leaks = leak_of_interpreters()
    yield from stress.gui_first()
    begin = time.monotonic()
    with Events() as events:
        yield 2000
    events_alone = events.handled / (time.monotonic() - begin)
    alone, parts = {}, {kind: [] for kind in kinds.LITTLE}
    for kind, work in kinds.LITTLE.items():
        alone[kind] = yield from rate_of(work)

    threads = kinds.all_kinds(REST_S)
    for each in threads.values():
        for thread in each:
            thread.start()
    progress = {kind: [] for kind in threads}
    computing = [thread.ident for thread in threads["compute"]]
    shares, memory, late, judged = [], [], 0, 0
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        before = {kind: [thread.count for thread in each] for kind, each in threads.items()}
        used = stress.cpu(computing)
        with Events() as events:
            seconds, had = yield from window(lambda: all(thread.count > then for kind in threads for thread, then in zip(threads[kind], before[kind])))
        used = [now - then for now, then in zip(stress.cpu(computing), used)]
        shares.append(min(used) / max(used))
        still, done_of = [], {}
        for kind, each in threads.items():
            done = [thread.count - then for thread, then in zip(each, before[kind])]
            done_of[kind] = sum(done)
            progress[kind].append(done_of[kind] / max(had, 1e-9))
            if min(done) == 0:
                still.append(kind)
        ratio = events.handled / seconds / events_alone
        slow = not SANITIZED and events.late(0.5) > LATE_MOST * sys.getswitchinterval() * 1000
        undisturbed = had >= LEAST_OF_PROCESSOR * seconds
        judged += undisturbed
        if undisturbed and not SANITIZED:
            for kind, each in parts.items():
                each.append(done_of[kind] / len(threads[kind]) / seconds / alone[kind])
        late += undisturbed and (slow or ratio < EVENTS_LEAST)
        memory.append((rss_mb(), {kind: sum(thread.count for thread in threads[kind]) for kind in leaks}))
        lateness = f"p50 {events.late(0.5):.2f} ms, p99 {events.late(0.99):.1f} ms"
        rates = ", ".join(f"{kind} {each[-1]:.1f}/s" for kind, each in progress.items())
        say(
            f"{seconds:.0f} s, {had / seconds:.2f} processors, events {ratio:.2f} of alone, {lateness}, "
            f"shares {shares[-1]:.2f}, {memory[-1][0]:.0f} MB; {rates}"
        )
        assert not kinds.failures, kinds.failures
        assert not still, f"in a window of {seconds:.0f} s these stood still: {still}"

    left = yield from kinds.end(threads)
    if left:
        faulthandler.dump_traceback()
    windows = len(shares)
    for kind, each in progress.items():
        worst, median = min(each), statistics.median(each)
        print(f"{kind:16} median {median:10.1f}/s of the process, worst window {worst / median:.2f} of it", flush=True)
    parts = {kind: statistics.median(each) for kind, each in parts.items() if each}
    for kind, part in parts.items():
        print(f"{kind:16} does {part:.2f} of what it does alone", flush=True)
    (first, lives_first), (last, lives_last) = memory[windows // 4], memory[-1]
    allowed = GROWTH_MB + LEAK_FACTOR * sum(leaks[kind] * (lives_last[kind] - lives_first[kind]) for kind in leaks)
    leaking = {kind: f"{leak * 1000:.0f} kB" for kind, leak in leaks.items()}
    print(
        f"{windows} windows of {WINDOW_S} s or more; {late} with late events, of {judged} in which the machine was not busy with others; "
        f"memory {first:.0f} to {last:.0f} MB, {allowed:.0f} MB more are allowed; "
        f"shares at worst {min(shares):.2f}, median {statistics.median(shares):.2f}; a life without gilyield leaves {leaking}",
        flush=True,
    )
    assert not left, f"these do not end: {left}"
    assert not kinds.failures, kinds.failures
    assert all(min(each) > PROGRESS_LEAST * statistics.median(each) for each in progress.values()), progress
    assert all(part > LITTLE_LEAST for part in parts.values()), parts
    assert late <= max(1, LATE_WINDOWS * judged), f"events were late in {late} of {judged} windows"
    assert statistics.median(shares) > EVEN, shares
    # A sanitizer keeps what was freed.
    assert SANITIZED or last - first < allowed, (first, last, allowed)
    assert gilyield.status().priority_active == "gui", gilyield.status()


stress.run(script)

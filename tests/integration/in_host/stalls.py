# SPDX-License-Identifier: MIT
"""Stalls of every kind are named: what the GUI thread did, in which file and line, and who had the GIL."""

import ctypes
import os
import queue
import re
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "support"))

import gilyield
import host
import inhost
import made_stalls

THRESHOLD_MS = 100
STALL_S = made_stalls.STALL_S
HERE = re.escape(os.path.basename(__file__))
libc = ctypes.CDLL(None)
keeping = ctypes.PyDLL(None)  # calls of it keep the GIL
chunk = re.compile("(a+)+$")


def runs_c():
    host.busy(int(STALL_S * 1000))


def cpp_slot():
    host.post_busy(int(STALL_S * 1000))


def runs_foreign_c():
    libc.usleep(int(STALL_S * 1e6))


def waits_for_pipe():
    reader, writer = os.pipe()
    threading.Timer(STALL_S, os.write, (writer, b"x")).start()
    os.read(reader, 1)


def waits_in_library():
    items = queue.Queue()
    threading.Timer(STALL_S, items.put, (1,)).start()
    items.get()


def also_waits_in_library():
    waits_in_library()


def generates():
    end = time.monotonic() + STALL_S
    for _ in iter(lambda: time.monotonic() > end, True):
        pass


def after_a_nested_loop():
    host.nested_loop(3 * THRESHOLD_MS)  # the watcher has seen that this call waits
    end = time.monotonic() + STALL_S
    while time.monotonic() < end:
        pass


def computing_hog():
    chunk.match("a" * 23 + "b")


def beside_a_computing_hog():
    threading.Thread(target=computing_hog, name="backtracks").start()
    time.sleep(0.01)


def here(function, *lines):
    """A pattern for one of the lines of the function, counted from its first one."""
    first = function.__code__.co_firstlineno
    return rf"\S*{HERE}:(?:{'|'.join(str(first + line) for line in lines)}), in {function.__name__}\b"


def cases():
    """Yield slot, pattern of what the report says, its kind first."""
    wanted = made_stalls.patterns()
    for name, slot in made_stalls.STALLS:
        yield slot, wanted[name]
    # Which native function it is can be seen only where the kernel lets a process sample itself.
    yield cpp_slot, r"native .*it ran C or C\+\+( \(.*\))?, called by no Python"
    yield runs_c, rf"(native|python) .*{here(runs_c, 1)}"
    yield runs_foreign_c, rf"native .*it slept in C or C\+\+ .*, called at {here(runs_foreign_c, 1)}"
    yield waits_for_pipe, rf"native .*it waited in C or C\+\+ .*, called at {here(waits_for_pipe, 3)}"
    # Where it is in Python's own library the program's line is told, too, and tells two places apart.
    yield waits_in_library, rf"lock .*it waited for a lock, called at \S*threading\.py:\d+, in wait, for {here(waits_in_library, 3)} \|"
    yield also_waits_in_library, rf"lock .*, for {here(waits_in_library, 3)} \|.* {here(also_waits_in_library, 1)}"
    yield generates, rf"python .*{here(generates, 1, 2, 3)}"
    yield after_a_nested_loop, rf"python .*{here(after_a_nested_loop, 3, 4)}"
    yield beside_a_computing_hog, rf'gil .*thread "backtracks" had at .*{here(computing_hog, 1)}'


def script():
    seen = []

    def report_of(name):
        """A busy machine may stall the host at other places, too."""
        mine = "called by no Python" if name == "cpp_slot" else name
        own = [stall for stall in seen if mine in stall.text or stall.thread == "hog" == name[-3:]]
        return max(own, key=lambda stall: stall.ns, default=None)

    def stall(slot):
        del seen[:]
        host.single_shot(0, slot)
        for _ in range(50):
            yield 2 * THRESHOLD_MS
            if report_of(slot.__name__):
                return

    with tempfile.TemporaryDirectory() as directory:
        report = os.path.join(directory, "report.txt")
        gilyield.watch(THRESHOLD_MS, file=report, on_stall=seen.append)
        yield 3 * THRESHOLD_MS
        for slot, pattern in cases():
            yield from stall(slot)
            found = report_of(slot.__name__)
            assert found, f"{slot.__name__} was not reported: {seen}"
            print(f"{slot.__name__}: {found}", flush=True)
            text = f"{found.kind} {found.text}".replace("\n", " | ") + " |"
            assert re.match(pattern, text), f"{slot.__name__}: {text} is not like {pattern}"
            assert found.ms >= THRESHOLD_MS and found.count == 1, found._asdict()
        yield from stall(made_stalls.sleeping_slot)
        assert report_of("sleeping_slot").count == 2 and "(here 2 times, " in report_of("sleeping_slot").text, seen
        with open(report, encoding="utf-8") as file:
            lines = [line for line in file if line.startswith("gilyield: the GUI thread was late")]
        assert len(lines) >= 14, lines

    assert gilyield.status().watch_ms == THRESHOLD_MS
    gilyield.unwatch()
    places, status = gilyield.stalls(), gilyield.status()
    assert status.watch_ms == 0 and status.stalls == places and "GUI late" in repr(status) and "hog" in repr(status), status
    assert len(places) == 10 and places == sorted(places, key=lambda place: -place.total_ns), places
    assert "hog" in repr(places)
    del seen[:]
    host.single_shot(0, made_stalls.sleeping_slot)
    yield int(STALL_S * 1000) + 3 * THRESHOLD_MS
    assert not seen, f"reported after unwatch(): {seen}"
    gilyield.reset_stats()
    assert not gilyield.stalls()

    def asks_and_sleeps():
        gilyield.watch(THRESHOLD_MS, file=os.devnull, on_stall=seen.append)
        time.sleep(STALL_S)

    yield from stall(asks_and_sleeps)
    assert report_of("asks_and_sleeps"), f"what the slot that turned it on did was not reported: {seen}"
    gilyield.unwatch()


inhost.run(script)

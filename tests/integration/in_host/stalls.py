# SPDX-License-Identifier: MIT
"""Stalls of every kind are named: what the GUI thread did, in which file and line, and who had the GIL."""

import ctypes
import os
import sys
import tempfile
import threading
import time

import gilyield
import host
import inhost

THRESHOLD_MS = 100
STALL_S = 0.3
HERE = os.path.abspath(__file__)
libc = ctypes.CDLL(None)
keeping = ctypes.PyDLL(None)  # calls of it keep the GIL
lock = threading.Lock()


def line_of(function, text):
    """Return the number of the line of the function that has the text."""
    with open(HERE, encoding="utf-8") as source:
        for number, line in enumerate(source, 1):
            if number >= function.__code__.co_firstlineno and text in line:
                return number
    raise LookupError(text)


def computes():
    end = time.monotonic() + STALL_S
    while time.monotonic() < end:
        pass


def sleeps():
    time.sleep(STALL_S)


def runs_c():
    host.busy(int(STALL_S * 1000))


def runs_foreign_c():
    libc.usleep(int(STALL_S * 1e6))


def hog():
    keeping.usleep(int(STALL_S * 1e6))


def waits_for_gil():
    threading.Thread(target=hog, name="hog").start()
    time.sleep(0.01)


def hold_lock():
    with lock:
        time.sleep(STALL_S + 0.1)


def waits_for_lock():
    threading.Thread(target=hold_lock, name="holder").start()
    time.sleep(0.02)
    lock.acquire()
    lock.release()


def imports():
    import gilyield_test_outer  # noqa: F401


def make_modules(directory):
    """A module that imports a module that is slow."""
    inner = os.path.join(directory, "gilyield_test_inner.py")
    with open(inner, "w", encoding="utf-8") as file:
        file.write(f"import time\n\ntime.sleep({STALL_S})\n")
    with open(os.path.join(directory, "gilyield_test_outer.py"), "w", encoding="utf-8") as file:
        file.write("import gilyield_test_inner\n")
    sys.path.insert(0, directory)
    return inner


def cases(inner):
    """Yield slot, kinds that are right, file, lines that are right, what the report has to say besides."""
    yield computes, ("python",), HERE, {line_of(computes, "while time"), line_of(computes, "pass")}, "ran Python"
    yield sleeps, ("native",), HERE, {line_of(sleeps, "time.sleep")}, "slept"
    # Which native function it is can be seen only where the kernel lets a process sample itself.
    yield runs_c, ("native", "python"), HERE, {line_of(runs_c, "host.busy")}, "in runs_c"
    yield runs_foreign_c, ("native",), HERE, {line_of(runs_foreign_c, "libc.usleep")}, "slept"
    yield waits_for_gil, ("gil",), HERE, {line_of(hog, "keeping.usleep")}, 'thread "hog"'
    yield waits_for_lock, ("lock",), HERE, {line_of(waits_for_lock, "lock.acquire")}, "a lock"
    yield imports, ("native",), inner, {3}, "in <module>"


def check(stall, slot, kinds, file, lines, words):
    problem = f"{slot.__name__}: {stall._asdict()}"
    assert stall.kind in kinds, problem
    assert os.path.realpath(stall.file) == os.path.realpath(file) and stall.line in lines, problem
    assert words in stall.text, problem
    assert THRESHOLD_MS < stall.ms < 20 * STALL_S * 1000 and stall.count >= 1, problem
    if slot is waits_for_gil:
        assert stall.thread == "hog" and "does not release it" in stall.text, problem
    if slot is imports:
        assert "gilyield_test_outer.py:1" in stall.text and "in imports" in stall.text, problem


def script():
    with tempfile.TemporaryDirectory() as directory:
        inner = make_modules(directory)
        seen = []
        report = os.path.join(directory, "report.txt")
        gilyield.watch(THRESHOLD_MS, file=report, on_stall=seen.append)
        yield 3 * THRESHOLD_MS
        for case in cases(inner):
            del seen[:]
            host.single_shot(0, case[0])
            # A busy machine may stall the host at other places, too.
            for _ in range(50):
                yield 2 * THRESHOLD_MS
                if any(case[0].__name__ in stall.text or stall.thread == "hog" for stall in seen):
                    break
            assert seen, f"{case[0].__name__} was not reported"
            check(max(seen, key=lambda stall: stall.ns), *case)
        del seen[:]
        assert gilyield.status().watch_ms == THRESHOLD_MS
        gilyield.unwatch()
        places = gilyield.stalls()
        status = gilyield.status()
        assert status.watch_ms == 0 and status.stalls == places and "GUI late" in repr(status) and "hog" in repr(status), status
        assert len(places) >= 7 and places[0].total_ns >= places[-1].total_ns, places
        assert "hog" in repr(places)
        host.single_shot(0, sleeps)
        yield int(STALL_S * 1000) + 3 * THRESHOLD_MS
        assert not seen, f"reported after unwatch(): {seen}"
        with open(report, encoding="utf-8") as file:
            lines = [line for line in file if line.startswith("gilyield: the GUI thread was late")]
        assert len(lines) >= 7, lines
        gilyield.reset_stats()
        assert not gilyield.stalls()


inhost.run(script)

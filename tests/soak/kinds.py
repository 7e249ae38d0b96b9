# SPDX-License-Identifier: MIT
"""The kinds of threads of the soak. Each has work(), done again and again, and counts."""

import contextlib
import faulthandler
import hashlib
import json
import os
import queue
import random
import signal
import socket
import sys
import tempfile
import threading
import time

import gilyield
import gilyield.gui
import stress
import subinterpreter

CHILD_LIMIT_S = 100
HANG_S = 100  # after which a hand-over has failed
WATCHDOG_S = 180  # for each turn of the event loop, however long what the script waits for may take
SEEN_LATE_MS = 5  # so that there is always something to report
IN_INTERPRETER = "x = 0\nfor _ in range(20000): x += 1\nimport time\nfor _ in range(5): time.sleep(0)\n"

numbers = random.Random(3)
shared_lock = threading.Lock()
nobody_wakes = threading.Condition()
seen_directory = tempfile.TemporaryDirectory()
failures = []


def fail_loudly(arguments):
    """A thread that ends by an exception has failed."""
    failures.append(f"{arguments.exc_type.__name__}: {arguments.exc_value}")
    threading.__excepthook__(arguments)


threading.excepthook = fail_loudly


def compute():
    for _ in range(500):
        pass


def sleep():
    time.sleep(0.001)


def hashing(data=bytes(1 << 20)):
    hashlib.sha256(data).digest()


def reading():
    """A file's line: a few calls that let go of the GIL for a moment."""
    with open("/proc/self/statm") as file:
        file.read()


def birth():
    thread = threading.Thread(target=compute)
    thread.start()
    thread.join()


def timed_wait():
    with nobody_wakes:
        nobody_wakes.wait(0.002)


def locked():
    with shared_lock:
        if numbers.random() < 0.1:
            time.sleep(0.0005)
        else:
            compute()


def queue_pair():
    """Return the work of two threads that hand an object to each other."""
    there, back = queue.Queue(), queue.Queue()

    def ask():
        there.put(1)
        back.get(timeout=HANG_S)

    def answer():
        try:
            there.get(timeout=0.5)
        except queue.Empty:
            return
        back.put(1)

    return ask, answer


def socket_pair():
    one, other = socket.socketpair()
    other.settimeout(0.5)
    one.settimeout(HANG_S)

    def ask():
        one.send(b"x")
        one.recv(1)

    def answer():
        try:
            other.send(other.recv(1))
        except socket.timeout:
            return

    return ask, answer


def event_pair():
    """Two threads wake each other up through Events: one wake-up that is lost stops both."""
    first, second = threading.Event(), threading.Event()

    def one():
        second.clear()
        first.set()
        assert second.wait(HANG_S), "an Event's wake-up was lost"

    def two():
        if first.wait(0.5):
            first.clear()
            second.set()

    return one, two


class Existence:
    """Of sub-interpreters. CPython 3.11 to 3.13 by itself can hang in a child that is forked while there is one: fork() waits until there is none."""

    def __init__(self):
        self.changed, self.number, self.forking = threading.Condition(), 0, False

    @contextlib.contextmanager
    def one_more(self):
        with self.changed:
            self.changed.wait_for(lambda: not self.forking)
            self.number += 1
        try:
            yield
        finally:
            with self.changed:
                self.number -= 1
                self.changed.notify_all()

    @contextlib.contextmanager
    def none(self):
        with self.changed:
            self.forking = True
            self.changed.wait_for(lambda: self.number == 0)
        try:
            yield
        finally:
            with self.changed:
                self.forking = False
                self.changed.notify_all()


existence = Existence()


def child():
    signal.alarm(CHILD_LIMIT_S)  # a hang ends by SIGALRM, which is not 0
    done = []

    def work():
        for _ in range(10):
            compute()
            time.sleep(0)
        done.append(1)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return 0 if len(done) == 3 else 1


def fork():
    """A child process, in which three threads run."""
    time.sleep(0.1)  # it is a load, not the only one
    with existence.none():
        pid = os.fork()
        if pid == 0:
            code = 2
            try:
                code = child()
            finally:
                os._exit(code)
    _, status = os.waitpid(pid, 0)
    assert status == 0, f"a forked child ended with status {status}"


def interpreter_life(own_gil, rest_s=0.05):
    """Return the work: one sub-interpreter, from its birth to its death, and rest_s seconds of rest."""

    # Both compute for longer than a turn; nobody asks for the shared GIL while gilyield is off.
    code = IN_INTERPRETER + f"for _ in range({2000000 if own_gil else 500000}): x += 1\n"

    def work():
        with existence.one_more():
            interpreter = subinterpreter.create(own_gil)
            error = subinterpreter.run(interpreter, code)
            subinterpreter.destroy(interpreter)
        assert not error, error
        time.sleep(rest_s)

    return work


def gui_call():
    """The GUI thread does something for this one, which waits for it."""
    assert gilyield.gui.call(sum, (1, 2)) == 3
    time.sleep(0.005)


def change():
    """What another thread may do to gilyield at any time. In the end it is on, and the GUI is first."""
    choice = numbers.randrange(4)
    if choice == 0:
        gilyield.disable()
        time.sleep(numbers.random() * 0.003)
    elif choice == 1:
        gilyield.configure(priority=numbers.choice(["none", "switch-interval"]))
    elif choice == 2:
        gilyield.configure(interval_ms=numbers.randint(1, 30), slice_ms=numbers.randint(1, 10))
    else:
        with gilyield.paused():
            compute()
    gilyield.enable(priority="gui", interval_ms=20, slice_ms=5)
    time.sleep(0.1)


def see():
    """Everything that looks at the others, at once: stall reports, accounts, a timeline that is written and read."""
    directory = seen_directory.name
    gilyield.watch(SEEN_LATE_MS, file=os.path.join(directory, "reports"), on_stall=lambda stall: repr(stall))
    gilyield.trace_start()
    time.sleep(0.2)
    repr(gilyield.threads()), repr(gilyield.status())
    path = os.path.join(directory, "gil.json")
    gilyield.trace_stop(path)
    with open(path, encoding="utf-8") as file:
        assert json.load(file)["traceEvents"]
    gilyield.unwatch()


# Need little: beside threads that compute they do about what they do alone; in CPython's own order a twentieth of that.
LITTLE = {"sleep": sleep, "timed wait": timed_wait}
ANSWERS = ("queue", "socket", "event")  # in which the second of two threads answers the first


def end(threads):
    """Generator: tell all threads of {kind: threads} to end. Who answers goes on until nobody asks, so that nobody waits for one that is gone.
    Return what does not end, by kind and number."""
    answering = [threads[kind][1] for kind in ANSWERS]
    for group in [thread for each in threads.values() for thread in each if thread not in answering], answering:
        for thread in group:
            thread.stopping = True
        waited = time.monotonic() + HANG_S + 20
        while any(thread.is_alive() for thread in group) and time.monotonic() < waited:
            faulthandler.dump_traceback_later(WATCHDOG_S, exit=True)
            yield 20
    return [f"{kind} {number}" for kind, each in threads.items() for number, thread in enumerate(each) if thread.is_alive()]


def all_kinds(rest_s):
    """Return {kind: threads, not started}. rest_s: of those that have sub-interpreters, which CPython does not free wholly."""
    works = {
        "compute": [compute] * 4,
        "sleep": [sleep] * 2,
        "hashing": [hashing],
        "reading": [reading],
        "birth": [birth],
        "timed wait": [timed_wait] * 2,
        "lock": [locked] * 3,
        "queue": queue_pair(),
        "socket": socket_pair(),
        "event": event_pair(),
        "GUI call": [gui_call],
        "fork": [fork],
        "change": [change],
    }
    if subinterpreter.available:
        works["sub-interpreter"] = [interpreter_life(False, rest_s)]
        if sys.version_info >= (3, 12):
            works["own-GIL life"] = [interpreter_life(True, rest_s)]
    if "tsan" in os.environ.get("SOAK_SANITIZED", ""):
        del works["fork"]  # ThreadSanitizer cannot follow a fork of a process with threads
    if os.environ.get("SOAK_SEES"):
        works["see"] = [see]
    return {kind: [stress.Counted(work) for work in each] for kind, each in works.items()}

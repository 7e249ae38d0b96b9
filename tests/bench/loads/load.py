# SPDX-License-Identifier: MIT
"""What the loads share: the order of phases, the threads, and the windows in which they are measured.

A load is a generator. Each number it yields is a time in milliseconds during which the GUI thread runs its event loop; what it
returns is printed as one line of JSON. It runs inside the test host, or inside pyqt_app.py, which has the same module `host`.
"""

import hashlib
import json
import os
import sys
import threading
import time
import traceback

import host

WARM_UP_MS = 120
IDLE_MS = 200
BLOCK = 16 << 20


def _spin(step):
    """CPU-bound Python code."""
    chunk = range(500)
    while True:
        for _ in chunk:
            pass
        step()


def _sleep(step):
    """Wakes up a thousand times a second and needs the GIL for a moment each time."""
    while True:
        time.sleep(0.001)
        step()


def _hash(step):
    """Releases the GIL for some milliseconds at a time, as NumPy, SimpleITK and zlib do in their large operations.

    Only between two operations it needs the GIL, and waits while an application that holds it paints.
    """
    data = bytes(BLOCK)
    while True:
        hashlib.sha256(data).digest()
        step()


WORK = {"spin": _spin, "sleep": _sleep, "hash": _hash}


class Threads:
    """Threads that all exist from the start and are let go a few at a time.

    Thread.start() waits for the new thread's first step, and where the GUI thread queues behind sixteen others that takes longer than
    the measurement.
    """

    def __init__(self, number, work="spin"):
        self.counts = [0] * number
        self.gates = [threading.Lock() for _ in range(number)]
        self.running = 0
        self.members = []
        for i, gate in enumerate(self.gates):
            gate.acquire()
            self.members.append(threading.Thread(target=self._run, args=(i, WORK[work]), daemon=True))
            self.members[-1].start()

    def _run(self, i, work):
        counts = self.counts

        def step():
            counts[i] += 1

        self.gates[i].acquire()
        work(step)

    def let_run(self, number):
        """From now on `number` of them run."""
        for gate in self.gates[self.running : number]:
            gate.release()
        self.running = number

    def used_s(self):
        """Processor time of all of them so far, in seconds."""
        return sum(time.clock_gettime(time.pthread_getcpuclockid(member.ident)) for member in self.members)


class Window:
    """From its creation to close(): what the threads did, and what the GUI thread used."""

    def __init__(self, threads=None):
        self.threads = threads
        self.cpu = time.thread_time()
        self.counts = list(threads.counts) if threads else []
        self.start = time.perf_counter()

    def close(self):
        seconds = time.perf_counter() - self.start
        done = [now - before for now, before in zip(self.threads.counts, self.counts)] if self.threads else []
        return {
            "seconds": seconds,
            "gui_cpu": (time.thread_time() - self.cpu) / seconds,
            "work_per_s": sum(done) / seconds,
            "per_thread": done[: self.threads.running] if self.threads else [],
        }


def window_ms(options, number):
    """Where the GUI thread waits for seconds, a short window would see nothing."""
    return options["slow_ms"] if number >= 8 else options["ms"]


def phases_by_threads(options, begin, end, warm_up=False):
    """Generator, a load of its own: for each number of threads a window of what begin(number) starts on the GUI thread.

    end(result) stops that and adds what it has measured to the window's result. `warm_up`: it runs for a moment before it counts.
    On sides marked paired the threads' speed beside an idle GUI is measured right before and after; its mean is `idle_work_per_s`.
    """
    threads = Threads(max(options["threads"]))
    results = {}

    def idle():
        window = Window(threads)
        yield IDLE_MS
        return window.close()["work_per_s"]

    for number in options["threads"]:
        threads.let_run(number)
        yield WARM_UP_MS
        before = (yield from idle()) if options.get("paired") and number else None
        if warm_up:
            begin(number)
            window = Window(threads)
            yield WARM_UP_MS
            end(window.close())
        begin(number)
        window = Window(threads)
        yield window_ms(options, number)
        results[number] = window.close()
        end(results[number])
        if before is not None:
            results[number]["idle_work_per_s"] = (before + (yield from idle())) / 2
    return results


def milliseconds(values):
    """Microseconds are enough, and the file stays readable."""
    return [round(value, 3) for value in values]


def add_latency(result):
    """From the event's origin until its handler has begun, and until it is done: what the user waits for."""
    measured = host.latency_stop()
    result["begun_ms"] = milliseconds(measured["start_ms"])
    result["latency_ms"] = milliseconds(measured["end_ms"])


def handler():
    """What an event does in Python: little."""
    for _ in range(50):
        pass


def _nap():
    """The technique of SlicerSimpleFilters: the GUI thread sleeps in Python, over and over, so that other threads get the GIL."""
    time.sleep(0.01)
    host.single_shot(0, _nap)


def _status():
    """What gilyield says it does, so that nobody measures something else than he thinks."""
    import gilyield

    status = gilyield.status()
    names = ("state", "mode", "priority_active", "wait", "host", "dispatcher", "version")
    return {name: getattr(status, name) for name in names}


def run(load):
    """Call once, from the script, before the event loop."""
    options = json.loads(sys.argv[1])
    steps = load(options)

    def finish(phases):
        result = {"phases": phases, "python": sys.version.split()[0]}
        if options.get("gilyield"):
            result["gilyield"] = _status()
        print(json.dumps(result), flush=True)
        # The threads never end, and joining them is not measured here.
        os._exit(0)

    def advance():
        try:
            host.single_shot(next(steps), advance)
        except StopIteration as end:
            finish(end.value)
        except BaseException:
            traceback.print_exc()
            os._exit(1)

    if options.get("simplefilters"):
        host.single_shot(0, _nap)
    host.on_exec(advance)

# SPDX-License-Identifier: MIT
"""Threads that need little, and one that wants everything, beside threads that compute, and beside a GUI thread that does.

For each kind of such a thread and each number of computing threads a window, phase "KIND NUMBER": what it did, how late it was, how much
processor time it took, and how much of their speed without it the computing threads kept. The GUI is idle; in the phases "KIND slot" and
"KIND short slot" nobody else computes, and the GUI thread has a Python slot of 15 or of 6 ms every 20 ms.
"""

import os
import queue
import socket
import subprocess
import sys
import threading
import time

import host
from load import Threads, Window, milliseconds, run

WORK_S = 50e-6
SLOTS_S = {"slot": 0.015, "short slot": 0.006}
SLOT_PERIOD_MS = 20
WARM_UP_MS, REST_MS = 100, 60
BEGIN_MS = 3000  # at most, until a server has answered for the first time


class Worker:
    """A thread, or some, that do something again and again until stop()."""

    @classmethod
    def prepare(cls):
        """What takes long and is not measured."""

    def __init__(self):
        self.count = 0
        self.late_ms = []
        self.stopping = False
        self.threads = [threading.Thread(target=target, daemon=True) for target in self.targets()]
        for thread in self.threads:
            thread.start()

    def targets(self):
        return [self.work]

    def begun(self):
        """Whether it does by now what is to be measured."""
        return True

    def stop(self):
        """Ask them to end, and do not wait: the GUI thread must turn its loop meanwhile."""
        self.stopping = True

    def between(self, begin, end, seen):
        """How often it did it from one time of perf_counter() to another, and how late each was, in ms. Once, after stop().

        `seen`: its count and the length of its list at these times, as ((count, length), (count, length)).
        """
        (first, skipped), (last, length) = seen
        return last - first, self.late_ms[skipped:length]


class Sleeper(Worker):
    """Sleeps 1 ms and works for 50 us. Late: what a turn takes beyond these."""

    def work(self):
        clock = time.perf_counter
        while not self.stopping:
            begin = clock()
            time.sleep(0.001)
            got = clock()
            end = time.thread_time() + WORK_S
            while time.thread_time() < end:
                pass
            self.count += 1
            self.late_ms.append((got - begin) * 1e3 - 1)


class QueuePair(Worker):
    """Two threads hand an object to each other through two queues."""

    def __init__(self):
        self.there, self.back = queue.Queue(), queue.Queue()
        super().__init__()

    def targets(self):
        return [self.ask, self.answer]

    def ask(self):
        while not self.stopping:
            self.there.put(1)
            self.back.get()
            self.count += 1
        self.there.put(None)

    def answer(self):
        while self.there.get() is not None:
            self.back.put(1)


class SocketPair(QueuePair):
    """Two threads hand a byte to each other through a pair of sockets."""

    def __init__(self):
        self.one, self.other = socket.socketpair()
        Worker.__init__(self)

    def ask(self):
        one = self.one
        while not self.stopping:
            one.send(b"x")
            one.recv(1)
            self.count += 1
        one.close()

    def answer(self):
        other = self.other
        while True:
            byte = other.recv(1)
            if not byte:
                return
            try:
                other.send(byte)
            except BrokenPipeError:
                return


class Births(Worker):
    """Starts a thread that does nothing, and joins it."""

    def work(self):
        while not self.stopping:
            thread = threading.Thread(target=int)
            thread.start()
            thread.join()
            self.count += 1


class Greedy(Worker):
    """Wants everything: reads and writes a file's byte, each of which lets go of the GIL for a moment."""

    def work(self):
        reader, writer = os.pipe()
        while not self.stopping:
            os.write(writer, b"x")
            os.read(reader, 1)
            self.count += 1


class Server(Worker):
    """An http.server that another process asks, one connection after the other. Late: how long an answer takes."""

    def __init__(self):
        import http.server

        worker = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = b"x" * 100
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                worker.count += 1

            def log_message(self, *arguments):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        super().__init__()
        command = [sys.executable if "python" in os.path.basename(sys.executable) else "/usr/bin/python3", "-S", "-E"]
        command += [os.path.join(os.path.dirname(os.path.abspath(__file__)), "http_asker.py"), str(self.server.server_address[1])]
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("LD_PRELOAD", "GILYIELD", "PYTHON"))}
        self.asker = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
        self.answers = []

    def work(self):
        self.server.serve_forever(poll_interval=5)

    def begun(self):
        return self.count > 0

    def stop(self):
        self.asker.terminate()
        # This process and that one have one clock.
        self.answers = [tuple(map(float, line.split())) for line in self.asker.stdout.read().splitlines()]
        self.asker.wait()
        threading.Thread(target=self.server.shutdown, daemon=True).start()

    def between(self, begin, end, seen):
        late = [ms for asked, ms in self.answers if begin <= asked < end]
        return len(late), late


class Vtk(Worker):
    """A VTK filter, again and again: from PyPI its Update() releases the GIL."""

    @classmethod
    def prepare(cls):
        from vtkmodules.vtkFiltersSources import vtkSphereSource

        cls.new_source = vtkSphereSource

    def work(self):
        source = self.new_source()
        while not self.stopping:
            source.Modified()
            source.Update()
            self.count += 1


KINDS = {
    "sleeper": Sleeper,
    "queue": QueuePair,
    "socketpair": SocketPair,
    "births": Births,
    "greedy": Greedy,
    "http": Server,
    "vtk": Vtk,
}


def slot_of(seconds):
    def slot():
        end = time.thread_time() + seconds
        while time.thread_time() < end:
            pass

    return slot


def window_of(kind, threads, ms):
    """Generator. Return what one such worker did beside the threads in `ms`, and what they did."""
    without = 0
    if threads.running:
        window = Window(threads)
        yield ms // 2
        without = window.close()["work_per_s"]
    worker = KINDS[kind]()
    begin = time.perf_counter()
    while not worker.begun() and time.perf_counter() < begin + BEGIN_MS / 1e3:
        yield REST_MS
    yield WARM_UP_MS

    def others_s():
        """Processor time of all but the workers."""
        return threads.used_s() + time.thread_time()

    begin, window, used = time.perf_counter(), Window(threads), time.process_time() - others_s()
    first = worker.count, len(worker.late_ms)
    yield ms
    last = worker.count, len(worker.late_ms)
    used, result, end = time.process_time() - others_s() - used, window.close(), time.perf_counter()
    worker.stop()
    done, late = worker.between(begin, end, (first, last))
    result.update(little_per_s=done / result["seconds"], late_ms=milliseconds(late), little_cpu=used / result["seconds"], without_per_s=without)
    yield REST_MS
    return result


def little(options):
    """`kinds`: for each kind beside how many threads it is measured. `slots`: for each slot the kinds that are measured beside it, too."""
    for kind in options["kinds"]:
        KINDS[kind].prepare()
    threads = Threads(max(options["threads"]))
    results = {}
    for number in options["threads"]:
        threads.let_run(number)
        yield WARM_UP_MS
        for kind, numbers in options["kinds"].items():
            if number in numbers:
                ms = round(options["ms"] * (options.get("several", 1) if number > 1 else 1))
                results[f"{kind} {number}"] = yield from window_of(kind, threads, ms)
        for slot, kinds in options.get("slots", {}).items() if number == 0 else ():
            for kind in kinds:
                host.slot_start(SLOT_PERIOD_MS, slot_of(SLOTS_S[slot]))
                result = yield from window_of(kind, threads, options["ms"])
                result["slot_ms"] = milliseconds(host.slot_stop()["duration_ms"])
                results[f"{kind} {slot}"] = result
                yield WARM_UP_MS
    return results


if __name__ == "__main__":
    run(little)

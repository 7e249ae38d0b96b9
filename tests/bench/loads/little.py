# SPDX-License-Identifier: MIT
"""Threads that need little, and one that wants everything, beside threads that compute.

For each kind of such a thread and each number of computing threads a window: what it did, how late it was, and how much of their speed
without it the computing threads kept. An idle GUI.
"""

import os
import queue
import socket
import subprocess
import sys
import threading
import time

from load import WARM_UP_MS, Threads, Window, milliseconds, run

WORK_S = 50e-6


class Worker:
    """A thread, or some, that do something again and again until stop()."""

    def __init__(self):
        self.count = 0
        self.late_ms = []
        self.stopping = False
        self.threads = [threading.Thread(target=target, daemon=True) for target in self.targets()]
        for thread in self.threads:
            thread.start()

    def targets(self):
        return [self.work]

    def stop(self):
        """Ask them to end, and do not wait: the GUI thread must turn its loop meanwhile."""
        self.stopping = True


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
    """An http.server that another process asks, one connection after the other."""

    def __init__(self):
        import http.server

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = b"x" * 100
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        super().__init__()
        command = [sys.executable if "python" in os.path.basename(sys.executable) else "/usr/bin/python3", "-S", "-E"]
        command += [os.path.join(os.path.dirname(os.path.abspath(__file__)), "http_asker.py"), str(self.server.server_address[1])]
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("LD_PRELOAD", "GILYIELD", "PYTHON"))}
        self.asker = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)

    def work(self):
        self.server.serve_forever(poll_interval=5)

    def stop(self):
        self.asker.terminate()
        self.late_ms = [float(line) for line in self.asker.stdout.read().split()]
        self.asker.wait()
        self.count = len(self.late_ms)
        threading.Thread(target=self.server.shutdown, daemon=True).start()


class Vtk(Worker):
    """A VTK filter, again and again: from PyPI its Update() releases the GIL."""

    def work(self):
        from vtkmodules.vtkFiltersSources import vtkSphereSource

        source = vtkSphereSource()
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


def little(options):
    threads = Threads(max(options["threads"]))
    results = {}
    for number in options["threads"]:
        threads.let_run(number)
        yield WARM_UP_MS
        for kind in options["kinds"]:
            window = Window(threads)
            yield options["ms"] // 2
            without = window.close()["work_per_s"]
            worker = KINDS[kind]()
            yield WARM_UP_MS
            window, before, seen = Window(threads), worker.count, len(worker.late_ms)
            yield options["ms"]
            result = window.close()
            late, done = worker.late_ms[seen:], worker.count - before
            worker.stop()
            if kind == "http":
                late = worker.late_ms
                done = worker.count * result["seconds"] / (result["seconds"] + WARM_UP_MS / 1e3)
            result["little_per_s"] = done / result["seconds"]
            result["late_ms"] = milliseconds(late)
            result["without_per_s"] = without
            results[f"{kind} {number}"] = result
            yield WARM_UP_MS
    return results


if __name__ == "__main__":
    run(little)

# SPDX-License-Identifier: MIT
"""gilyield.gui: whatever the GUI thread waits in, what the reference says holds of it.

In each way to wait the GUI thread waits until a flag is set, for a few seconds at most. The calling thread sets it only when it has
its answer: nothing but that would end the wait.
"""

import asyncio
import concurrent.futures
import fcntl
import http.client
import http.server
import multiprocessing
import os
import queue
import select
import selectors
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

from gilyield import gui
from gui_support import eventually, host, run

END_S = 4
WAYS = []


def way(f):
    WAYS.append(f)
    return f


def once_set(flag, end):
    """Have end() called by a thread when the flag is set."""
    threading.Thread(target=lambda: (flag.wait(END_S), end())).start()


# ---- The module threading, and queue. ----


@way
def event(flag):
    flag.wait(END_S)


@way
def lock(flag):
    made = threading.Lock()
    made.acquire()
    once_set(flag, made.release)
    with made:
        pass


@way
def semaphore(flag):
    made = threading.Semaphore(0)
    once_set(flag, made.release)
    made.acquire()


@way
def condition(flag):
    made = threading.Condition()

    def end():
        with made:
            made.notify_all()

    with made:
        once_set(flag, end)
        made.wait()


@way
def barrier(flag):
    made = threading.Barrier(2)
    once_set(flag, made.wait)
    made.wait()


@way
def a_queue(flag):
    made = queue.Queue()
    once_set(flag, lambda: made.put(1))
    made.get()


@way
def a_full_queue(flag):
    made = queue.Queue(1)
    made.put(1)
    once_set(flag, made.get)
    made.put(2)


@way
def short_joins(flag):
    thread = threading.Thread(target=flag.wait, args=(END_S,))
    thread.start()
    while thread.is_alive():
        thread.join(0.02)


@way
def short_sleeps(flag):
    end = time.monotonic() + END_S
    while not flag.is_set() and time.monotonic() < end:
        time.sleep(0.01)


@way
def computing(flag):
    end = time.monotonic() + END_S
    while not flag.is_set() and time.monotonic() < end:
        sum(range(1000))


# ---- Sockets, pipes, files. ----


@way
def receive(flag):
    ours, theirs = socket.socketpair()
    once_set(flag, lambda: theirs.sendall(b"x"))
    ours.recv(1)


@way
def accept(flag):
    with socket.create_server(("127.0.0.1", 0)) as server:
        once_set(flag, lambda: socket.create_connection(server.getsockname()).close())
        server.accept()[0].close()


@way
def http_get(flag):
    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            flag.wait(END_S)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.handle_request).start()
        connection = http.client.HTTPConnection(*server.server_address)
        connection.request("GET", "/")
        assert connection.getresponse().status == 204
        connection.close()


def pipe_and_end(flag):
    reading, writing = os.pipe()
    once_set(flag, lambda: os.write(writing, b"x"))
    return reading


@way
def pipe(flag):
    os.read(pipe_and_end(flag), 1)


@way
def selecting(flag):
    select.select([pipe_and_end(flag)], [], [])


@way
def polling(flag):
    with selectors.DefaultSelector() as selector:
        selector.register(pipe_and_end(flag), selectors.EVENT_READ)
        selector.select()


@way
def named_pipe(flag):
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "pipe")
        os.mkfifo(path)
        once_set(flag, lambda: open(path, "w").close())
        open(path).close()


@way
def file_lock(flag):
    with tempfile.NamedTemporaryFile() as first, open(first.name) as second:
        fcntl.flock(first, fcntl.LOCK_EX)
        once_set(flag, lambda: fcntl.flock(first, fcntl.LOCK_UN))
        fcntl.flock(second, fcntl.LOCK_EX)


@way
def database_lock(flag):
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "data")
        other = sqlite3.connect(path, check_same_thread=False)
        other.execute("create table t (x)")
        other.execute("begin exclusive")
        once_set(flag, other.rollback)
        ours = sqlite3.connect(path, timeout=END_S)
        ours.execute("insert into t values (1)")
        ours.close()


# ---- Processes. ----


def child_that_reads():
    return subprocess.Popen([sys.executable, "-S", "-c", "input()"], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)


@way
def process(flag):
    child = child_that_reads()
    once_set(flag, child.stdin.close)
    child.wait()


@way
def wait_for_pid(flag):
    child = child_that_reads()
    once_set(flag, child.stdin.close)
    os.waitpid(child.pid, 0)
    child.returncode = 0


@way
def process_with_output(flag):
    reading, writing = os.pipe()
    once_set(flag, lambda: os.close(writing))
    subprocess.run([sys.executable, "-S", "-c", "import os; os.read(0, 1)"], stdin=reading, stdout=subprocess.PIPE)
    os.close(reading)


@way
def multiprocessing_pipe(flag):
    ours, theirs = multiprocessing.Pipe()
    once_set(flag, lambda: theirs.send("x"))
    ours.recv()


@way
def multiprocessing_queue(flag):
    made = multiprocessing.SimpleQueue()
    once_set(flag, lambda: made.put("x"))
    made.get()


# ---- Futures that nobody runs, asyncio. ----


@way
def future_of_nobody(flag):
    made = concurrent.futures.Future()
    once_set(flag, lambda: made.set_result(1))
    made.result()


@way
def wait_for_futures_of_nobody(flag):
    made = concurrent.futures.Future()
    once_set(flag, lambda: made.set_result(1))
    concurrent.futures.wait([made])


@way
def as_completed_of_nobody(flag):
    made = concurrent.futures.Future()
    once_set(flag, lambda: made.set_result(1))
    list(concurrent.futures.as_completed([made]))


@way
def asyncio_loop(flag):
    async def wait():
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, flag.wait, END_S)

    asyncio.run(wait())


# ---- Qt, by its Python binding. ----

if not host:
    from PyQt5.QtCore import QMutex, QProcess, QSemaphore, QThread, QWaitCondition
    from PyQt5.QtNetwork import QLocalSocket

    @way
    def qt_wait_condition(flag):
        made, mutex = QWaitCondition(), QMutex()
        once_set(flag, made.wakeAll)
        mutex.lock()
        made.wait(mutex)
        mutex.unlock()

    @way
    def qt_semaphore(flag):
        made = QSemaphore(0)
        once_set(flag, made.release)
        made.acquire()

    @way
    def qt_mutex(flag):
        made = QMutex()
        made.lock()
        once_set(flag, made.unlock)
        made.lock()
        made.unlock()

    @way
    def qt_thread(flag):
        class Thread(QThread):
            def run(self):
                flag.wait(END_S)

        made = Thread()
        made.start()
        made.wait()

    @way
    def qt_process(flag):
        made = QProcess()
        made.start(sys.executable, ["-S", "-c", "input()"])
        made.waitForStarted()
        pid = made.processId()
        once_set(flag, lambda: os.kill(pid, signal.SIGKILL))
        made.waitForFinished(1000 * END_S)

    @way
    def qt_local_socket(flag):
        with tempfile.TemporaryDirectory() as directory, socket.socket(socket.AF_UNIX) as server:
            server.bind(os.path.join(directory, "socket"))
            server.listen()
            made = QLocalSocket()
            made.connectToServer(server.getsockname())
            made.waitForConnected()
            theirs, _ = server.accept()
            once_set(flag, lambda: theirs.sendall(b"x"))
            made.waitForReadyRead(1000 * END_S)


# ---- What holds in all of them. ----


def outcome_of(ask, way):
    """Call ask() on a thread for which the GUI thread waits in way(). Return what it returned or raised."""
    flag, answers = threading.Event(), []

    def work():
        try:
            answers.append(ask())
        except Exception as exception:
            answers.append(exception)
        flag.set()

    thread = threading.Thread(target=work)
    gui.post(lambda: (thread.start(), way(flag)))
    eventually(lambda: answers)
    gui.set_patience(None)
    gui.call_within(10, int)  # the GUI thread has come back from it
    return answers[0]


def test_patience_ends_each():
    ran = []
    for each in WAYS:
        gui.set_patience(0.15)
        seen = outcome_of(lambda: gui.call(ran.append, 1), each)
        assert isinstance(seen, gui.Blocked), (each.__name__, seen)
        assert "gui_waits.py:" in str(seen) and "withdrawn" in str(seen), (each.__name__, seen)
    assert ran == []


def test_a_limit_ends_each():
    ran = []
    for each in WAYS:
        seen = outcome_of(lambda: gui.call_within(0.1, ran.append, 1), each)
        assert isinstance(seen, gui.Timeout) and "withdrawn" in str(seen), (each.__name__, seen)
    assert ran == []


def test_nobody_is_called_blocked():
    """Another thread ends the wait, after the time in which a certain answer would have come: the call is waited for."""
    for each in WAYS:
        flag = threading.Event()
        gui.post(each, flag)
        threading.Timer(0.2, flag.set).start()
        assert gui.call_within(10, len, "x") == 1, each.__name__


run([value for name, value in list(globals().items()) if name.startswith("test_")])

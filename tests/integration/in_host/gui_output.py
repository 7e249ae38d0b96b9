# SPDX-License-Identifier: MIT
"""gilyield.gui.console() and LogHandler: all that is printed and logged, in order, by the GUI thread, in batches."""

import logging
import os
import sys
import threading
import time

from gilyield import gui
from gui_support import GUI, Unraisable, eventually, nested_loop, pump, run


class Widget:
    """Stands for a console: notes what is written, by whom, in how many pieces."""

    encoding = "utf-8"

    def __init__(self, pause_s=0.0, events=None):
        self.texts, self.threads, self.flushed = [], set(), 0
        self.pause_s, self.events = pause_s, events

    def write(self, text):
        self.threads.add(threading.get_ident())
        self.texts.append(text)
        if self.pause_s:
            time.sleep(self.pause_s)
        if self.events:
            self.events()

    def flush(self):
        self.flushed += 1

    def lines(self):
        return "".join(self.texts).splitlines()


class Redirected:
    """sys.stdout and sys.stderr are widgets, with gui.console() between."""

    def __init__(self, out, error=None):
        self.widgets = out, error or out

    def __enter__(self):
        self.before = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = self.widgets
        self.console = gui.console()
        return self.console

    def __exit__(self, *exception):
        self.console.stop()
        stopped = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = self.before
        assert stopped == self.widgets


def in_threads(count, body):
    threads = [threading.Thread(target=body, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def check_lines(lines, threads, each):
    assert len(lines) == threads * each, len(lines)
    for number in range(threads):
        mine = [line for line in lines if line.startswith(f"{number} ")]
        assert mine == [f"{number} {i}" for i in range(each)]


def test_all_lines_in_order():
    widget = Widget()
    with Redirected(widget):
        in_threads(8, lambda number: [sys.stdout.write(f"{number} {i}\n") for i in range(5000)])
    eventually(lambda: len(widget.lines()) == 40000)
    check_lines(widget.lines(), 8, 5000)
    assert widget.threads == {GUI}
    assert len(widget.texts) < 4000, len(widget.texts)


def test_lines_stay_whole():
    """print() writes the end of a line by itself; others may write in between, and the GUI thread may look."""
    widget = Widget()

    def write(begun, goes_on):
        sys.stdout.write("begun, ")
        begun.set()
        goes_on.wait()
        sys.stdout.write("and ended\n")

    begun, goes_on = threading.Event(), threading.Event()
    thread = threading.Thread(target=write, args=(begun, goes_on))

    def slot():  # while it runs the GUI thread writes nothing by itself
        thread.start()
        begun.wait()
        in_threads(1, lambda number: print("another's"))
        console._texts.write_some()
        goes_on.set()
        thread.join()

    with Redirected(widget) as console:
        gui.call(slot)
    eventually(lambda: len(widget.lines()) == 2)
    assert widget.lines() == ["begun, and ended", "another's"], widget.lines()


def test_a_line_without_an_end_is_written_too():
    widget = Widget()
    with Redirected(widget):
        in_threads(1, lambda number: print("no end", end=""))
        eventually(lambda: widget.lines() == ["no end"])
        in_threads(1, lambda number: print("behind it"))
    eventually(lambda: widget.lines() == ["no endbehind it"])


def test_two_streams_keep_their_order():
    texts = []

    class Named:
        def __init__(self, name):
            self.name = name

        def write(self, text):
            texts.extend((self.name, line) for line in text.splitlines())

    with Redirected(Named("out"), Named("error")):
        for i in range(1000):
            sys.stdout.write(f"{i}\n")
            sys.stderr.write(f"{i}\n")
    eventually(lambda: len(texts) == 2000)
    assert texts == [(name, str(i)) for i in range(1000) for name in ("out", "error")]


def test_a_slow_widget_leaves_the_gui_its_time():
    """Each write takes 10 ms, whatever it writes: the GUI thread is in them for a part of its time only."""
    widget = Widget(pause_s=0.01)
    turns = []
    stop = time.monotonic() + 1.5

    def turn():
        turns.append(len(widget.texts))
        if time.monotonic() < stop:
            gui.post(turn)

    with Redirected(widget):
        gui.post(turn)
        while time.monotonic() < stop:
            print("line")
            time.sleep(0.0002)
        time.sleep(0.2)
    written = len(widget.texts)
    assert 3 < written < 45, written  # 150 would be all of the time; 1500 and more, line by line


def test_the_gui_thread_prints_at_once_and_last():
    widget = Widget()
    with Redirected(widget):

        def slot():
            seen = len(widget.lines())
            print("from the GUI thread")
            return seen, widget.lines()[-1]

        print("before")
        assert gui.call(slot)[1] == "from the GUI thread"
        assert gui.call(sys.stdout.flush) is None
        sys.stdout.flush()  # here it waits for nothing
        assert widget.flushed == 1
    assert widget.lines() == ["before", "from the GUI thread"], widget.lines()


def test_a_widget_that_pumps():
    widget = Widget(events=pump)

    def write(number, i):
        sys.stdout.write(f"{number} {i}\n")
        if i % 50 == 0:
            gui.post(lambda: sys.stdout.write("posted\n"))

    with Redirected(widget):
        in_threads(4, lambda number: [write(number, i) for i in range(500)])
        gui.call(sys.stdout.flush)
    eventually(lambda: len(widget.lines()) == 2040)
    check_lines([line for line in widget.lines() if line != "posted"], 4, 500)


class Slow(Widget):
    """Does something before it shows the first text."""

    def __init__(self, before):
        super().__init__()
        self.before = [before]

    def write(self, text):
        if self.before:
            self.before.pop()()
        super().write(text)


def test_a_widget_that_runs_an_event_loop():
    """What is printed meanwhile comes after what is just being written."""
    gate = threading.Event()

    def loop():
        gate.set()
        nested_loop(300)

    widget = Slow(loop)
    with Redirected(widget):
        print("first")
        gate.wait(10)
        print("second")
        eventually(lambda: len(widget.lines()) == 2)
    assert widget.lines() == ["first", "second"], widget.lines()


def test_a_widget_that_prints():
    widget = Slow(lambda: print("of the widget"))
    with Redirected(widget):
        gui.call(sys.stdout.write, "of the program\n")
    assert widget.lines() == ["of the program", "of the widget"], widget.lines()


def test_pieces_are_as_long_as_the_widget_takes():
    widget = Widget(pause_s=0.02)
    gate = threading.Event()
    with Redirected(widget):
        gui.post(gate.wait, 10)
        for _ in range(700):
            sys.stdout.write("x" * 99 + "\n")
        gate.set()
        eventually(lambda: len(widget.lines()) == 700)
    sizes = [len(text) for text in widget.texts]
    assert sizes[0] > 10000 and 4096 <= sizes[-2] < 5000, sizes


def test_a_write_that_fails_is_not_lost():
    class Broken:
        def write(self, text):
            raise RuntimeError("deleted")

    reading, writing = os.pipe()
    kept = os.dup(2)
    os.dup2(writing, 2)
    try:
        with Redirected(Broken()):
            print("not lost")
            gui.call(sys.stdout.flush)
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(writing)
    text = os.fdopen(reading).read()
    assert "not lost" in text and "RuntimeError" in text, text


def test_the_rest_is_the_original_s():
    widget = Widget()
    with Redirected(widget):
        assert sys.stdout.encoding == "utf-8" and sys.stdout.threads == set()
        assert not hasattr(sys.stdout, "fileno")
        try:
            sys.stdout.write(b"bytes")
        except TypeError:
            pass
        else:
            raise AssertionError("no exception")


def test_in_a_forked_child():
    """It writes by itself what it prints, and not what the parent has not written yet."""
    reading, writing = os.pipe()

    class Pipe:
        def write(self, text):
            os.write(writing, text.encode())

        def flush(self):
            pass

    gate = threading.Event()
    with Redirected(Pipe(), Widget()):  # from 3.12 on CPython warns of fork() there
        gui.post(gate.wait, 10)
        print("parent")
        child = os.fork()
        if child == 0:
            print("child")
            os._exit(0)
        os.waitpid(child, 0)
        assert os.read(reading, 100) == b"child\n"
        gate.set()
        gui.call(sys.stdout.flush)
    assert os.read(reading, 100) == b"parent\n"


# ---- Logging. ----


class ToWidget(logging.Handler):
    def __init__(self):
        super().__init__()
        self.lines, self.threads, self.records = [], set(), []

    def emit(self, record):
        self.threads.add(threading.get_ident())
        self.lines.append(self.format(record))
        self.records.append(record)


class Unprintable:
    def __repr__(self):
        return f"made in {threading.get_ident() == GUI}"


def test_log_records():
    log, widget = logging.Logger("log"), ToWidget()
    log.addHandler(gui.LogHandler(widget))
    in_threads(8, lambda number: [log.warning("%d %d", number, i) for i in range(1000)])
    eventually(lambda: len(widget.lines) == 8000)
    check_lines(widget.lines, 8, 1000)
    assert widget.threads == {GUI}
    log.warning("%r", Unprintable())
    try:
        raise KeyError("x")
    except KeyError:
        log.exception("failed")
    gui.call(log.info, "from the GUI thread")
    eventually(lambda: len(widget.lines) == 8003)
    assert widget.lines[8000] == "made in False" and "KeyError: 'x'" in widget.lines[8001], widget.lines[8000:]
    assert widget.records[8000].args is None and widget.records[8001].exc_info is None


def test_a_widget_that_is_gone_takes_no_records_with_it():
    class Gone(ToWidget):
        def emit(self, record):
            super().emit(record)
            if record.getMessage() == "1":
                raise RuntimeError("deleted")

    log, widget = logging.Logger("log"), Gone()
    log.addHandler(gui.LogHandler(widget))
    with Unraisable() as caught:
        gate = threading.Event()
        gui.post(gate.wait, 10)
        for i in range(4):
            log.warning("%d", i)
        gate.set()
        eventually(lambda: len(widget.lines) == 4)
        gui.call(log.warning, "1")  # who logs on the GUI thread hears nothing of it
    assert widget.lines == ["0", "1", "2", "3", "1"]
    assert [str(exception) for exception in caught] == ["deleted"] * 2, caught


def test_a_log_handler_never_blocks():
    """Neither the thread that logs nor a GUI thread that logs while another one does."""
    log, widget = logging.Logger("log"), ToWidget()
    handler = gui.LogHandler(widget, logging.INFO)
    log.addHandler(handler)
    gate = threading.Event()
    gui.post(gate.wait, 10)
    handler.addFilter(lambda record: "secret" not in record.getMessage())
    log.debug("too low")
    log.warning("secret")
    log.warning("while the GUI thread is busy")
    assert widget.lines == []
    handler.acquire()
    other = threading.Thread(target=log.warning, args=("while another has acquired it",))
    other.start()
    other.join(5)
    assert not other.is_alive()
    handler.release()
    gate.set()
    eventually(lambda: len(widget.lines) == 2)
    handler.close()


run([value for name, value in list(globals().items()) if name.startswith("test_")])

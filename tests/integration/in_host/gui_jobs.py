# SPDX-License-Identifier: MIT
"""gilyield.jobs: callbacks, progress, cancellation, pools."""

import asyncio
import concurrent.futures
import sys
import threading
import time
import weakref

from gilyield import gui, jobs
from gui_support import FEWER, GUI, Unraisable, eventually, nested_loop, run


class Log(list):
    """Callbacks that note what they get, and that they run on the GUI thread."""

    def callback(self, name):
        def note(*args):
            assert threading.get_ident() == GUI
            self.append((name, *args))

        return note

    def all(self):
        return {"on_" + name: self.callback(name) for name in ("result", "error", "progress", "done")}


def square(n):
    assert threading.get_ident() != GUI
    return n * n


def count(n, pause=0.0):
    for i in range(n):
        jobs.progress(i + 1, n, f"step {i + 1}")
        time.sleep(pause)
    return n


def until_cancelled():
    while True:
        jobs.current().raise_if_cancelled()
        time.sleep(0.001)


def test_result():
    log = Log()
    job = jobs.start(square, 7, **log.all())
    assert job.wait(10)
    assert log == [("result", 49), ("done", job)], log
    assert (job.state, job.result(), job.future.result(), job.name) == ("done", 49, 49, "square")


def test_error():
    log = Log()
    job = jobs.start(square, "x", **log.all())
    assert job.wait(10)
    assert [name for name, *_ in log] == ["error", "done"] and isinstance(log[0][1], TypeError), log
    assert job.state == "failed"
    try:
        job.result()
    except TypeError:
        pass
    else:
        raise AssertionError("no exception")


def test_an_error_nobody_asks_for_is_reported_once():
    with Unraisable() as caught:
        assert jobs.start(square, "x").wait(10)
        assert [type(exception) for exception in caught] == [TypeError], caught
    with Unraisable() as caught:
        made = []
        made.append(jobs.start(lambda: (eventually(lambda: made and made[0]._asked), 1 / 0)))
        try:
            made[0].result()
        except ZeroDivisionError:
            pass
        gui.call(int)
        assert caught == []


def test_a_bad_callback_stops_no_other():
    log = Log()
    with Unraisable() as caught:
        assert jobs.start(square, 1, on_result=lambda result: 1 / 0, on_done=log.callback("done")).wait(10)
        assert [type(exception) for exception in caught] == [ZeroDivisionError]
    assert [name for name, *_ in log] == ["done"]


def test_progress():
    log, n = Log(), 20000 // FEWER
    job = jobs.start(count, n, **log.all())
    assert job.wait(20)
    progress = [entry[1:] for entry in log if entry[0] == "progress"]
    assert progress == sorted(progress) and progress[-1] == (n, n, f"step {n}")
    assert log[-2:] == [("result", n), ("done", job)]
    print(f"        {len(progress)} of {n} shown")
    # Without a job, and without anybody who looks.
    assert jobs.current() is None and count(10) == 10
    assert jobs.start(count, 10).result() == 10


def test_cancel():
    log = Log()
    job = jobs.start(count, 10**9, 0.001, **log.all())
    eventually(lambda: any(name == "progress" for name, *_ in log))
    assert job.state == "running"
    # Meanwhile the job reports more, which is then on its way.
    seen = gui.call(lambda: (time.sleep(0.05), job.cancel(), len(log))[2])
    assert job.wait(10)
    assert log[seen:] == [("done", job)], log[seen:]
    assert job.state == "cancelled"
    for ask in job.result, lambda: gui.call(job.result):
        try:
            ask()
        except jobs.Cancelled as exception:
            assert isinstance(exception, concurrent.futures.CancelledError)
        else:
            raise AssertionError("no exception")


def test_cancel_before_it_begins_and_after_it_ended():
    log = Log()
    with jobs.Pool(1) as pool:
        first = pool.start(until_cancelled)
        second = pool.start(square, 1, **log.all())
        assert second.state == "waiting"
        second.cancel()
        assert second.wait(10)
        first.cancel()
    assert log == [("done", second)] and second.state == "cancelled", log
    try:
        second.result()
    except jobs.Cancelled:
        pass
    else:
        raise AssertionError("no exception")
    # Ended, and its callbacks on their way; but they may be run while the GUI thread waits, before it can cancel.
    for _ in range(20):
        log = Log()

        def body():
            job = jobs.start(square, 1, **log.all())
            assert job.future.result() == 1
            in_time = not log
            job.cancel()
            return job, in_time

        job, in_time = gui.call(body)
        assert job.wait(10)
        if in_time:
            break
    assert [name for name, *_ in log] == ["done"], log


def test_cancelled_and_did_not_look():
    begun, go_on = threading.Event(), threading.Event()
    job = jobs.start(lambda: (begun.set(), go_on.wait(10), 5)[2])
    assert begun.wait(10)
    job.cancel()
    go_on.set()
    assert job.wait(10) and job.state == "cancelled"
    try:
        job.result()
    except jobs.Cancelled:
        pass
    else:
        raise AssertionError("no exception")
    job = jobs.start(square, 3)
    assert job.wait(10)
    job.cancel()  # too late to be anything
    assert (job.state, job.result()) == ("done", 9)


class Owner:
    """Its method is a job; it cannot be printed, and notes where it dies."""

    died = []

    def method(self):
        return None

    def __repr__(self):
        raise RuntimeError("not to be printed")

    def __del__(self):
        self.died.append(threading.get_ident())


def test_what_a_job_holds_dies_on_the_gui_thread():
    Owner.died.clear()
    pool = jobs.Pool(1)
    gate = threading.Event()
    pool.start(gate.wait, 10)
    ran, cancelled = pool.start(Owner().method), pool.start(Owner().method)
    cancelled.cancel()
    gate.set()
    assert pool.wait(10)
    gui.call(int)
    eventually(lambda: len(Owner.died) == 2)
    assert Owner.died == [GUI, GUI], Owner.died
    assert ran.name == "Owner.method"
    pool.shutdown(wait=False)


def test_a_job_knows_its_own_future():
    with jobs.Pool(4) as pool:
        made = [pool.start(lambda: jobs.current().future) for _ in range(300)]
        assert all(job.result(10) is job.future for job in made)


def test_width():
    running = []
    most = []
    lock = threading.Lock()

    def work():
        with lock:
            running.append(1)
            most.append(len(running))
        time.sleep(0.02)
        with lock:
            running.pop()

    with jobs.Pool(3, thread_name_prefix="wide") as pool:
        for _ in range(12):
            pool.start(work)
    assert max(most) == 3 and len(most) == 12


def work_with_the_gui(n):
    assert gui.call(threading.get_ident) == GUI
    return n


def check_pool_block(log):
    with jobs.Pool(4) as pool:
        made = pool.start_each(work_with_the_gui, range(20), **log.all())
        assert len(made) == 20
    assert sorted(entry[1] for entry in log if entry[0] == "result") == list(range(20))
    assert len(log) == 40 and pool.jobs == []


def test_pool_block_on_a_background_thread():
    check_pool_block(Log())


def test_pool_block_on_the_gui_thread():
    gui.call_within(20, check_pool_block, Log())


def test_waiting_on_the_gui_thread():
    def body():
        assert jobs.start(work_with_the_gui, 5).result(10) == 5
        log = Log()
        job = jobs.start(work_with_the_gui, 6, **log.all())
        assert job.wait(10) and len(log) == 2
        begin = time.monotonic()
        job = jobs.start(until_cancelled)
        assert not job.wait(0.2) and time.monotonic() - begin < 1
        job.cancel()
        assert job.wait(10)

    gui.call_within(30, body)


def test_an_exception_cancels_the_block():
    try:
        with jobs.Pool(2) as pool:
            made = pool.start_each(lambda _: until_cancelled(), range(5))
            raise KeyError("x")
    except KeyError:
        pass
    assert [job.state for job in made] == ["cancelled"] * 5


def test_the_event_loop_goes_on():
    """A job started on the GUI thread is over and its callbacks were called, in a loop that nobody blocks."""
    log = Log()

    def body():
        job = jobs.start(work_with_the_gui, 1, **log.all())
        assert log == []
        nested_loop(500)
        assert log == [("result", 1), ("done", job)], log

    gui.call(body)


def test_asyncio():
    async def work():
        return await asyncio.wrap_future(jobs.start(square, 3).future)

    assert asyncio.run(work()) == 9


def test_a_generator():
    log = Log()

    def count(n):
        yield
        for i in range(n):
            yield i + 1
            yield i + 1, n
            yield i + 1, n, f"step {i + 1}"
        return n

    job = jobs.start(count, 50, **log.all())
    assert job.wait(10) and job.result() == 50
    shown = [entry[1:] for entry in log if entry[0] == "progress"]
    assert shown[-1] == (50, 50, "step 50") and [name for name, *_ in log[-2:]] == ["result", "done"], log[-3:]


def test_a_cancelled_generator_cleans_up():
    cleaned = []

    def forever():
        try:
            while True:
                yield 1
                time.sleep(0.001)
        finally:
            cleaned.append(threading.get_ident())

    job = jobs.start(forever)
    eventually(lambda: job.state == "running")
    time.sleep(0.02)
    job.cancel()
    assert job.wait(10) and job.state == "cancelled"
    assert len(cleaned) == 1 and cleaned[0] != GUI


def test_after():
    order = []
    gate = threading.Event()
    with jobs.Pool(1) as pool:
        first = pool.start(lambda: (gate.wait(10), order.append("first")))
        failing = pool.start(lambda: (order.append("failing"), 1 / 0), on_error=int, after=first)
        last = pool.start(order.append, "last", after=[first, failing])
        cancelled = pool.start(order.append, "never", after=first)
        cancelled.cancel()
        assert last.state == "waiting"
        with Unraisable():
            gate.set()
            assert last.wait(10)
    assert order == ["first", "failing", "last"] and cancelled.state == "cancelled", order
    assert jobs.start(order.append, "again", after=last).wait(10)


def test_shutdown():
    gate = threading.Event()
    pool = jobs.Pool(1)
    running = pool.start(gate.wait, 10)
    eventually(lambda: running.state == "running")
    waiting = [pool.start(square, 2), pool.start(square, 3, after=running)]
    pool.shutdown(wait=False)
    try:
        pool.start(square, 1)
    except RuntimeError:
        pass
    else:
        raise AssertionError("no exception")
    gate.set()
    assert [job.result(10) for job in waiting] == [4, 9]
    gate.clear()
    pool = jobs.Pool(1)
    running = pool.start(gate.wait, 10)
    eventually(lambda: running.state == "running")
    waiting = pool.start_each(square, range(3))
    pool.shutdown(wait=False, cancel_futures=True)
    assert [job.state for job in waiting] == ["cancelled"] * 3
    gate.set()
    pool.shutdown()
    assert running.state == "done" and pool.jobs == []


def test_an_error_names_the_job():
    text = []
    before, sys.unraisablehook = sys.unraisablehook, lambda info: text.append(repr(info.object))
    try:
        assert jobs.start(square, "x").wait(10)
    finally:
        sys.unraisablehook = before
    assert text == ["'the job square'"], text


def test_callbacks_die_on_the_gui_thread():
    died = []

    class Widget:
        def show(self, *args):
            pass

    def after(gate):
        gate.wait(10)
        return count(3)

    for _ in range(50):
        widget, gate = Widget(), threading.Event()
        weakref.finalize(widget, lambda: died.append(threading.get_ident()))
        job = jobs.start(after, gate, on_result=widget.show, on_progress=widget.show, on_done=widget.show)
        del widget
        gate.set()
        job.wait(10)
    eventually(lambda: len(died) == 50)
    assert set(died) == {GUI}, died.count(GUI)


run([value for name, value in list(globals().items()) if name.startswith("test_")])

# SPDX-License-Identifier: MIT
"""gilyield.gui: the GUI thread waits for the thread that waits for it. What is found at once, what by patience, and what is not."""

import asyncio
import concurrent.futures
import logging
import socket
import threading
import time

import gilyield
from gilyield import gui, jobs
from gui_support import GUI, eventually, nested_loop, pump, run


def outcome(f, *args, **kwargs):
    """Return (result or exception, seconds) of f."""
    begin = time.monotonic()
    try:
        result = f(*args, **kwargs)
    except Exception as exception:
        result = exception
    return result, time.monotonic() - begin


def expect_blocked(seen, within=3.0):
    exception, seconds = seen
    assert isinstance(exception, gui.Blocked) and isinstance(exception, gilyield.Error), repr(exception)
    assert seconds < within, seconds
    return str(exception)


def in_thread(body, name=None):
    """Return (thread, list that gets its outcome). Not started."""
    seen = []
    return threading.Thread(target=lambda: seen.append(outcome(body)), name=name), seen


def test_join():
    ran = []
    thread, seen = in_thread(lambda: gui.call(ran.append, 1), "impatient")

    def slot():
        thread.start()
        thread.join()

    gui.call(slot)
    text = expect_blocked(seen[0])
    assert "impatient" in text and "gui_blocked.py" in text and "(in slot)" in text and "withdrawn" in text, text
    gui.call(lambda: None)
    assert ran == []


def test_join_and_a_future():
    thread, seen = in_thread(lambda: gui.submit(len, "x").result())

    def slot():
        thread.start()
        thread.join()

    gui.call(slot)
    expect_blocked(seen[0])


def test_join_while_the_call_runs():
    """The call itself waits for its caller."""
    main = threading.current_thread()
    thread, seen = in_thread(lambda: gui.call(lambda: main_joined.append(helper.join())))
    helper, main_joined = thread, []
    thread.start()
    thread.join(20)
    text = expect_blocked(seen[0])
    assert "goes on" in text, text
    assert main.is_alive()
    gui.call(lambda: None)


def test_join_with_a_timeout_is_waited_for():
    thread, seen = in_thread(lambda: gui.call(threading.get_ident))

    def slot():
        thread.start()
        thread.join(0.5)

    gui.call(slot)
    eventually(lambda: seen)
    assert seen[0][0] == GUI and seen[0][1] > 0.4, seen


def test_result_of_an_executor():
    with concurrent.futures.ThreadPoolExecutor(2) as executor:
        seen = []

        def slot():
            return executor.submit(lambda: seen.append(outcome(gui.call, len, "x"))).result()

        gui.call(slot)
        expect_blocked(seen[0])


def test_end_of_an_executor():
    seen = []

    def slot():
        with concurrent.futures.ThreadPoolExecutor(3) as executor:
            for _ in range(3):
                executor.submit(lambda: seen.append(outcome(gui.call, len, "x")))

    gui.call(slot)
    assert len(seen) == 3
    for each in seen:
        expect_blocked(each)


def test_by_way_of_another_thread():
    last, seen = in_thread(lambda: gui.call(len, "x"))

    def middle():
        last.start()
        last.join()

    between = threading.Thread(target=middle)

    def slot():
        between.start()
        between.join()

    gui.call(slot)
    expect_blocked(seen[0])


def test_the_result_of_a_job():
    """The GUI thread runs what the job asks for while it waits; a plain thread between the two is found out."""
    seen = []

    def joins_a_job():
        job = jobs.start(lambda: seen.append(outcome(gui.call, len, "x")))
        concurrent.futures.Future.result(job.future)  # as a library's code would: not by way of our method

    thread = threading.Thread(target=joins_a_job)

    def slot():
        thread.start()
        thread.join()

    gui.call(slot)
    expect_blocked(seen[0])


# ---- A lock whose owner is the caller. ----


class Holder:
    def __init__(self):
        self.lock = threading.RLock()
        self.condition = threading.Condition()


a_lock = threading.RLock()


def check_owned_lock(lock, take):
    """The GUI thread runs take() while a thread that has the lock calls it."""
    seen = []

    def work():
        with lock:
            gui.post(take)
            time.sleep(0.1)
            seen.append(outcome(gui.call, len, "x"))

    thread = threading.Thread(target=work, name="owner")
    thread.start()
    thread.join(20)
    text = expect_blocked(seen[0])
    assert "owner" in text, text
    gui.call(int)
    return text


def test_an_rlock_of_the_caller():
    holder = Holder()
    local = threading.RLock()

    def with_attribute():
        with holder.lock:
            pass

    def by_acquire():
        holder.lock.acquire()
        holder.lock.release()

    def with_global():
        with a_lock:
            pass

    def with_closure():
        with local:
            pass

    def with_local():
        mine = local
        with mine:
            pass

    def with_condition():
        with holder.condition:
            pass

    text = check_owned_lock(holder.lock, with_attribute)
    assert "gui_blocked.py" in text and "(in with_attribute)" in text, text
    check_owned_lock(holder.lock, by_acquire)
    check_owned_lock(a_lock, with_global)
    check_owned_lock(local, with_closure)
    check_owned_lock(local, with_local)
    check_owned_lock(holder.condition, with_condition)


def test_a_lock_of_somebody_else_is_waited_for():
    holder = Holder()
    taken, free = threading.Event(), threading.Event()

    def other():
        with holder.lock:
            taken.set()
            free.wait(10)

    def take():
        mine.acquire()  # the caller's, and free
        with holder.lock:
            pass
        mine.release()

    mine = threading.RLock()
    thread = threading.Thread(target=other)
    thread.start()
    taken.wait(10)
    gui.post(take)
    threading.Timer(0.5, free.set).start()
    assert gui.call(len, "x") == 1
    thread.join()


def test_a_filter_beside_a_lock_of_the_caller_is_waited_for():
    """The GUI thread is in a long call that has nothing to do with the lock, which its variables name."""
    holder = Holder()

    def slot():
        lock = holder.lock
        time.sleep(0.6)
        return lock

    with holder.lock:
        gui.post(slot)
        assert gui.call(len, "x") == 1


def test_a_logging_handler_that_calls_the_gui():
    """It holds its lock meanwhile, and the GUI thread logs, too."""
    outcomes = []

    class ToWidget(logging.Handler):
        def emit(self, record):
            if not gui.is_gui_thread():
                gui.post(log.warning, "from the GUI thread")
                time.sleep(0.1)
                outcomes.append(outcome(gui.call, str, record.getMessage()))

    log = logging.Logger("log")
    log.addHandler(ToWidget())
    for _ in range(3):
        log.warning("from a thread")
    gui.call(int)
    for each in outcomes:
        expect_blocked(each)


# ---- concurrent.futures.wait() and as_completed(), asyncio. ----


def check_served(wait):
    """The GUI thread runs wait([futures]) for jobs and for calls that need it."""
    ended = []
    calls = []

    def slot():
        made = [jobs.start(gui.call, threading.get_ident).future for _ in range(4)]
        ended.append(wait([*made, *calls]))

    gate = threading.Event()
    gui.post(gate.wait, 10)
    gui.post(slot)
    calls.extend(gui.submit(threading.get_ident) for _ in range(4))
    gate.set()
    eventually(lambda: ended, 20)
    return ended[0]


def test_wait_on_the_gui_thread():
    done, pending = check_served(concurrent.futures.wait)
    assert {future.result() for future in done} == {GUI} and len(done) == 8 and not pending
    done, pending = check_served(lambda made: concurrent.futures.wait(made, return_when=concurrent.futures.FIRST_COMPLETED))
    assert done
    done, pending = check_served(lambda made: concurrent.futures.wait(made, timeout=20))
    assert len(done) == 8


def test_as_completed_on_the_gui_thread():
    assert check_served(lambda made: [future.result() for future in concurrent.futures.as_completed(made)]) == [GUI] * 8


def test_wait_ends_in_time():
    def slot():
        never = jobs.start(lambda: stop.wait(20)).future
        return concurrent.futures.wait([never], timeout=0.3)

    stop = threading.Event()
    done, pending = gui.call(slot)
    stop.set()
    assert not done and len(pending) == 1


def check_plain_futures(wait):
    """The same for futures of a ThreadPoolExecutor: no call can be run there, so those who wait are told."""
    seen = []

    def slot():
        with concurrent.futures.ThreadPoolExecutor(3) as executor:
            wait([executor.submit(lambda: seen.append(outcome(gui.call, len, "x"))) for _ in range(3)])

    gui.post(slot)
    eventually(lambda: len(seen) == 3)
    for each in seen:
        expect_blocked(each)
    gui.call(int)


def test_wait_for_plain_futures():
    check_plain_futures(concurrent.futures.wait)
    check_plain_futures(lambda made: concurrent.futures.wait(made, return_when=concurrent.futures.FIRST_COMPLETED))
    check_plain_futures(lambda made: list(concurrent.futures.as_completed(made)))


def test_wait_for_all_of_which_one_is_the_caller_s():
    """The other one gets on, and still nothing but the call could end the wait."""
    seen = []

    def slot():
        with concurrent.futures.ThreadPoolExecutor(2) as executor:
            mine = executor.submit(lambda: seen.append(outcome(gui.call, len, "x")))
            other = executor.submit(lambda: eventually(lambda: seen))
            concurrent.futures.wait([mine, other])

    gui.post(slot)
    eventually(lambda: seen)
    expect_blocked(seen[0])
    gui.call(int)


def test_wait_for_the_first_which_may_be_another_is_waited_for():
    seen = []
    of_nobody = concurrent.futures.Future()

    executor = concurrent.futures.ThreadPoolExecutor(1)

    def slot():
        mine = executor.submit(lambda: seen.append(outcome(gui.call, len, "x")))
        concurrent.futures.wait([mine, of_nobody], return_when=concurrent.futures.FIRST_COMPLETED)

    threading.Timer(0.5, of_nobody.set_result, (1,)).start()
    gui.post(slot)
    eventually(lambda: seen)
    assert seen[0][0] == 1, seen
    executor.shutdown()


class Loop:
    """An asyncio loop in a thread of its own."""

    def __enter__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        return self.loop

    def __exit__(self, *exception):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


def test_the_result_of_a_coroutine():
    async def direct():
        return await asyncio.wrap_future(gui.submit(len, "x"))

    async def gathered():
        return await asyncio.gather(direct(), asyncio.create_task(direct()))

    async def in_a_task():
        return await asyncio.create_task(direct())

    with Loop() as loop:
        for work in direct, gathered, in_a_task:
            seen = []

            def slot():
                seen.append(outcome(asyncio.run_coroutine_threadsafe(work(), loop).result))

            gui.post(slot)
            eventually(lambda: seen)
            text = expect_blocked(seen[0])
            assert "gui_blocked.py" in text and "asyncio task" in text, text


def test_another_coroutine_is_waited_for():
    """The GUI thread waits for one that does not need it, while another one does."""
    values = []

    async def call():
        values.append(await asyncio.wrap_future(gui.submit(len, "x")))

    async def sleep():
        await asyncio.sleep(0.8)
        return "slept"

    with Loop() as loop:
        seen = []

        def slot():
            future = asyncio.run_coroutine_threadsafe(sleep(), loop)
            asyncio.run_coroutine_threadsafe(call(), loop)
            seen.append(outcome(future.result))

        gui.post(slot)
        eventually(lambda: seen)
        eventually(lambda: values)
        assert seen[0][0] == "slept" and values == [1], (seen, values)


# ---- All else: by patience only. The ways to wait, one by one, are in gui_waits.py. ----


def test_a_join_of_somebody_else_is_waited_for():
    other = threading.Thread(target=time.sleep, args=(1,))
    thread, seen = in_thread(lambda: gui.call(len, "xx"))
    other.start()
    gui.post(other.join)
    thread.start()
    eventually(lambda: seen)
    assert seen[0][0] == 2, seen


def test_patience_counts_only_while_the_call_has_not_begun():
    gui.set_patience(0.3)
    try:
        assert gui.call(time.sleep, 1) is None
        begin = time.monotonic()
        gui.call(nested_loop, 800)
        assert time.monotonic() - begin > 0.7
        gui.call(pump, 800)
    finally:
        gui.set_patience(None)


def test_a_busy_queue_is_no_reason():
    """It takes longer than the patience until it is this call's turn, but the GUI thread gets to its queue all the time."""
    gui.set_patience(0.3)
    try:
        for _ in range(60):
            gui.post(time.sleep, 0.02)
        assert gui.call(len, "x") == 1
    finally:
        gui.set_patience(None)


def test_an_rpc_to_oneself():
    """The answer comes from a thread that calls the GUI thread; nothing tells that, but patience or a limit end it."""
    for ask in lambda: gui.call(bytes, b"y"), lambda: gui.call_within(0.3, bytes, b"y"), lambda: gui.submit(bytes, b"y").result(0.3):
        ours, theirs = socket.socketpair()
        seen = []

        def serve():
            theirs.recv(1)
            seen.append(outcome(ask))
            theirs.sendall(b"n")

        def slot():
            ours.sendall(b"x")
            return ours.recv(1)

        gui.set_patience(0.3)
        try:
            thread = threading.Thread(target=serve)
            thread.start()
            future = gui.submit(slot)
            thread.join()
            gui.set_patience(None)
            assert future.result(10) == b"n"
        finally:
            gui.set_patience(None)
        assert isinstance(seen[0][0], (gui.Blocked, gui.Timeout, concurrent.futures.TimeoutError)), seen


run([value for name, value in list(globals().items()) if name.startswith("test_")])

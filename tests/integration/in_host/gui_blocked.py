# SPDX-License-Identifier: MIT
"""gilyield.gui: the GUI thread waits for the thread that waits for it; nobody hangs."""

import asyncio
import concurrent.futures
import threading
import time

import gilyield
from gilyield import gui
from gui_support import GUI, eventually, nested_loop, run


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


def test_a_join_of_somebody_else_is_waited_for():
    other = threading.Thread(target=time.sleep, args=(1.5,))
    thread, seen = in_thread(lambda: gui.call(len, "xx"))
    other.start()
    gui.set_patience(0.5)
    try:
        gui.post(other.join)
        thread.start()
        eventually(lambda: seen)
    finally:
        gui.set_patience(5)
    assert seen[0][0] == 2, seen


def check_patience(wait, expected):
    """The GUI thread runs wait(seen) while a thread with little patience calls it."""
    gui.set_patience(0.5)
    try:
        thread, seen = in_thread(lambda: gui.call(len, "x"))

        def slot():
            thread.start()
            wait(seen)

        gui.post(slot)  # a call() would be another that waits for the GUI thread
        eventually(lambda: seen)
    finally:
        gui.set_patience(5)
    assert isinstance(seen[0][0], expected), seen
    return seen[0]


def test_a_lock():
    lock = threading.Lock()

    def wait(seen):
        lock.acquire()
        threading.Thread(target=lambda: (eventually(lambda: seen), lock.release())).start()
        with lock:
            pass

    exception, seconds = check_patience(wait, gui.Blocked)
    assert 0.4 < seconds < 4, seconds
    assert "gui_blocked.py" in str(exception) and "(in wait)" in str(exception), exception


def test_an_event():
    def wait(seen):
        event = threading.Event()
        threading.Thread(target=lambda: (eventually(lambda: seen), event.set())).start()
        event.wait()

    check_patience(wait, gui.Blocked)


def test_loops_of_short_waits():
    """The GUI thread looks again and again whether the thread has finished."""

    def join(seen):
        while not seen:
            thread.join(0.02)

    def sleep(seen):
        while not seen:
            time.sleep(0.02)

    def poll(seen):
        async def until_seen():
            await asyncio.get_running_loop().run_in_executor(None, lambda: eventually(lambda: seen))

        asyncio.run(until_seen())

    thread = threading.Thread(target=time.sleep, args=(60,), daemon=True)
    thread.start()
    for wait in join, sleep, poll:
        check_patience(wait, gui.Blocked)


def test_sleep_computing_and_reading_are_waited_for():
    def compute(seen):
        end = time.monotonic() + 1.2
        while time.monotonic() < end:
            sum(range(1000))

    def read(seen):
        import os

        inner, outer = os.pipe()
        threading.Timer(1.2, os.write, (outer, b"x")).start()
        os.read(inner, 1)

    check_patience(lambda seen: time.sleep(1.2), int)
    check_patience(compute, int)
    check_patience(read, int)


def test_an_event_loop_in_a_call_is_waited_for():
    gui.set_patience(0.3)
    try:
        begin = time.monotonic()
        gui.call(nested_loop, 1000)
        assert time.monotonic() - begin > 0.9
    finally:
        gui.set_patience(5)


def test_no_patience_is_none():
    gui.set_patience(None)
    event = threading.Event()
    thread, seen = in_thread(lambda: gui.call(len, "x"))

    def slot():
        thread.start()
        event.wait(1.5)

    try:
        gui.post(slot)
        eventually(lambda: seen)
    finally:
        gui.set_patience(5)
    assert seen[0][0] == 1


run([value for name, value in list(globals().items()) if name.startswith("test_")])

# SPDX-License-Identifier: MIT
"""gilyield.gui: results, exceptions, order, coalescing, throughput."""

import asyncio
import concurrent.futures
import itertools
import signal
import sys
import threading
import time
import traceback

import gilyield
from gilyield import _gui_newest, _gui_queue, gui
from gui_support import FEWER, GUI, Unraisable, eventually, nested_loop, run


def whoami():
    return threading.get_ident()


def flush():
    gui.call(lambda: None)


def test_runs_on_the_gui_thread():
    assert whoami() != GUI and not gui.is_gui_thread()
    assert gui.call(whoami) == GUI
    assert gui.call(gui.is_gui_thread) is True
    assert gui.submit(whoami).result() == GUI


def test_trace_function_that_refuses():
    """KLayout's debugger raises SystemExit in whatever the GUI thread begins to run; CPython then drops a trace function of Python's."""

    refused = []

    def refuse(frame, event, arg):
        if frame.f_code is _gui_queue._drain.__code__:
            refused.append(event)
            raise SystemExit(1)

    with Unraisable() as caught:
        for i in range(2):
            gui.call(sys.settrace, refuse)
            assert gui.call_within(20, whoami) == GUI
            assert refused == ["call"] * (i + 1)
    if sys.version_info >= (3, 11):
        assert not caught, caught


def test_arguments():
    def f(*args, **kwargs):
        return args, kwargs

    assert gui.call(f, 1, 2, a=3) == ((1, 2), {"a": 3})
    assert gui.submit(f, 1, timeout=3).result() == ((1,), {"timeout": 3})
    # No option of ours takes a keyword of the function's.
    names = {"timeout": 3, "f": 4, "args": 5, "kwargs": 6, "self": 7, "key": 8, "seconds": 9}
    assert gui.call(f, 1, **names) == ((1,), names)
    assert gui.call_within(10, f, 1, **names) == ((1,), names)
    seen = []
    gui.post(lambda *args, **kwargs: seen.append((args, kwargs)), 1, **names)
    gui.post_latest("k", lambda *args, **kwargs: seen.append((args, kwargs)), 1, **names)
    flush()
    assert seen == [((1,), names)] * 2, seen
    assert gui.on_gui_thread(f)(1, **names) == ((1,), names)


def raise_deep(n):
    if n == 0:
        raise KeyError("from the GUI thread")
    raise_deep(n - 1)


def test_exceptions_keep_their_traceback():
    for ask in gui.call, lambda *args: gui.submit(*args).result():
        try:
            ask(raise_deep, 2)
        except KeyError as exception:
            names = [entry.name for entry in traceback.extract_tb(exception.__traceback__)]
            assert names.count("raise_deep") == 3, names
            assert names[0] == "test_exceptions_keep_their_traceback"
            assert "run_for" not in names
        else:
            raise AssertionError("no exception")
    error = gui.submit(raise_deep, 0).exception()
    assert isinstance(error, KeyError)


def test_a_base_exception_reaches_the_caller_only():
    def leave():
        raise SystemExit(3)

    try:
        gui.call(leave)
    except SystemExit as exception:
        assert exception.code == 3
    flush()


def test_an_interrupt_loses_no_call():
    """Ctrl-C: its exception hits the first Python code that the GUI thread runs, which may be ours."""
    before = gui.call(signal.signal, signal.SIGINT, signal.default_int_handler)
    try:
        with Unraisable() as caught:
            for _ in range(200):
                signal.raise_signal(signal.SIGINT)
                try:
                    assert gui.call_within(5, whoami) == GUI
                except KeyboardInterrupt:
                    pass  # it has hit the function itself
            flush()
        assert all(isinstance(exception, KeyboardInterrupt) for exception in caught), caught
    finally:
        gui.call(signal.signal, signal.SIGINT, before)


def test_timeout():
    ran = []
    gate = threading.Event()
    gui.post(gate.wait, 0.5)
    try:
        gui.call_within(0.1, ran.append, 1)
    except gui.Timeout as exception:
        assert isinstance(exception, (gilyield.Error, concurrent.futures.TimeoutError))
        assert "withdrawn" in str(exception)
    else:
        raise AssertionError("no exception")
    flush()
    assert ran == []
    try:
        gui.call_within(0.05, time.sleep, 0.3)
    except gui.Timeout as exception:
        assert "goes on" in str(exception), exception
    else:
        raise AssertionError("no exception")
    # A TimeoutError of the function's own is no Timeout of ours.
    try:
        gui.call_within(10, concurrent.futures.Future().result, 0.01)
    except gui.Timeout:
        raise AssertionError("wrong kind") from None
    except concurrent.futures.TimeoutError:
        pass


def test_a_future_can_be_cancelled():
    ran = []
    gui.post(time.sleep, 0.1)
    future = gui.submit(ran.append, 1)
    assert future.cancel()
    flush()
    assert future.cancelled() and ran == []
    try:
        gui.submit(time.sleep, 0.3).result(timeout=0.02)
    except concurrent.futures.TimeoutError:
        pass
    else:
        raise AssertionError("no exception")


def test_order_of_one_thread():
    seen = []
    for i in range(3000):
        (gui.post, gui.submit)[i % 2](seen.append, i)
        if i % 500 == 0:
            gui.call(seen.append, i + 0.5)
    flush()
    assert seen == sorted(seen) and len(seen) == 3006, len(seen)


def test_order_from_eight_threads():
    seen = []

    def work(number):
        for i in range(2000):
            gui.post(seen.append, (number, i))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    flush()
    assert len(seen) == 16000
    for number in range(8):
        mine = [i for n, i in seen if n == number]
        assert mine == list(range(2000))


def test_a_hundred_thousand_posts():
    count = 100000
    seen = []
    longest = [0.0, time.monotonic()]

    def beat():
        now = time.monotonic()
        longest[0] = max(longest[0], now - longest[1])
        longest[1] = now

    begin = time.monotonic()
    for i in range(count):
        gui.post(seen.append, i)
        if i % 1000 == 0:
            gui.post(beat)
    queued = time.monotonic() - begin
    flush()
    total = time.monotonic() - begin
    print(f"        {count / total:.0f} posts/s; queueing alone {count / queued:.0f}/s")
    assert seen == list(range(count))


def test_a_post_s_exception_is_reported_once():
    with Unraisable() as caught:
        gui.post(raise_deep, 1)
        flush()
        assert [type(exception) for exception in caught] == [KeyError]
    with Unraisable() as caught:
        gui.call(gui.post, raise_deep, 1)
        flush()
        assert [type(exception) for exception in caught] == [KeyError]


def test_latest_keeps_the_newest():
    seen = []
    gate = threading.Event()
    gui.post(gate.wait, 10)
    for i in range(1000):
        gui.post_latest("a", seen.append, i)
        gui.post_latest("b", seen.append, -i)
    gui.post(seen.append, "after")
    gui.post_latest("a", seen.append, 1000)
    assert len(_gui_queue._queue) <= 4, "more than one entry for a key"
    gate.set()
    flush()
    assert seen == [1000, -999, "after"], seen


def test_a_million_latest():
    count = 1000000 // FEWER
    seen = []
    show = seen.append
    posted_between = gui.submit(lambda: None)
    begin = time.monotonic()
    for i in range(count):
        gui.post_latest("progress", show, i)
        if i == count // 2:
            # Others are not kept waiting by the flood.
            posted_between = gui.submit(len, seen)
    total = time.monotonic() - begin
    posted_between.result(5)
    flush()
    print(f"        {count / total:.0f} calls/s, {len(seen)} run")
    assert seen[-1] == count - 1 and seen == sorted(seen)
    assert len(seen) < count


def test_latest_of_eight_threads_loses_no_last_value():
    # Threads take turns in the middle of everything.
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        check_last_values()
    finally:
        sys.setswitchinterval(interval)


def check_last_values():
    for _ in range(20):
        seen = {}

        def work(number):
            for i in range(200):
                gui.post_latest(number % 4, seen.__setitem__, number, i)
                gui.post_latest(("own", number), seen.__setitem__, ("own", number), i)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        flush()
        for number in range(8):
            assert seen["own", number] == 199
        for key in range(4):
            assert seen.get(key) == 199 or seen.get(key + 4) == 199, seen


def test_a_newest_that_comes_as_the_last_is_taken():
    class Racing(dict):
        """The GUI thread takes the entry just after this thread has found it."""

        def get(self, key):
            entry = super().get(key)
            if entry is not None and not gui.is_gui_thread():
                _gui_newest._newest = dict(self)
                gate.set()
                flush()
            return entry

    seen = []
    gate = threading.Event()
    gui.post(gate.wait, 10)
    gui.post_latest("k", seen.append, 1)
    _gui_newest._newest = Racing(_gui_newest._newest)
    gui.post_latest("k", seen.append, 2)
    flush()
    assert seen == [1, 2], seen


def test_the_gui_breathes_in_a_flood():
    end = time.monotonic() + 1
    ticks = []
    if not hasattr(gui_support_host(), "every"):
        return
    timer = gui.call(gui_support_host().every, 10, lambda: ticks.append(time.monotonic()))
    while time.monotonic() < end:
        pending = [gui.submit(time.sleep, 0.001) for _ in range(50)]
        pending[-1].result()
    gui.call(gui_support_host().stop, timer)
    gaps = [b - a for a, b in zip(ticks, ticks[1:])]
    print(f"        {len(ticks)} ticks of 10 ms in 1 s of calls, longest gap {1000 * max(gaps):.0f} ms")
    # 50 calls of 1 ms in one go would make gaps of 50 ms and 20 ticks.
    assert len(ticks) > 40, len(ticks)


def gui_support_host():
    import gui_support

    return gui_support.host


def test_on_the_gui_thread():
    """call() and submit() are at once, post() and post_latest() after the code that posts."""
    seen = []

    def body():
        gui.post(seen.append, 1)
        gui.post_latest("here", seen.append, 2)
        assert gui.call(seen.append, 3) is None
        future = gui.submit(seen.append, 4)
        assert future.done()
        assert gui.call_within(1, seen.append, 5) is None
        assert seen == [3, 4, 5], seen
        return gui.submit(raise_deep, 0)

    assert isinstance(gui.call(body).exception(), KeyError)
    flush()
    assert seen == [3, 4, 5, 1, 2], seen


def test_a_function_that_posts_itself():
    """It is called once in a turn of the event loop, as with a timer of 0 ms."""
    seen = []

    def again():
        seen.append(1)
        if len(seen) < 3000:
            gui.post(again)

    before = _gui_queue.turns()
    gui.post(again)
    eventually(lambda: len(seen) == 3000)
    assert _gui_queue.turns() - before >= 2999, _gui_queue.turns() - before


def test_the_gui_thread_may_wait_for_what_is_queued():
    gate = threading.Event()
    inner = []
    gui.post(gate.wait, 10)
    gui.post(lambda: inner[0].result(10))
    inner.append(gui.submit(whoami))
    gate.set()
    assert inner[0].result(10) == GUI


def test_nested_event_loop():
    seen = []

    def outer():
        seen.append("begin")
        nested_loop(300)
        seen.append("end")

    gate = threading.Event()
    gui.post(gate.wait, 10)
    future = gui.submit(outer)
    early = gui.submit(seen.append, "queued before the loop began")
    time.sleep(0.02)
    gate.set()
    early.result()
    gui.call(seen.append, "called")
    gui.post_latest("k", seen.append, "latest")
    future.result()
    assert seen == ["begin", "queued before the loop began", "called", "latest", "end"], seen


def test_decorator():
    class Widget:
        @gui.on_gui_thread
        def where(self, extra=0):
            """Docstring."""
            return whoami() + extra

    assert Widget().where(extra=1) == GUI + 1
    assert Widget.where.__name__ == "where" and Widget.where.__doc__ == "Docstring."
    assert gui.call(Widget().where) == GUI


def test_throttled():
    seen = []

    @gui.throttled(0.2)
    def show(*args, **kwargs):
        """Docstring."""
        seen.append((threading.get_ident(), args, kwargs))

    assert show.__name__ == "show" and show.__doc__ == "Docstring."
    begin, i, last = time.monotonic(), 0, False
    # By time, not by number: in mode timer each sleep lasts until a tick.
    while not last:
        last = time.monotonic() - begin > 0.7
        assert show(i, last=last) is None
        i += 1
        time.sleep(0.0002)
    eventually(lambda: seen[-1][2]["last"])
    most = (time.monotonic() - begin) / 0.2 + 2
    assert 1 < len(seen) <= most, (len(seen), most)
    assert {ident for ident, *_ in seen} == {GUI} and [args for _, args, _ in seen] == sorted(args for _, args, _ in seen)
    gui.call(show, "here", last=False)
    eventually(lambda: seen[-1][1] == ("here",))


def test_debounced():
    seen = []
    show = gui.debounced(0.15)(seen.append)
    pauses, before = 0, time.monotonic()
    for i in range(50):
        show(i)
        pauses += time.monotonic() - before > 0.1  # on a busy machine: there it may be that for the function, too
        before = time.monotonic()
        time.sleep(0.002)
        gui.call(int)
    eventually(lambda: seen and seen[-1] == 49)
    assert len(seen) <= 1 + pauses, (seen, pauses)
    with Unraisable() as caught:
        gui.debounced(0.01)(raise_deep)(0)
        eventually(lambda: caught)
        assert [type(exception) for exception in caught] == [KeyError]
    for decorate in gui.debounced, gui.throttled:
        for bad in 0, -1, float("nan"):
            try:
                decorate(bad)
            except ValueError:
                pass
            else:
                raise AssertionError(bad)


def test_asyncio():
    async def work():
        assert await asyncio.wrap_future(gui.submit(whoami)) == GUI
        try:
            await asyncio.wrap_future(gui.submit(raise_deep, 1))
        except KeyError:
            pass
        return await asyncio.gather(*(asyncio.wrap_future(gui.submit(pow, i, 2)) for i in range(10)))

    assert asyncio.run(work()) == [i * i for i in range(10)]


def test_a_call_that_comes_as_all_are_dropped_is_told_once():
    """The application ends between the entry into the queue and the event: the GUI thread drops it, and the post finds nobody."""

    def wake():
        _gui_queue._drop_at_quit()
        raise gui.Closed("there is nobody")

    original = _gui_queue._wake
    _gui_queue._wake = wake
    try:
        for ask in gui.call, lambda f, x: gui.submit(f, x).result(1):
            try:
                ask(len, "x")
            except (gui.Closed, concurrent.futures.CancelledError):
                pass
            else:
                raise AssertionError("no exception")
        with Unraisable() as caught:
            gui.post(len, "x")
        assert [type(exception) for exception in caught] == [gui.Closed], caught
    finally:
        _gui_queue._wake = original


def test_works_while_disabled():
    # A holding host lets this thread run only if its GUI thread waits for something in Python meanwhile.
    done = []

    def body():
        gilyield.disable()
        future = concurrent.futures.Future()

        def work():
            gui.post(done.append, whoami())
            gui.post(lambda: done.append(whoami()))
            future.set_result(gui.submit(whoami))

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        nested_loop(50)
        gilyield.enable()
        return future.result()

    assert gui.call(body).result(10) == GUI
    assert done[1] == GUI and done[0] != GUI


def test_disable_loses_nothing():
    # All at once: between a disable() and an enable() a holding host would not let this thread go on.
    seen = []
    gate = threading.Event()
    gui.post(gate.wait, 10)
    for i in range(200):
        gui.post(seen.append, i)
        gui.post(gilyield.disable if i % 2 else gilyield.enable)
        gui.post(seen.append, i)
    gui.post(gilyield.enable)
    gate.set()
    flush()
    assert seen == list(itertools.chain.from_iterable((i, i) for i in range(200)))


def test_bad_arguments():
    for f in gui.call, gui.submit, gui.post:
        try:
            f()
        except TypeError:
            pass
        else:
            raise AssertionError(f)
    try:
        gui.post_latest([], print)
    except TypeError:
        pass
    try:
        gui.call("not callable")
    except TypeError as exception:
        assert "not callable" in str(exception)
    for bad in 0, -1, float("nan"):
        try:
            gui.set_patience(bad)
        except ValueError:
            pass
        else:
            raise AssertionError(bad)


run([value for name, value in list(globals().items()) if name.startswith("test_")])

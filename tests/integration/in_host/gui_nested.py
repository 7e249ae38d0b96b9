# SPDX-License-Identifier: MIT
"""gilyield.gui and jobs: calls and callbacks that run events themselves. What runs inside what, and that nothing is lost."""

import sys
import threading
import time

import gui_support
from gilyield import _gui_queue, gui, jobs
from gui_support import GUI, Unraisable, eventually, nested_loop, pump, run


class Nesting:
    """Notes which calls run, and how deep inside one another."""

    def __init__(self):
        self.order, self.depth, self.deepest = [], 0, 0

    def call(self, i, events=None):
        self.depth += 1
        self.deepest = max(self.deepest, self.depth)
        self.order.append(i)
        try:
            if events:
                events()
        finally:
            self.depth -= 1


def behind_a_busy_gui(body):
    """Run body() on this thread while the GUI thread is busy, so that all it queues is a backlog."""
    gate = threading.Event()
    gui.post(gate.wait, 10)
    try:
        body()
    finally:
        gate.set()


def test_a_backlog_of_calls_that_pump():
    seen = Nesting()
    with Unraisable() as caught:
        behind_a_busy_gui(lambda: [gui.post(seen.call, i, pump) for i in range(1000)])
        gui.call(int)
        eventually(lambda: len(seen.order) == 1000)
    assert seen.order == list(range(1000)) and seen.deepest == 1 and caught == [], (len(seen.order), seen.deepest, caught)


def test_calls_that_pump_while_others_come():
    seen = Nesting()
    threads = [threading.Thread(target=lambda n=n: [gui.call(seen.call, (n, i), pump) for i in range(50)]) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen.order) == 200 and seen.deepest == 1, (len(seen.order), seen.deepest)


def test_a_high_recursion_limit():
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(100000)
    try:
        test_a_backlog_of_calls_that_pump()
    finally:
        sys.setrecursionlimit(limit)


def test_a_stack_that_is_full():
    """The GUI thread pumps where few Python calls fit on its stack: nothing is taken out, nothing is lost or reported."""
    seen = Nesting()
    lowest = []

    def descend(levels, events):
        if levels:
            descend(levels - 1, events)
        else:
            events()

    def most_levels():
        low, high = 0, sys.getrecursionlimit()
        while low < high:
            middle = (low + high + 1) // 2
            try:
                descend(middle, int)
                low = middle
            except RecursionError:
                high = middle - 1
        return low

    def pump_near_the_limit():
        most = most_levels()
        for room in (4, 6, 8, 10, 12, 15, 20, 30, 60):
            descend(most - room, lambda: lowest.append(pump(60)))

    with Unraisable() as caught:
        def later():
            # In a slot, not a queued call, so that only the stack is in the way.
            gui_support.host.single_shot(0, lambda: (gate.wait(10), pump_near_the_limit()))

        gate = threading.Event()
        if gui_support.host:
            gui.call(later)
        else:
            gui.post(lambda: (gate.wait(10), pump_near_the_limit()))
        time.sleep(0.05)
        for i in range(20):
            gui.post(seen.call, i)
        gate.set()
        eventually(lambda: len(seen.order) == 20 and len(lowest) > 2)
    assert caught == [] and seen.order == list(range(20)), (caught, seen.order)


def test_a_slot_whose_stack_is_full():
    """The same, and no queued call is on the stack."""
    if not gui_support.host:
        return
    seen = Nesting()
    pumping, ran_below = [], []

    def deep():
        try:
            deep()
        except RecursionError:
            if not ran_below:
                pumping.append(1)
                gui_support.host.process_events(200)  # or another RecursionError, for the next frame
                ran_below.append(len(seen.order))

    with Unraisable() as caught:
        gui.call(gui_support.host.single_shot, 20, deep)
        eventually(lambda: pumping)
        for future in [gui.submit(seen.call, i) for i in range(20)]:
            future.result(10)
    assert caught == [] and seen.order == list(range(20)) and ran_below == [0], (caught, seen.order, ran_below)


def test_a_nested_loop_runs_others():
    """A dialog that stays open: the quick pump before it has taken the event, and they go on all the same."""
    seen = Nesting()
    during = []

    def dialog():
        pump()
        during.append(len(seen.order))
        nested_loop(600)
        during.append(len(seen.order))

    def queue():
        gui.post(dialog)
        for i in range(10):
            gui.post(seen.call, i)

    behind_a_busy_gui(queue)
    eventually(lambda: len(during) == 2)
    assert during == [0, 10], during


def test_nested_loops_are_bounded():
    seen = Nesting()
    with Unraisable() as caught:
        behind_a_busy_gui(lambda: [gui.post(seen.call, i, lambda: nested_loop(100)) for i in range(40)])
        eventually(lambda: len(seen.order) == 40 and seen.depth == 0, 30)
    assert 1 < seen.deepest <= _gui_queue.MAX_DEPTH and caught == [], (seen.deepest, caught)


def test_a_pump_that_waits_for_a_queued_call():
    """No QEventLoop.exec(): `while not ready: processEvents()` in a queued call, and ready is set by another one."""
    ready = []

    def wait():
        end = time.monotonic() + 20
        while not ready and time.monotonic() < end:
            pump(5)
        return bool(ready)

    waited = gui.submit(wait)
    gui.post(ready.append, 1)
    assert waited.result(30)


def test_a_long_call_that_pumps_now_and_then_is_not_interrupted():
    seen = Nesting()

    def work():
        for _ in range(5):
            end = time.monotonic() + 0.4
            while time.monotonic() < end:
                sum(range(1000))
            pump()

    long = gui.submit(seen.call, "long", work)
    gui.call(seen.call, "after")
    assert long.done() and seen.order == ["long", "after"] and seen.deepest == 1


def test_after_all_events():
    """An application that processes events until there are none comes to an end."""
    if gui_support.host:
        return
    from PyQt5.QtCore import QCoreApplication

    seen = Nesting()

    def until_there_are_none():
        end = time.monotonic() + 5
        while QCoreApplication.hasPendingEvents():
            QCoreApplication.processEvents()
            assert time.monotonic() < end

    behind_a_busy_gui(lambda: [gui.post(seen.call, i, until_there_are_none) for i in range(50)])
    gui.call(int)
    assert seen.order == list(range(50)) and seen.deepest == 1


def test_waiting_calls_inside_one_another_are_bounded():
    """Each waits for the next one, which only a further call on the stack could run: that ends with an exception, not with the stack."""
    made = []

    def wait_for_next(i):
        return made[i + 1].result() if i + 1 < 40 else "the last"

    behind_a_busy_gui(lambda: made.extend(gui.submit(wait_for_next, i) for i in range(40)))
    outcomes = [future.exception(30) for future in made]
    assert all(error is None or isinstance(error, gui.Blocked) for error in outcomes), outcomes
    assert outcomes[-1] is None and isinstance(outcomes[0], gui.Blocked), outcomes


# ---- Jobs. ----


class Callbacks(Nesting):
    """Of one job."""

    def __init__(self, events):
        super().__init__()
        self.events = events

    def all(self):
        return {"on_" + name: self.one(name) for name in ("progress", "result", "error", "done")}

    def one(self, name):
        def callback(*args):
            assert threading.get_ident() == GUI
            self.call((name, *args), self.events)

        return callback

    def check(self, n):
        names = [name for name, *_ in self.order]
        shown = [done for name, done, *_ in self.order if name == "progress"]
        assert names[-2:] == ["result", "done"] and set(names[:-2]) == {"progress"}, names[-5:]
        assert shown == sorted(set(shown)) and shown[-1] == n, shown
        assert self.deepest == 1, self.deepest


def report(n, pause=0.0):
    for i in range(n):
        jobs.progress(i + 1, n, f"step {i + 1}")
        time.sleep(pause)
    return n


def test_callbacks_that_pump():
    for _ in range(10):
        seen = Callbacks(pump)
        assert jobs.start(report, 200, **seen.all()).wait(20)
        seen.check(200)


def test_callbacks_that_run_a_loop():
    """The job's own wait until the loop ends; another job's do not."""
    seen = Callbacks(lambda: nested_loop(150))
    first = jobs.start(report, 30, 0.01, **seen.all())
    eventually(lambda: seen.order)
    others = []
    for _ in range(3):
        other = Callbacks(None)
        assert jobs.start(report, 5, **other.all()).wait(20)
        other.check(5)
        others.append(seen.depth)
    assert first.wait(30)
    seen.check(30)
    assert 1 in others, "they had to wait for the first job's loops"


def test_a_dialog_in_on_result():
    order = []

    def show(result):
        order.append("dialog")
        nested_loop(300)
        order.append("closed")

    job = jobs.start(report, 1, on_result=show, on_done=lambda job: order.append("done"))
    eventually(lambda: order)
    gui.call(order.append, "another call")
    assert job.wait(10)
    assert order == ["dialog", "another call", "closed", "done"], order


def test_a_callback_that_waits_for_its_own_job():
    seen = []

    def on_progress(done, total, text):
        try:
            job.wait()
        except gui.Blocked as error:
            seen.append(str(error))

    gate = threading.Event()
    job = jobs.start(lambda: (gate.wait(10), report(1)), on_progress=on_progress)
    gate.set()
    assert job.wait(10)
    assert len(seen) == 1 and "report" not in seen[0] and "lambda" in seen[0], seen


def test_cancel_inside_a_callback_that_pumps():
    """QProgressDialog.setValue() delivers the click on Cancel."""
    seen = []

    def on_progress(done, total, text):
        seen.append(done)
        if len(seen) == 3:
            job.cancel()
            pump(50)

    gate = threading.Event()
    job = jobs.start(lambda: (gate.wait(10), report(10**6, 0.001)), on_progress=on_progress, on_done=lambda job: seen.append(job.state))
    gate.set()
    assert job.wait(20)
    assert seen[3:] == ["cancelled"], seen


run([value for name, value in list(globals().items()) if name.startswith("test_")])

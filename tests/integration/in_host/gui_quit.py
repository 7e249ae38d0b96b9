# SPDX-License-Identifier: MIT
"""gilyield.gui at the end of the application and of Python. The argument names a scenario, which is checked in atexit."""

import atexit
import concurrent.futures
import contextlib
import io
import os
import sys
import threading
import time
import traceback

import gilyield
from gilyield import _gui_queue, gui
from gui_support import Unraisable, eventually, host, outcomes, quit_application

scenario = sys.argv[1]
threads = []
hook = Unraisable()
caught = hook.__enter__()


def start(body, times=1, **kwargs):
    def record():
        try:
            outcomes.append(body())
        except BaseException as exception:
            outcomes.append(exception)

    for _ in range(times):
        threads.append(threading.Thread(target=record, **kwargs))
        threads[-1].start()


def assert_all_closed(count):
    eventually(lambda: len(outcomes) == count)
    for outcome in outcomes:
        assert isinstance(outcome, gui.Closed) and isinstance(outcome, gilyield.Error), repr(outcome)


def while_quitting(body):
    """Call body() on the GUI thread when the event loop has been told to end and will handle no further event."""
    if host:
        quit_application()
        host.post(body)
    else:
        quit_application()
        body()


def check_at_exit(check):
    def checked():
        try:
            check()
            print("PASSED", flush=True)
        except BaseException:
            traceback.print_exc()
            os._exit(3)

    atexit.register(checked)


def is_said():
    """The one call is in the queue; from Qt 6.8 on it was refused, as from exit() on all are."""
    return len(_gui_queue._queue) + len(outcomes) == 1


class Widget:
    """Dies where the last reference to it dies."""

    died = []

    def method(self):
        return None

    def __del__(self):
        self.died.append(threading.get_ident())


class Rude:
    """As an object of Qt that is deleted already: it cannot even be printed."""

    def __call__(self):
        pass

    def __repr__(self):
        raise RuntimeError("deleted")


def scenario_pending():
    """Calls, futures, posts and the newest of a key are queued when the application quits."""
    if tuple(map(int, gilyield.status().qt_version.split(".")[:2])) >= (6, 8):
        print("skipped: from Qt 6.8 on none is: what comes after exit() is refused", flush=True)
        return lambda: quit_application(77)
    pending = []
    done_at = []

    def fill():
        start(lambda: gui.call(len, "x"), 4)
        start(lambda: gui.submit(len, "x").result())

        def queue():
            pending.extend(gui.submit(Widget().method) for _ in range(10))
            pending[0].add_done_callback(lambda future: done_at.append(threading.get_ident()))
            gui.post(Rude())
            gui.post(len, "lost")
            gui.post(Widget().method)
            gui.post_latest("key", Widget().method)

        other = threading.Thread(target=queue)
        other.start()
        other.join()
        eventually(lambda: len(_gui_queue._queue) == 19)

    def check():
        eventually(lambda: len(outcomes) == 5)
        assert [type(o) for o in outcomes].count(gui.Closed) == 4, outcomes
        assert [type(o) for o in outcomes].count(concurrent.futures.CancelledError) == 1, outcomes
        assert len(pending) == 10 and all(future.cancelled() for future in pending)
        assert done_at == [threading.get_ident()]
        assert Widget.died == [threading.get_ident()] * 12, Widget.died
        assert [type(exception) for exception in caught] == [gui.Closed], caught
        assert "3 posted calls were not run" in str(caught[0]), caught

    check_at_exit(check)
    return lambda: while_quitting(fill)


def scenario_after_quit():
    """Threads go on calling when the event loop has ended: they are told at the latest when Python ends."""

    def body():
        while True:
            gui.call(len, "x")

    def fill():
        start(body, 4)

    check_at_exit(lambda: assert_all_closed(4))
    return lambda: while_quitting(fill)


def scenario_callers():
    """Threads that never stop calling, when the application quits."""

    def body():
        while True:
            gui.call(len, "x")
            gui.post_latest("key", len, "x")

    check_at_exit(lambda: assert_all_closed(8))

    def begin():
        start(body, 8)
        threading.Timer(0.3, lambda: gui.post(quit_application)).start()

    return begin


def scenario_refused_at_the_end():
    """In atexit the door is closed, and says so."""

    if not hasattr(threading, "_register_atexit"):
        check_at_exit(lambda: None)  # in 3.8 the door is closed in atexit only, and then this check comes first
        return lambda: gui.post(quit_application)
    over = threading.Event()
    # Python 3.12 starts no threads at its end.
    for ask in gui.post, gui.submit, gui.call, lambda f, x: gui.post_latest("key", f, x):
        start(lambda ask=ask: (over.wait(), ask(len, "x")), daemon=True)

    def check():
        over.set()
        assert_all_closed(4)

    check_at_exit(check)
    return lambda: gui.post(quit_application)


def scenario_printed():
    """What threads have printed when the application quits is shown, in order: by the GUI thread, from Qt 6.8 on at once."""
    shown = io.StringIO()

    def print_them():
        for i in range(1000):
            print(i)

    def fill():
        with contextlib.redirect_stdout(shown):
            console = gui.console()
            other = threading.Thread(target=print_them)
            other.start()
            other.join()
            console.stop()

    def check():
        assert shown.getvalue() == "".join(f"{i}\n" for i in range(1000)), shown.getvalue()

    check_at_exit(check)
    return lambda: while_quitting(fill)


def scenario_exec_twice():
    """What is queued at the end of one exec() is cancelled, and the next exec() works."""
    if host.round == 1:
        return None

    def fill():
        start(lambda: gui.call(len, "x"))
        eventually(is_said)

    def second():
        start(lambda: gui.call(len, "xyz"))
        start(lambda: (eventually(lambda: len(outcomes) == 2), gui.call(quit_application)))

    def check():
        assert {type(outcome) for outcome in outcomes[:2]} == {gui.Closed, int}, outcomes

    check_at_exit(check)
    rounds = [lambda: while_quitting(fill), second]
    return lambda: rounds.pop(0)()


def scenario_recreate():
    """What is queued when the application object goes is cancelled; with the next one it works again."""
    if host.round == 0:

        def fill():
            start(lambda: gui.call(len, "x"))
            eventually(is_said)

        return lambda: while_quitting(fill)
    start(lambda: gui.call(len, "xyz"))
    start(lambda: (eventually(lambda: len(outcomes) == 2), gui.call(quit_application)))

    def check():
        assert {type(outcome) for outcome in outcomes[:2]} == {gui.Closed, int}, outcomes

    check_at_exit(check)
    return None


def scenario_destroyed():
    """PyQt5: an application object that never ran its event loop is destroyed, and another is made."""
    from PyQt5 import sip
    from PyQt5.QtCore import QCoreApplication

    import gui_support

    start(lambda: gui.call(len, "x"))
    eventually(lambda: len(_gui_queue._queue) == 1)
    sip.delete(gui_support.application)
    assert_all_closed(1)
    assert not gui.is_gui_thread()
    try:
        gui.post(len, "x")
    except gui.Closed as exception:
        assert "no Qt application" in str(exception)
    gui_support.application = QCoreApplication([])
    start(lambda: gui.call(len, "xyz"))
    start(lambda: (eventually(lambda: len(outcomes) == 2), gui.post(quit_application)))

    def check():
        assert outcomes[1] == 3, outcomes

    check_at_exit(check)


def scenario_over():
    """PyQt5: exec_() has returned, the application object is still there, and the main thread does other things."""
    from PyQt5.QtCore import QCoreApplication, QTimer

    start(lambda: gui.call(quit_application))
    QTimer.singleShot(5000, quit_application)
    QCoreApplication.exec_()
    eventually(lambda: len(outcomes) == 1)
    start(lambda: gui.call(len, "x"))
    eventually(lambda: len(outcomes) == 2, 3)
    assert isinstance(outcomes[1], gui.Closed), outcomes
    # A loop that runs again takes calls again.
    start(lambda: (time.sleep(0.1), gui.call(quit_application)))
    QTimer.singleShot(5000, lambda: os._exit(4))
    QCoreApplication.exec_()
    eventually(lambda: len(outcomes) == 3, 3)
    assert not isinstance(outcomes[2], Exception), outcomes
    check_at_exit(lambda: None)
    sys.exit(0)


def scenario_jobs_left_over():
    """Jobs that run when the application quits, and one that waits for its turn, are cancelled before Python waits for its threads."""
    from gilyield import jobs

    def until_cancelled(_=None):
        while True:
            jobs.current().raise_if_cancelled()
            time.sleep(0.001)

    made = []

    def begin():
        made.append(jobs.start(until_cancelled))
        made.extend(jobs.Pool(2).start_each(until_cancelled, range(3)))
        start(lambda: (eventually(lambda: [job.state for job in made].count("running") == 3), gui.call(quit_application)))

    def check():
        assert [job.state for job in made] == ["cancelled"] * 4, [job.state for job in made]
        assert not [thread for thread in threading.enumerate() if thread.name.startswith("gilyield-job")], threading.enumerate()

    check_at_exit(check)
    return begin


def scenario_fork():
    """In a forked child process there is no GUI thread, and that is said at once."""

    def begin():
        start(lambda: gui.post(time.sleep, 0))
        threads[-1].join()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                gui.call(len, "x")
            except gilyield.Error as error:
                code = 0 if "forked" in str(error) else 2
            os._exit(code)
        assert os.waitpid(child, 0)[1] == 0
        quit_application()
        check_at_exit(lambda: None)

    return begin


def scenario_no_loop():
    """PyQt5: no event loop at all; the main thread comes to its end while others wait for it."""
    start(lambda: gui.call(len, "x"), 4)
    check_at_exit(lambda: assert_all_closed(4))
    sys.exit(0)


begin = globals()["scenario_" + scenario]()
if host:
    host.on_exec(begin)
else:
    from PyQt5.QtCore import QCoreApplication, QTimer

    QTimer.singleShot(0, begin or int)
    sys.exit(QCoreApplication.exec_())

# SPDX-License-Identifier: MIT
"""gilyield.gui: what calls hold dies on the GUI thread."""

import gc
import sys
import threading
import time
import weakref

from gilyield import _gui_references, gui
from gui_support import GUI, eventually, run


def flush():
    gui.call(lambda: None)


class Widget:
    """Notes where it dies."""

    def __init__(self, died):
        self.died = died

    def __del__(self):
        self.died.append(threading.get_ident())


def test_who_waits_keeps_no_variables_of_the_gui_thread():
    died = []

    def slot():
        widget = Widget(died)
        time.sleep(0.4)  # others look meanwhile
        return id(widget)

    gc.collect()
    gc.disable()
    try:
        gui.post(slot)
        waiting = [threading.Thread(target=gui.call, args=(int,)) for _ in range(3)]
        for thread in waiting:
            thread.start()
        for thread in waiting:
            thread.join()
        flush()
        assert died == [GUI], died
    finally:
        gc.enable()


class Thing:
    """Stands for a wrapper of a widget: remembers where the last reference to it died."""

    died = []

    def __init__(self):
        weakref.finalize(self, self.note)

    @classmethod
    def note(cls):
        cls.died.append(threading.get_ident())

    def method(self, *args):
        return None


def assert_all_died_on_the_gui_thread(count):
    """Up to Python 3.10 the caller of a function keeps the arguments until it returns, so some may die there."""
    flush()
    try:
        eventually(lambda: len(Thing.died) == count)
    finally:
        died, Thing.died = Thing.died, []
    if sys.version_info >= (3, 11):
        assert set(died) == {GUI}, (died.count(GUI), len(died))


def test_references_to_arguments():
    for _ in range(300):
        gui.post(Thing().method)
        gui.post(len, [Thing()])
        gui.submit(len, [Thing()])
        gui.call(len, [Thing()])
        gui.call(Thing().method)
    assert_all_died_on_the_gui_thread(1500)


def test_references_in_latest():
    for _ in range(10):
        for i in range(100):
            gui.post_latest("k", Thing().method, i)
            gui.post_latest("k", (lambda thing: lambda: thing)(Thing()))
            gui.post_latest("k", len, [Thing()])
    assert_all_died_on_the_gui_thread(3000)


def test_what_progress_is_reported_with_may_die_anywhere():
    for thing in (1, "text", (1, 2.0, "text", {"a": [None, b""]}), [(1,)], {1}):
        assert _gui_references.is_harmless(thing), thing
    for thing in (object(), (1, object()), {"a": [object()]}, [[[[[]]]]]):
        assert not _gui_references.is_harmless(thing), thing


def test_references_of_results_and_exceptions():
    def fail(thing):
        local = thing
        raise ValueError(str(local is thing))

    for _ in range(100):
        gui.submit(Thing)
        future = gui.submit(Thing)
        eventually(future.done)
        del future
        try:
            gui.call(fail, Thing())
        except ValueError:
            pass
        gui.submit(fail, Thing()).exception()
    assert_all_died_on_the_gui_thread(400)


def test_references_of_cancelled_calls():
    gate = threading.Event()
    gui.post(gate.wait, 10)
    assert all([gui.submit(Thing().method).cancel() for _ in range(100)])
    gate.set()
    assert_all_died_on_the_gui_thread(100)


run([value for name, value in list(globals().items()) if name.startswith("test_")])

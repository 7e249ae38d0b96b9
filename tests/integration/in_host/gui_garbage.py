# SPDX-License-Identifier: MIT
"""gilyield.gui.collect_here(): on which thread cycles of references die."""

import gc
import sys
import threading
import time

import gui_support
from gilyield import gui
from gui_support import GUI, eventually, run


class Panel:
    """As panels are: a slot of its own makes it a cycle."""

    died = []

    def __init__(self):
        self.slot = self.clicked

    def clicked(self):
        pass

    def __del__(self):
        self.died.append(threading.get_ident())


def make_panels_beside_threads(make, count, died):
    """The GUI thread makes panels and forgets them, while threads allocate. Return how many died on another thread."""
    del died[:]
    stop = []

    def allocate():
        while not stop:
            [[] for _ in range(2000)]
            time.sleep(0.0005)

    threads = [threading.Thread(target=allocate) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(count):
            gui.call(lambda: make() and None)
            time.sleep(0.001)
        end = time.monotonic() + 20
        while len(died) < count * 0.9 and time.monotonic() < end:
            time.sleep(0.05)
    finally:
        stop.append(1)
        for thread in threads:
            thread.join()
    assert len(died) >= count * 0.9, (len(died), count)
    return sum(ident != GUI for ident in died)


def test_without_it_panels_die_anywhere():
    elsewhere = make_panels_beside_threads(Panel, 300, Panel.died)
    print(f"        {elsewhere} of {len(Panel.died)} died on another thread")
    assert elsewhere > 0


def test_panels_die_on_the_gui_thread():
    thresholds = gc.get_threshold()
    with gui.collect_here() as collector:
        assert gui.collect_here() is collector
        elsewhere = make_panels_beside_threads(Panel, 300, Panel.died)
    assert elsewhere == 0, (elsewhere, len(Panel.died))
    assert gc.get_threshold() == thresholds and gc.isenabled()


def test_objects_of_a_binding():
    if gui_support.host:
        return
    bindings = [name for name in ("PyQt5.QtCore", "PySide2.QtCore") if try_import(name)]
    died = []
    for name in bindings:
        module = sys.modules[name]

        class Object(module.QObject):
            def __init__(self):
                super().__init__()
                self.setObjectName("panel")
                self.slot = self.clicked

            def clicked(self):
                pass

            def __del__(self):
                died.append(threading.get_ident())

        with gui.collect_here():
            elsewhere = make_panels_beside_threads(Object, 200, died)
        assert elsewhere == 0, (name, elsewhere)
    print(f"        with {', '.join(bindings)}")


def try_import(name):
    try:
        __import__(name)
    except ImportError:
        return False
    return True


def test_all_generations_and_all_thresholds():
    """Old objects die, too; what the program has set itself is kept."""
    before = gc.get_threshold()
    gc.set_threshold(500, 3, 3)
    try:
        from gilyield import _gui_garbage

        collector = gui.collect_here()
        assert gc.get_threshold()[0] == _gui_garbage.VALVE
        collector._next_full = 0.0
        old = [Panel() for _ in range(10)]
        gui.call(gc.collect)
        del Panel.died[:]
        gui.call(old.clear)
        kept = []
        end = time.monotonic() + 20
        while len(Panel.died) < 10 and time.monotonic() < end:
            collector._next_full = 0.0
            kept.extend([] for _ in range(100))
            time.sleep(0.01)
        assert Panel.died == [GUI] * 10, Panel.died
        collector.stop()
        collector.stop()
        assert gc.get_threshold() == (500, 3, 3)
    finally:
        gc.set_threshold(*before)


def test_a_program_that_sets_thresholds_meanwhile():
    before = gc.get_threshold()
    try:
        with gui.collect_here():
            gc.set_threshold(321)
        assert gc.get_threshold()[0] == 321
    finally:
        gc.set_threshold(*before)


def test_it_does_little_while_idle():
    with gui.collect_here() as collector:
        eventually(lambda: collector._pause_s == 1.0, 20)
        from gilyield import _gui_queue

        turns = _gui_queue.turns()
        time.sleep(1.5)
        assert _gui_queue.turns() - turns <= 4


run([value for name, value in list(globals().items()) if name.startswith("test_")])

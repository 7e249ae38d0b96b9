# SPDX-License-Identifier: MIT
"""For the examples beside this file: how much of a background thread's work runs at the same time as the GUI thread's.

The GUI thread gets work to do: Python code, 2 ms at a time, without end. It has the GIL then, and the processor clock of
the background thread tells whether that one gets on meanwhile: one that needs the GIL does not (0 %), one that has given
it up does (up to 100 %). Only those 2 ms count in which the GUI thread did not wait: in the others it waited for the GIL,
and the background thread may have had its turn.
"""

import resource
import sys
import threading
import time

import gilyield
from gilyield import gui


def application():
    """Return two functions, one that has its argument called in the event loop and one that quits.

    They are the test host's, or those of a PyQt5 program made here.
    """
    try:
        import host

        return host.on_exec, lambda: host.quit()  # noqa: PLW0108  quit() takes a code, and its callers pass none
    except ImportError:
        from PyQt5.QtCore import QCoreApplication, QTimer

        program = QCoreApplication(sys.argv[:1])

        def run(begin):
            QTimer.singleShot(0, begin)
            program.exec_()

        return run, program.quit


class GuiWork:
    """What the GUI thread is busy with, and how far a background thread gets meanwhile."""

    def __init__(self, ident):
        self.clock = time.pthread_getcpuclockid(ident)
        self.loops = 0
        self.seconds = 0.0
        self.parallel = 0.0

    def unit(self):
        waits = self.waits()
        begin, clock = time.perf_counter(), time.clock_gettime(self.clock)
        while time.perf_counter() < begin + 0.002:
            sum(range(100))
            self.loops += 1
        seconds, clock = time.perf_counter() - begin, time.clock_gettime(self.clock) - clock
        if self.waits() == waits:
            self.seconds += seconds
            self.parallel += clock

    @staticmethod
    def waits():
        """How often this thread has waited for anything but a processor."""
        return resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw

    def during(self, f):
        """Call f() in this thread and keep the GUI thread at work meanwhile. Return the seconds that took."""
        over = threading.Event()

        def pump():
            while not over.is_set():
                gui.call(self.unit)

        thread = threading.Thread(target=pump)
        begin = time.perf_counter()
        thread.start()
        f()
        seconds = time.perf_counter() - begin
        over.set()
        thread.join()
        return seconds


def demonstrate(name, work):
    """Run work(progress) on a background thread and print the figures; progress(i, n) shows on the GUI thread how far it is."""
    shown = []

    def show(i, n):
        assert gui.is_gui_thread()
        shown.append(i / n)

    def progress(i, n):
        gui.post_latest("progress", show, i, n)

    def measure():
        work(progress)  # libraries load, memory warms up
        alone = GuiWork(threading.get_ident())
        idle_s = alone.during(lambda: time.sleep(1))
        gui.call(shown.clear)
        both = GuiWork(threading.get_ident())
        clock = time.thread_time()
        seconds = both.during(lambda: work(progress))
        speed = (time.thread_time() - clock) / seconds
        gui.call(int)
        gui_share = both.loops / seconds / (alone.loops / idle_s)
        # Beside other programs the filter may do better in those 2 ms than on the whole.
        share = min(1.0, both.parallel / both.seconds / speed) if both.seconds else 0.0
        print(f"{name}: a filter of {seconds:.2f} s on a background thread")
        print(f"  meanwhile the GUI thread did {100 * gui_share:.0f} % of the Python work that it does alone")
        print(f"  and showed {len(shown)} steps of progress")
        print(f"  while it did that work the filter ran at {100 * share:.0f} % of its speed (0 %: they take turns, 100 %: parallel)")
        assert shown and shown[-1] == 1, shown
        return share

    def run():
        try:
            if measure() > 0.1:  # those that take turns have about 0, on a busy machine too
                print("PASSED", flush=True)
            else:
                print("they take turns", flush=True)
        finally:
            gui.post(quit_application)

    begin, quit_application = application()
    gilyield.enable()
    begin(threading.Thread(target=run).start)


def skip(reason):
    """End this process: there is nothing to show."""
    import os

    print(f"skipped: {reason}", flush=True)
    os._exit(77)

# SPDX-License-Identifier: MIT
"""Runs test functions on a background thread of a Qt application: of the test host, else of a PyQt5 program made here."""

import faulthandler
import sys
import threading
import time
import traceback

import gilyield

# A test that hangs says where.
faulthandler.dump_traceback_later(50, exit=True)

try:
    import host
except ImportError:
    host = None
    try:
        from PyQt5.QtCore import QCoreApplication, QEventLoop, QTimer
    except ImportError:
        print("skipped: there is no PyQt5 for this Python (Debian: python3-pyqt5)")
        sys.exit(77)

    application = QCoreApplication(sys.argv[:1])

FEWER = 10 if host else 1  # what is done very often is done in full by the PyQt5 program only

gilyield.enable()
GUI = threading.get_ident()


def nested_loop(ms):
    """Run an event loop inside the running one. GUI thread."""
    if host:
        host.nested_loop(ms)
    else:
        loop = QEventLoop()
        QTimer.singleShot(ms, loop.quit)
        loop.exec_()


def pump(ms=0):
    """Process events for that long, at least once, as QProgressDialog.setValue() does. GUI thread."""
    if host:
        host.process_events(max(ms, 1))
    else:
        end = time.monotonic() + ms / 1000
        QCoreApplication.processEvents()
        while time.monotonic() < end:
            QCoreApplication.processEvents()


def quit_application(code=0):
    """GUI thread."""
    if host:
        host.quit(code)
    else:
        QCoreApplication.exit(code)


def eventually(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it has not come to pass"
        time.sleep(0.005)


class Unraisable:
    """What sys.unraisablehook gets, as a list of exceptions, instead of the terminal."""

    def __enter__(self):
        self.before, sys.unraisablehook = sys.unraisablehook, lambda info: caught.append(info.exc_value)
        caught = []
        return caught

    def __exit__(self, *exception):
        sys.unraisablehook = self.before


failed = []
outcomes = []  # here, as a host that makes its application again runs the script again


def _run(tests):
    from gilyield import gui

    for test in tests:
        begin = time.monotonic()
        try:
            test()
            verdict = "ok"
        except BaseException:
            failed.append(test.__name__)
            traceback.print_exc()
            verdict = "FAILED"
        print(f"{verdict:7} {test.__name__} ({time.monotonic() - begin:.2f} s)", flush=True)
    if not failed:
        print("PASSED", flush=True)
    gui.call(quit_application, 1 if failed else 0)


def run(tests):
    """Call at the end of a script: runs the functions, or those named as arguments, then quits with their verdict.

    In the host it returns at once.
    """
    tests = [test for test in tests if test.__name__ in sys.argv[1:]] if sys.argv[1:] else tests
    thread = threading.Thread(target=_run, args=(tests,), name="tests")
    if host:
        host.on_exec(thread.start)
    else:
        QTimer.singleShot(0, thread.start)
        sys.exit(application.exec_())

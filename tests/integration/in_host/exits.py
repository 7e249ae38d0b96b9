# SPDX-License-Identifier: MIT
"""Ways in which an application ends while Python threads run: exits.py WAY."""

import atexit
import sys
import threading
import time

import host
import inhost

said = []


def daemon_spinners():
    for _ in range(3):
        inhost.Spinner().start()


def daemon_sleeper():
    threading.Thread(target=lambda: [time.sleep(0.001) for _ in iter(int, 1)], daemon=True).start()


def quit_while_threads_run():
    daemon_spinners()
    yield 200


def quit_from_a_thread():
    daemon_spinners()
    threading.Timer(0.05, host.quit).start()
    yield 600
    raise AssertionError("quit() from a thread did nothing")


def sys_exit():
    daemon_spinners()
    yield 100
    sys.exit(3)


def non_daemon_thread():
    """Py_FinalizeEx() waits for it, long after the event loop has ended."""
    counter = inhost.Spinner()
    counter.daemon = False
    counter.start()
    threading.Timer(0.5, lambda: setattr(counter, "stopping", True)).start()
    daemon_sleeper()
    yield 100


def atexit_order():
    """Functions registered before and after gilyield was imported all may use it, and threads, and the event loop's thread."""
    daemon_spinners()
    atexit.register(use, "first")
    import gilyield

    atexit.register(use, "second")
    gilyield.is_enabled()
    yield 100


def use(name):
    import gilyield

    thread = threading.Thread(target=lambda: said.append(str(gilyield.status()) + str(gilyield.stats())))
    thread.start()
    thread.join()
    gilyield.disable()
    gilyield.enable()
    with gilyield.paused():
        said.append(name)
    print(name, flush=True)


def disabled_at_the_end():
    import gilyield

    daemon_spinners()
    yield 100
    gilyield.disable()
    yield 50


def threads_in_the_queue():
    """Threads that take and leave the GIL as fast as they can until they are stopped for good."""

    def hurry():
        while True:
            time.sleep(0)

    for _ in range(4):
        threading.Thread(target=hurry, daemon=True).start()
    daemon_spinners()
    yield 200


inhost.run(globals()[inhost.argument(1)])

# SPDX-License-Identifier: MIT
"""Presses the buttons of python/examples/button_*.py in a real window, from timers of the application, and looks at what they show.

check(window, schedule, quit, read): schedule(ms, function) calls it on the GUI thread; read(window) returns (text of the label, value of
the bar, start enabled, cancel enabled), press(window, name) clicks, close(window) closes, save(window, path) makes a picture.
"""

import os
import time


def fail():
    raise ValueError("no such file")


def check(window, work, schedule, quit_application, read, press, close, save):
    """Call once, before the event loop. Prints PASSED, or what is wrong, and quits."""
    pictures = os.environ.get("BUTTON_PICTURES")

    def until(condition):
        end = time.monotonic() + 15
        while not condition(*read(window)):
            assert time.monotonic() < end, read(window)
            yield 20

    def picture(name):
        if pictures:
            save(window, os.path.join(pictures, name + ".png"))

    def steps():
        assert read(window)[2:] == (True, False), read(window)
        # To the end.
        press(window, "start_button")
        assert read(window)[2:] == (False, True), read(window)
        yield from until(lambda text, value, start, cancel: value >= 20)
        picture("progress")
        assert read(window)[2:] == (False, True) and read(window)[0].startswith("step "), read(window)
        yield from until(lambda text, value, start, cancel: start)
        assert read(window) == ("result: 50", 50, True, False), read(window)
        picture("result")
        # Cancelled.
        press(window, "start_button")
        yield from until(lambda text, value, start, cancel: 3 <= value < 50)
        press(window, "cancel_button")
        yield from until(lambda text, value, start, cancel: start)
        text, value, start, cancel = read(window)
        assert text == "cancelled" and value < 50 and not cancel, read(window)
        yield 300
        assert read(window)[:2] == (text, value), "progress after the end"
        # An error.
        window.start(fail)
        yield from until(lambda text, value, start, cancel: start)
        assert read(window)[0] == "fail: no such file", read(window)
        picture("error")
        # Closed meanwhile.
        press(window, "start_button")
        yield from until(lambda text, value, start, cancel: text.startswith("step ") and 5 <= value < 50)
        close(window)
        value = read(window)[1]
        yield 500
        assert window.job.state == "cancelled" and read(window)[1] <= value + 1, (window.job.state, read(window))
        print("PASSED", flush=True)

    running = steps()

    def step():
        try:
            schedule(next(running), step)
        except StopIteration:
            quit_application()
        except BaseException as error:
            import traceback

            traceback.print_exc()
            print(f"FAILED {error!r}", flush=True)
            quit_application()

    schedule(100, step)

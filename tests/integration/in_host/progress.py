# SPDX-License-Identifier: MIT
"""The forum thread's code runs to its end with the mouse untouched; with the argument "stalls": it does not, as there is no cure."""

import threading
import time

import inhost

printed = []


def print(value):
    printed.append(value)


class Button:
    enabled = True

    def setEnabled(self, enabled):
        self.enabled = enabled


class Ui:
    pushButton = Button()


class Module:
    ui = Ui()

    # From here on word for word.
    def testButton(self):
        self.ui.pushButton.setEnabled(False)
        self.thread1 = threading.Thread(target=self.execute)
        self.thread1.start()

    def execute(self):
        count = 10000000
        while count > 0:  # Simulate time-consuming operations
            if count % 100000 == 0:
                print(count)
            count = count-1
        print("Finished")
        self.ui.pushButton.setEnabled(True)


def stalled(module, reference_s):
    yield int(3000 * reference_s)
    assert len(printed) <= 10, f"{len(printed)} of 100 lines without a cure"
    assert not module.ui.pushButton.enabled
    module.thread1.join()


def finishes(module, reference_s):
    # As long as it makes progress it may take its time; the watchdog ends what makes none.
    while not module.ui.pushButton.enabled:
        yield 50
    assert len(printed) == 101 and printed[-1] == "Finished"
    module.thread1.join()


def script():
    module = Module()
    start = time.monotonic()
    module.testButton()
    module.thread1.join()
    reference_s = time.monotonic() - start
    printed.clear()
    module.testButton()
    assert not module.ui.pushButton.enabled
    stalls = inhost.argument(1) == "stalls"
    yield from (stalled if stalls else finishes)(module, reference_s)
    spinners = inhost.Spinners()
    yield from (spinners.stall if stalls else spinners.progress)()
    spinners.stop()


inhost.run(script)

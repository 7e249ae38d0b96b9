# SPDX-License-Identifier: MIT
"""The demo's Python side: the forum thread's code, word for word, and what it needs around it.

Beside it, behind the second button, the same as it should be written: demo_jobs.py.
"""

import code
import sys
import threading

import application


class Stream:
    """sys.stdout and sys.stderr: everything goes to the console in the window. Any thread may write."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, is_error):
        self.is_error = is_error

    def write(self, text):
        application.write(text, self.is_error)
        return len(text)

    def flush(self):
        pass

    def isatty(self):
        return False


class Clicked:
    """The signal of a button."""

    def __init__(self, button):
        self.button = button

    def connect(self, slot):
        application.on_button(self.button, slot)


class PushButton:
    """What the modules use of a QPushButton. The host queues setEnabled() when another thread calls it."""

    def __init__(self, name):
        self.name = name
        self.clicked = Clicked(name)

    def setEnabled(self, enabled):
        application.set_button_enabled(self.name, enabled)


class Ui:
    pushButton = PushButton("testButton")


class TestModule:
    """The scripted module of discourse.slicer.org, topic 32299."""

    def __init__(self, ui):
        self.ui = ui
        self.ui.pushButton.clicked.connect(self.testButton)

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


class DataProbe:
    """Says what is under the mouse, in Python, as 3D Slicer's module of this name does: so moving the mouse runs bytecode."""

    def __init__(self):
        application.on_mouse_move(self.update)

    def update(self):
        x, y, z, value = application.position()
        application.set_caption("voxel ({}, {}, {})   signal {}".format(x, y, z, value))


class Console:
    """Runs the lines that are entered in the window, in __main__."""

    def __init__(self):
        self.interpreter = code.InteractiveInterpreter(globals())
        self.lines = []
        application.on_line(self.run)

    def run(self):
        self.lines.append(application.take_line())
        more = False
        try:
            more = self.interpreter.runsource("\n".join(self.lines), "<console>")
        except SystemExit:
            application.quit()
        if not more:
            self.lines = []
        application.set_prompt("..." if more else ">>>")


def connect_jobs():
    """Return the module behind the second button. Where gilyield cannot be imported that button stays disabled and says why."""
    try:
        import demo_jobs
    except ImportError as error:
        reason = "gilyield cannot be imported here: {}".format(error)
        application.set_button_unavailable("jobsButton", reason)
        print("The second button is disabled. {}".format(reason))
        return None

    class Ui:
        pushButton = PushButton("jobsButton")
        cancelButton = PushButton("cancelButton")
        show = application.set_progress

    return demo_jobs.TestModule(Ui())


def connect_watch():
    """Return the module behind the button that says what stalls the GUI; it goes the way of the second button."""
    try:
        import demo_watch
    except ImportError as error:
        application.set_button_unavailable("watchButton", "gilyield cannot be imported here: {}".format(error))
        return None
    return demo_watch.WatchModule(PushButton("watchButton"))


sys.stdout = Stream(False)
sys.stderr = Stream(True)
module = TestModule(Ui())
module_with_jobs = connect_jobs()
module_that_stalls = connect_watch()
probe = DataProbe()
console = Console()
print("Python {} in Qt {}. The button runs module.testButton().".format(sys.version.split()[0], application.qt_version))
if module_with_jobs:
    print("The one below it runs module_with_jobs.testButton(): the same, written with gilyield.jobs.")

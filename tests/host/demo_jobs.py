# SPDX-License-Identifier: MIT
"""The forum thread's module as it should be written, with gilyield.jobs. As it was: TestModule in demo.py.

The same work. Here its thread touches no widget, the GUI thread shows how far it is, it can be cancelled, and an error does
not leave the button disabled.
"""

import traceback

from gilyield import jobs


class TestModule:
    def __init__(self, ui):
        self.ui = ui
        self.job = None
        self.percent = 0
        self.ui.pushButton.clicked.connect(self.testButton)
        self.ui.cancelButton.clicked.connect(self.cancel)

    def testButton(self):
        self.ui.pushButton.setEnabled(False)
        self.ui.cancelButton.setEnabled(True)
        self.job = jobs.start(self.execute, on_progress=self.progress, on_error=self.failed, on_done=self.done)

    def cancel(self):
        self.job.cancel()

    def execute(self):
        """In the background."""
        total = count = 10000000
        while count > 0:  # Simulate time-consuming operations
            if count % 100000 == 0:
                print(count)
                jobs.progress(total - count, total)  # a cancelled job ends here
            count = count-1
        jobs.progress(total, total)

    # On the GUI thread.

    def progress(self, done, total, text):
        self.percent = 100 * done / total
        self.ui.show(self.percent, "{:.0f} % done".format(self.percent))

    def failed(self, error):
        traceback.print_exception(type(error), error, error.__traceback__)

    def done(self, job):
        """As the last, whatever happened."""
        print({"done": "Finished", "cancelled": "Cancelled", "failed": "Failed"}[job.state])
        if job.state != "done":
            self.ui.show(self.percent, "{} at {:.0f} %".format(job.state, self.percent))
        self.ui.cancelButton.setEnabled(False)
        self.ui.pushButton.setEnabled(True)

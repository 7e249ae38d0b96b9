# SPDX-License-Identifier: MIT
"""A button that starts work in the background, in KLayout: as button_qt.py, with the Qt that KLayout gives to Python.

A macro; or: gilyield run -- klayout -e -rm python/examples/button_pya.py
"""

import time

import pya

from gilyield import jobs


def work(n):
    """In the background; it touches no widget and no layout of pya."""
    for i in range(n):
        time.sleep(0.02)  # or whatever takes long
        jobs.progress(i + 1, n, f"step {i + 1}")  # a cancelled job ends here
    return n


class Window(pya.QDialog):
    # Methods with the names of Qt's own, result() and done() among them, would take their place.

    def __init__(self, parent):
        super().__init__(parent)
        self.windowTitle = "A job"
        self.start_button, self.cancel_button = pya.QPushButton("Start", self), pya.QPushButton("Cancel", self)
        self.bar, self.label = pya.QProgressBar(self), pya.QLabel("ready", self)
        layout = pya.QVBoxLayout(self)
        for widget in (self.start_button, self.bar, self.cancel_button, self.label):
            layout.addWidget(widget)
        self.cancel_button.setEnabled(False)
        self.start_button.clicked(lambda checked: self.start(work, 50))
        self.cancel_button.clicked(lambda checked: self.cancel())
        self.finished(lambda result: self.closed())
        self.job = None

    def start(self, function, *args):
        self.start_button.setEnabled(False)
        self.cancel_button.setEnabled(True)
        self.job = jobs.start(
            function, *args, on_progress=self.show_progress, on_result=self.show_result, on_error=self.show_error, on_done=self.ended
        )

    def cancel(self):
        self.job.cancel()  # from now on only ended() is called

    # These are called on the GUI thread.

    def show_progress(self, done, total, text):
        self.bar.maximum = total
        self.bar.value = done
        self.label.text = text

    def show_result(self, value):
        self.label.text = f"result: {value}"

    def show_error(self, exception):
        self.label.text = f"{self.job.name}: {exception}"

    def ended(self, job):
        """As the last, whatever happened."""
        if job.state == "cancelled":
            self.label.text = "cancelled"
        self.cancel_button.setEnabled(False)
        self.start_button.setEnabled(True)

    def closed(self):
        if self.job:
            self.job.cancel()


if __name__ == "__main__":
    window = Window(pya.MainWindow.instance())
    window.show()

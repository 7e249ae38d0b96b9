# SPDX-License-Identifier: MIT
"""A button that starts work in the background, in 3D Slicer and other hosts with PythonQt: as button_qt.py.

In Slicer's Python console: exec(open("button_pythonqt.py").read())
"""

import time

import qt

from gilyield import jobs


def work(n):
    """In the background; it touches no widget and no MRML node."""
    for i in range(n):
        time.sleep(0.02)  # or whatever takes long
        jobs.progress(i + 1, n, f"step {i + 1}")  # a cancelled job ends here
    return n


class Window:
    def __init__(self):
        self.dialog = qt.QDialog()
        self.dialog.setWindowTitle("A job")
        self.start_button, self.cancel_button = qt.QPushButton("Start"), qt.QPushButton("Cancel")
        self.bar, self.label = qt.QProgressBar(), qt.QLabel("ready")
        layout = qt.QVBoxLayout(self.dialog)
        for widget in (self.start_button, self.bar, self.cancel_button, self.label):
            layout.addWidget(widget)
        self.cancel_button.setEnabled(False)
        self.start_button.connect("clicked()", lambda: self.start(work, 50))
        self.cancel_button.connect("clicked()", self.cancel)
        self.dialog.connect("finished(int)", lambda result: self.closed())
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
        self.bar.setMaximum(total)
        self.bar.setValue(done)
        self.label.setText(text)

    def show_result(self, value):
        self.label.setText(f"result: {value}")

    def show_error(self, exception):
        self.label.setText(f"{self.job.name}: {exception}")

    def ended(self, job):
        """As the last, whatever happened."""
        if job.state == "cancelled":
            self.label.setText("cancelled")
        self.cancel_button.setEnabled(False)
        self.start_button.setEnabled(True)

    def closed(self):
        if self.job:
            self.job.cancel()


if __name__ == "__main__":
    window = Window()
    window.dialog.show()

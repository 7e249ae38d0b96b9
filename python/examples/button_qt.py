# SPDX-License-Identifier: MIT
"""A button that starts work in the background: progress, Cancel, the result, an error, and a window that is closed meanwhile.

PyQt5, PyQt6, PySide2, PySide6 alike; the environment variable QT_BINDING names one. The two with KLayout's and 3D Slicer's Qt are
beside this file.
"""

import importlib
import os
import sys
import time

from gilyield import jobs

QtWidgets = importlib.import_module(os.environ.get("QT_BINDING", "PyQt5") + ".QtWidgets")


def work(n):
    """In the background; it touches no widget."""
    for i in range(n):
        time.sleep(0.02)  # or whatever takes long
        jobs.progress(i + 1, n, f"step {i + 1}")  # a cancelled job ends here
    return n


class Window(QtWidgets.QWidget):
    def __init__(self):
        super().__init__()
        self.setWindowTitle("A job")
        self.start_button, self.cancel_button = QtWidgets.QPushButton("Start"), QtWidgets.QPushButton("Cancel")
        self.bar, self.label = QtWidgets.QProgressBar(), QtWidgets.QLabel("ready")
        layout = QtWidgets.QVBoxLayout(self)
        for widget in (self.start_button, self.bar, self.cancel_button, self.label):
            layout.addWidget(widget)
        self.cancel_button.setEnabled(False)
        self.start_button.clicked.connect(lambda: self.start(work, 50))
        self.cancel_button.clicked.connect(self.cancel)
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

    def closeEvent(self, event):
        if self.job:
            self.job.cancel()
        super().closeEvent(event)


if __name__ == "__main__":
    application = QtWidgets.QApplication(sys.argv)
    window = Window()
    window.show()
    sys.exit(application.exec_() if hasattr(application, "exec_") else application.exec())

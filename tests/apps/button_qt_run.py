# SPDX-License-Identifier: MIT
"""python/examples/button_qt.py with the binding that QT_BINDING names; arguments: the examples' directory."""

import importlib
import os
import sys

sys.path.insert(0, sys.argv[1])

import button_check
import button_qt

QtWidgets = button_qt.QtWidgets
QtCore = importlib.import_module(os.environ["QT_BINDING"] + ".QtCore")
application = QtWidgets.QApplication(sys.argv[:1])
application.setQuitOnLastWindowClosed(False)
window = button_qt.Window()
window.show()
button_check.check(
    window,
    button_qt.work,
    QtCore.QTimer.singleShot,
    application.quit,
    lambda w: (w.label.text(), w.bar.value(), w.start_button.isEnabled(), w.cancel_button.isEnabled()),
    lambda w, name: getattr(w, name).click(),
    lambda w: w.close(),
    lambda w, path: w.grab().save(path),
)
sys.exit(application.exec_() if hasattr(application, "exec_") else application.exec())

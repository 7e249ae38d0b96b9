# SPDX-License-Identifier: MIT
"""What a program finds that `gilyield run` or `gilyield startup` has started. It enables nothing itself."""

import importlib
import os
import subprocess
import sys

QtCore = importlib.import_module(f"PyQt{os.environ['TEST_QT']}.QtCore")
QtWidgets = importlib.import_module(f"PyQt{os.environ['TEST_QT']}.QtWidgets")
STARTERS = {"QT_QPA_GENERIC_PLUGINS": "gilyield", "QT_PLUGIN_PATH": "plugins-qt", "PYTHONPATH": "importable"}


def say(name, value):
    print(name, value, flush=True)


def look():
    """In the event loop."""
    try:
        import gilyield
    except ImportError:
        say("enabled", None)
    else:
        say("enabled", gilyield.is_enabled())
        say("status", [gilyield.status().state, gilyield.status().wait, gilyield.status().priority])
        if os.environ.get("TEST_DOCTOR"):
            report = gilyield.doctor()
            say("doctor", [report.enabled, report.host, report.live is not None and report.live.on_per_s > report.live.off_per_s])
            say("pid", os.getpid())
            command = [os.environ["TEST_PYTHON_EXE"], "-m", "gilyield", "doctor", "--pid", str(os.getpid())]
            print(subprocess.run(command, capture_output=True, text=True).stdout, flush=True)
    # Of what starts it there is nothing left: in os.environ, and in the environment that a child process gets.
    said = subprocess.run(["cmd.exe", "/c", "set"], capture_output=True, text=True).stdout.splitlines()
    child = dict(line.split("=", 1) for line in said if "=" in line)
    for found in (os.environ, child):
        say("left", [name for name, ours in STARTERS.items() if ours in found.get(name, "")])
    QtCore.QCoreApplication.exit(7)


def finished():
    pass


say("words", sys.argv[1:])
application = QtWidgets.QApplication.instance()
mine = application is None
if mine:
    application = QtWidgets.QApplication([])
QtCore.QTimer.singleShot(300, look)
if mine:
    sys.exit(getattr(application, "exec", getattr(application, "exec_", None))())

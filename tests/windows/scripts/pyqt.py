# SPDX-License-Identifier: MIT
"""A PyQt program: PyQt releases the GIL itself, and the GUI thread is still first to get it back."""

import importlib
import os
import sys
import time

sys.path.insert(0, os.environ["TEST_SCRIPTS"])
QtWidgets = importlib.import_module(f"PyQt{os.environ['TEST_QT']}.QtWidgets")
made = QtWidgets.QApplication(sys.argv)
from host_support import *  # noqa: E402

enable()
load = Load()
ticks = Ticks()
calls = []
if ENABLED:
    import threading

    import gilyield.gui
    import gilyield.jobs

    def ask():
        calls.append(gilyield.gui.call(lambda: threading.get_ident()))

    threading.Thread(target=ask).start()
    job = gilyield.jobs.start(lambda: sum(range(1000)))
quit_after(SECONDS)
began, count = time.perf_counter(), load.total()
getattr(made, "exec", getattr(made, "exec_", None))()
load.stopped = True
say("late_ms", round(median(ticks.late), 3))
say("loops_per_s", round((load.total() - count) / (time.perf_counter() - began)))
if ENABLED:
    say("on_gui_thread", calls == [threading.get_ident()])
    say("job", job.result())
    status = gilyield.status()
    say("priority", status.priority)
    say("host", status.host)

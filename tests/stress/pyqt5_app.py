# SPDX-License-Identifier: MIT
"""A PyQt5 application started as `python3 pyqt5_app.py`: CPython and its GIL are in the executable, the host releases the GIL itself, and the
GUI thread is first all the same."""

import faulthandler
import sys
import threading
import time

from PyQt5.QtCore import QCoreApplication, QTimer

import gilyield

faulthandler.dump_traceback_later(50, exit=True)


class Spinner(threading.Thread):
    def __init__(self):
        super().__init__(daemon=True)
        self.count = 0

    def run(self):
        while True:
            self.count += 1


def main():
    application = QCoreApplication(sys.argv)
    gilyield.enable(priority="gui")
    spinners = [Spinner() for _ in range(4)]
    late = {"gui": [], "none": []}
    priorities = ["gui", "none"] * 3
    now = {"priority": None, "due": 0.0, "turn": 0}
    seen = []

    def next_turn():
        if now["priority"]:
            seen.append((now["priority"], gilyield.status().priority_active))
        if not priorities:
            application.quit()
            return
        now["priority"] = priorities.pop(0)
        gilyield.configure(priority=now["priority"])
        QTimer.singleShot(800, next_turn)

    def beat():
        # How long it takes to come back for the GIL: from C++ it is not to be seen, so from one release to the next line.
        start = time.monotonic()
        time.sleep(0.001)
        late[now["priority"]].append(time.monotonic() - start - 0.001)

    for spinner in spinners:
        spinner.start()
    timer = QTimer()
    timer.timeout.connect(beat)
    timer.start(13)
    next_turn()
    code = application.exec_()
    medians = {name: sorted(values)[len(values) // 2] for name, values in late.items()}
    print("median time to get the GIL back, ms:", {name: round(1e3 * value, 2) for name, value in medians.items()}, seen,
          [spinner.count for spinner in spinners], flush=True)
    status = gilyield.status()
    assert all(wanted == active for wanted, active in seen), seen
    assert status.host == "releases" and status.stats.yields == 0, status
    assert medians["gui"] < medians["none"] / 4, medians
    assert min(spinner.count for spinner in spinners) > 0
    print("PASSED", flush=True)
    return code


sys.exit(main())

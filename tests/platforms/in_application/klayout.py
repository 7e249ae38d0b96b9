# SPDX-License-Identifier: MIT
import os
import sys

import pya

sys.path.insert(0, os.environ["PLATFORM_DIR"])
import check

timers = []  # they live as long as Python knows them


def schedule(ms, function):
    timer = pya.QTimer()
    timer.singleShot = True
    timer.timeout = function
    timer.start(ms)
    timers.append(timer)


check.begin(schedule)

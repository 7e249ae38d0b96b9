# SPDX-License-Identifier: MIT
"""The demo with a job that raises an exception; DEMO_SCRIPT names this file."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "host"))

import demo


def execute():
    print(10000000)
    raise ArithmeticError("on purpose")


demo.module_with_jobs.execute = execute

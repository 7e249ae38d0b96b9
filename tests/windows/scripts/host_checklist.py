# SPDX-License-Identifier: MIT
"""What the check list of windows.md says is typed, typed in the application's console; nothing else knows where the package is."""

import os
import sys

sys.path.insert(0, os.environ["TEST_SCRIPTS"])
from host_support import *

with open(os.environ["TEST_STEPS"], encoding="utf-8") as file:
    steps = file.read().split("---\n")
console = {}
counts = []


def type_in(text):
    exec(text, console)


def note():
    counts.append(console["n"][0])


type_in(steps[0])
type_in(steps[1])
for ms, act in (
    (500, note), (1500, note), (1600, lambda: type_in("gilyield.disable()")), (1700, note), (2700, note),
    (2800, lambda: type_in("gilyield.enable()")), (3000, note), (4000, note),
    (4100, lambda: type_in("print(gilyield.status()); print(gilyield.stats())")), (4200, application.quit),
):  # fmt: skip
    later(ms, act)


def finished():
    say("counted", [counts[i + 1] - counts[i] for i in (0, 2, 4)])

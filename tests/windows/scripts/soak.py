# SPDX-License-Identifier: MIT
"""Threads of all kinds beside an event loop, in the embedding host or as a PyQt program: in each half of the time every one of them has
to get on, and the loop to handle its timer. TEST_SEED says how many there are, how busy the loop is, and whether gilyield is turned off and on."""

import os
import queue
import random
import sys

sys.path.insert(0, os.environ["TEST_SCRIPTS"])
chance = random.Random(int(os.environ["TEST_SEED"]))
if embedded := os.environ["TEST_PROGRAM"] == "embed_host.exe":
    from host_support import *
else:
    import importlib

    QtWidgets = importlib.import_module(f"PyQt{os.environ['TEST_QT']}.QtWidgets")
    made = QtWidgets.QApplication(sys.argv)
    from host_support import *

import gilyield  # noqa: E402
import gilyield.gui  # noqa: E402

state = {"stopped": False, "off": False}
turns = {}
threads = []
enable()


def thread(name, function):
    turns[name] = 0

    def run():
        while not state["stopped"]:
            function()
            turns[name] += 1

    threads.append(threading.Thread(target=run, daemon=True))
    threads[-1].start()


def pass_on(source, target):
    try:
        target.put(source.get(timeout=0.2))
    except queue.Empty:  # only while all is stopped, as the other one is: but a lost wake-up shows in that nothing goes round
        target.put(1)
        state["lost"] = state.get("lost", 0) + 1


def toggle():
    gilyield.disable()
    state["off"] = True
    time.sleep(0.001)
    turn_on()
    time.sleep(0.005)


def turn_on():
    gilyield.enable(interval_ms=chance.choice((5, 20)))
    state["off"] = False


for number in range(chance.choice((1, 2, 4, 8))):
    thread(f"compute{number}", lambda: sum(range(1000)))
if chance.random() < 0.7:
    thread("sleep", lambda: time.sleep(0.001))
if chance.random() < 0.7:
    one, other = queue.Queue(), queue.Queue()
    one.put(0)
    thread("pair1", lambda: pass_on(one, other))
    thread("pair2", lambda: pass_on(other, one))
if chance.random() < 0.5:
    thread("born", lambda: threading.Thread(target=int).start())
if chance.random() < 0.5:
    thread("calls", lambda: gilyield.gui.submit(int).result())
if chance.random() < 0.3:
    thread("toggle", toggle)

seen = {}
stuck = []
until = [time.perf_counter() + SECONDS * part for part in (0.5, 1)]


class Looks(Ticks):
    """What is to be done at a time is done here, not by other timers: Windows lets a coarse one wait while messages keep coming."""

    def _tick(self):
        super()._tick()
        if state["off"]:  # until somebody turns it on, the thread that would is as frozen as the others
            turn_on()
        if until and time.perf_counter() >= until[0]:
            until.pop(0)
            for name, count in list(turns.items()):
                if seen.get(name, 0) == count:
                    stuck.append(name)
                seen[name] = count
            if not until:
                state["stopped"] = True
                application.quit()


ticks = Looks(busy_ms=chance.choice((0, 0, 2)))


def finished():
    for each in threads:
        each.join(2)  # one that finds the interpreter at its end may say so, which CPython 3.9 does not survive
    say("threads", len(turns))
    say("stuck", stuck)
    say("late_ms", round(max(ticks.late), 1))
    say("turns", turns)


if not embedded:
    getattr(made, "exec", getattr(made, "exec_", None))()
    finished()

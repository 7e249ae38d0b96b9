# SPDX-License-Identifier: MIT
"""While gilyield is off nothing is watched, and nothing is said: the event loop waits, and the GUI thread is not late."""

import os
import time

import gilyield
import host
import inhost


def slow():
    time.sleep(0.25)


def holds_the_gil():
    return [thread for thread in gilyield.threads() if thread.holds or thread.waits]


def script():
    seen = []
    gilyield.watch(100, file=os.devnull, on_stall=seen.append)
    yield 300
    gilyield.disable()  # in the midst of a turn, whose end nobody will see
    assert not holds_the_gil(), "nobody is seen to have it"
    yield 500
    gilyield.unwatch()
    gilyield.watch(100, file=os.devnull, on_stall=seen.append)  # begins in the midst of one
    yield 500
    host.single_shot(0, slow)
    yield 500
    gilyield.enable()
    yield 300
    assert not [stall for stall in seen if "in slow" not in stall.text and "called by no Python" in stall.text], seen
    assert not [stall for stall in seen if "in slow" in stall.text], "what was done while gilyield was off was reported"
    held = {thread.name: thread.longest_hold_ns for thread in gilyield.threads() if thread.on_gui}
    assert all(ns < 1e9 for ns in held.values()), f"the time in which it was off counts as held: {held}"
    for _ in range(50):
        host.single_shot(0, slow)
        yield 400
        if any("in slow" in stall.text for stall in seen):
            break
    assert any("in slow" in stall.text for stall in seen), f"it was not watched again: {seen}"
    del seen[:]
    gilyield.disable()
    gilyield.enable()  # the rest of this turn is watched
    slow()
    for _ in range(50):
        yield 100
        if seen:
            break
    assert any("in slow" in stall.text for stall in seen), f"it is not watched in the turn that turned it on: {seen}"
    gilyield.unwatch()


inhost.run(script)

# SPDX-License-Identifier: MIT
"""A loop that is turned by hand until a thread is done, `while thread.is_alive(): processEvents()`, and what the thread gets beside it.

For the GUI thread, inside an application that has gilyield. Shares are of processor time, which other programs do not change.
"""

import threading
import time

WORK_S = 0.15
CHANCES = 6
#: Of the share that the thread has without gilyield.
LEAST = 0.8
#: What a loop that works leaves to it, of 1: slice / (interval + slice) is 0.2.
LEFT = (0.05, 0.4)


def work():
    end = time.thread_time() + WORK_S
    while time.thread_time() < end:
        for _ in range(200):
            pass


def share(turn):
    """Return what the thread has of the processor time of both while the loop is turned by turn()."""
    thread = threading.Thread(target=work)
    begin = time.thread_time()
    thread.start()
    while thread.is_alive():
        turn()
    return WORK_S / (WORK_S + time.thread_time() - begin)


def beside_and_without(turn):
    """Return the thread's share with gilyield and without."""
    import gilyield

    beside = share(turn)
    gilyield.disable()
    try:
        return beside, share(turn)
    finally:
        gilyield.enable()


def compute(seconds):
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def check(turns, process_events, say=print):
    """Assert that a pump takes no more with gilyield than without, and that a loop that works keeps its part.

    turns: functions by name, each turns the loop once and does next to nothing else.
    """

    def works():
        compute(0.001)
        process_events()

    for name, turn in turns.items():
        for _ in range(CHANCES):
            beside, without = beside_and_without(turn)
            say(f"pump {name}: share of the thread {beside:.2f}, without gilyield {without:.2f}")
            if beside >= LEAST * without:
                break
        else:
            raise AssertionError(f"{name}: a thread beside a pump gets {beside:.2f}, without gilyield {without:.2f}")
    for _ in range(CHANCES):
        left = share(works)
        say(f"loop that works: share of the thread {left:.2f}")
        if LEFT[0] < left < LEFT[1]:
            return
    raise AssertionError(f"a loop that works leaves {left:.2f} of the time")

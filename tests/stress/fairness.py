# SPDX-License-Identifier: MIT
"""Eight equal threads get equal shares beside a GUI thread with events, with slots, and with no pause at all."""

import host
import stress

THREADS = 8
WINDOWS = 5  # luck evens out with time, unfairness does not


def script():
    yield from stress.gui_first()
    spinners = stress.Spinners(THREADS)
    window = int(300 * stress.SECONDS)

    def events():
        host.latency_start(7, 16, lambda: None)
        yield window
        host.latency_stop()

    def slots():
        host.slot_start(35, lambda: host.busy(6))
        yield window
        host.slot_stop()

    def flood():
        host.flood_start(0, lambda: host.busy(0.3))
        yield window
        host.flood_stop()

    for name, load, most, least in (("events", events, 0.25, 0.5), ("slots", slots, 0.25, 0.5), ("a flood", flood, 0.25, 0.5)):
        shares = stress.Shares(spinners)
        for _ in range(WINDOWS):
            yield from load()
            _, used = shares.used()
            mean = sum(used) / THREADS
            spread = max(max(used) - mean, mean - min(used)) / mean
            print(f"{name}: spread {spread:.2f} of", " ".join(f"{seconds:.2f}" for seconds in used), "s", flush=True)
            if spread < most and min(used) > least * mean:
                break
        else:
            raise AssertionError(f"unfair beside {name}: {used}")
    spinners.stop()


stress.run(script)

# SPDX-License-Identifier: MIT
"""Every timer, notifier, posted event, native event filter, window event and paint runs with the GIL held by the GUI thread."""

import os

import gilyield
import host
import inhost


def expect_wait():
    """Assert that the wait is wrapped in the way that this set-up is about."""
    glib = "QT_NO_GLIB" not in os.environ
    assert ("Glib" in host.dispatcher()) == glib, host.dispatcher()
    wanted = "none" if inhost.mode() == "timer" else "glib" if glib else "unix"
    assert gilyield.status().wait == wanted, gilyield.status()


def kinds_wanted():
    kinds = {"timer", "zero_timer", "notifier", "posted", "window", "paint"}
    if os.environ["QT_QPA_PLATFORM"] == "xcb":
        kinds.add("native")  # no platform but a real one has native events
    return kinds


def script():
    expect_wait()
    spinners = inhost.Spinners(2)
    gilyield.reset_stats()
    host.probe_start()
    yield 600
    host.nested_loop(300)
    host.modal_dialog(300)
    host.menu(200)
    assert any(host.worker_qthread(300) > 0 for _ in range(inhost.CHANCES))
    host.process_events(200)
    host.qprocess_wait(["sleep", "0.2"], 10000)
    host.single_shot(20, lambda: host.modal_dialog(200))
    host.nested_loop(400)
    yield 200
    counts = host.probe_stop()
    print(counts, flush=True)
    print(gilyield.stats(), flush=True)
    assert all(unsafe == 0 for _, unsafe in counts.values()), f"without the GIL: {counts}"
    missing = [kind for kind in kinds_wanted() if counts[kind][0] == 0]
    assert not missing, f"never seen: {missing}"
    assert sum(safe for safe, _ in counts.values()) >= 1000, counts
    # The proof is worth something only if the GIL was away often, and others had it.
    stats = gilyield.stats()
    assert stats.yields > 20 and stats.handovers > 20, stats
    spinners.stop()


inhost.run(script)

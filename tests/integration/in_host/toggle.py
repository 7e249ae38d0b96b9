# SPDX-License-Identifier: MIT
"""disable() stops the threads and enable() lets them go on, from the GUI thread and from another; so do pauses."""

import threading

import gilyield
import host
import inhost


def on_other_thread(function):
    """Call it there; the GUI thread waits in Python, so the other gets the GIL in any case."""
    thread = threading.Thread(target=function)
    thread.start()
    thread.join()


def here(function):
    function()


def switch_off_and_on(spinners, call, where):
    call(gilyield.disable)
    assert not gilyield.is_enabled()
    yield 50
    status = gilyield.status()
    assert status.state == "dormant" and status.wait == "none" and status.priority_active == "none", status
    yields = gilyield.stats().yields
    yield from spinners.stall(f"the event loop, disabled {where}")
    assert gilyield.stats().yields == yields
    gilyield.reset_stats()
    call(gilyield.enable)
    assert gilyield.is_enabled()
    yield 50
    assert gilyield.status().state == "running", gilyield.status()
    yield from spinners.progress(f"the event loop, enabled {where}")
    assert gilyield.stats().yields > 0


def pause(spinners):
    with gilyield.paused():
        assert gilyield.is_enabled() and gilyield.status().paused == 1
        yields = gilyield.stats().yields
        yield from spinners.stall("a nested loop, paused", lambda: host.nested_loop(400))
        with gilyield.paused():
            assert gilyield.status().paused == 2
        yield from spinners.stall("the event loop, paused")
        assert gilyield.stats().yields == yields
    assert gilyield.status().paused == 0
    yield from spinners.progress("the event loop after a pause")


def script():
    spinners = inhost.Spinners()
    assert gilyield.is_enabled() and gilyield.status().mode == inhost.mode()
    yield from spinners.progress()
    yield from switch_off_and_on(spinners, here, "here")
    yield from switch_off_and_on(spinners, on_other_thread, "elsewhere")
    yield from pause(spinners)
    for mode in ("timer", "wait", "auto"):
        gilyield.configure(mode=mode)
        assert gilyield.status().mode == mode
        yield from spinners.progress(f"the event loop after configure(mode={mode!r})", least=inhost.PROGRESS[mode])
    gilyield.configure(mode=inhost.mode())
    spinners.stop()


inhost.run(script)

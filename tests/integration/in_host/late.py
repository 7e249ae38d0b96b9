# SPDX-License-Identifier: MIT
"""Loaded into a running application without LD_PRELOAD: late.py import|ctypes here|elsewhere [library].

`import`: the module finds the library for this Qt, and enable() starts it. `ctypes`: the library is loaded by its path, as any
program could, and GILYIELD=1 starts it. `elsewhere`: from another thread than the GUI's.
"""

import ctypes
import threading

import inhost


def load_module():
    import gilyield

    assert not gilyield.is_enabled()
    gilyield.enable()


def load_library():
    ctypes.CDLL(inhost.argument(3))


def script():
    load = load_module if inhost.argument(1) == "import" else load_library
    spinners = inhost.Spinners()
    yield from spinners.stall("the event loop before")
    if inhost.argument(2) == "here":
        load()
    else:
        thread = threading.Thread(target=load)
        thread.start()
        thread.join()
    yield 50
    yield from spinners.progress("the event loop after")
    import gilyield

    status = gilyield.status()
    assert status.state == "running" and status.on_gui_thread, status
    assert status.wait == ("none" if inhost.mode() == "timer" else "glib"), status
    gilyield.disable()
    yield from spinners.stall("the event loop, disabled")
    spinners.stop()


inhost.run(script)

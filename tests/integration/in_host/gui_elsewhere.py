# SPDX-License-Identifier: MIT
"""gilyield.gui, loaded by another thread than the GUI thread, which has had no event since: it knows itself all the same."""

import faulthandler
import threading

import host

faulthandler.dump_traceback_later(50, exit=True)


def begin():
    seen = []

    def load():
        from gilyield import gui

        seen.append(gui.is_gui_thread())

    thread = threading.Thread(target=load)
    thread.start()
    thread.join()
    from gilyield import gui

    assert seen == [False]
    assert gui.is_gui_thread()
    assert gui.call_within(1, threading.get_ident) == threading.get_ident()
    thread = threading.Thread(target=lambda: seen.append(gui.submit(gui.is_gui_thread)))
    thread.start()
    thread.join()
    seen[1].add_done_callback(lambda future: print("PASSED", flush=True) if future.result() else None)
    host.single_shot(100, host.quit)


host.on_exec(begin)

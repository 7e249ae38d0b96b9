# SPDX-License-Identifier: MIT
"""Another library had hooked into GLib's poll before us, and puts back what was there while ours is on top: enabling again mends it."""

import ctypes

import gilyield
import inhost

glib, libc = ctypes.CDLL("libglib-2.0.so.0"), ctypes.CDLL(None)
glib.g_main_context_get_poll_func.restype = ctypes.c_void_p
glib.g_main_context_set_poll_func.argtypes = [ctypes.c_void_p, ctypes.c_void_p]


def script():
    gilyield.disable()
    yield 10
    original = glib.g_main_context_get_poll_func(None)
    glib.g_main_context_set_poll_func(None, ctypes.cast(libc.poll, ctypes.c_void_p))
    gilyield.enable()
    spinners = inhost.Spinners(1)
    yield from spinners.progress("a loop with two hooks")
    glib.g_main_context_set_poll_func(None, original)
    for _ in range(2):
        gilyield.disable()
        yield 10
        gilyield.enable()
        yield from spinners.progress("a loop from which the first hook has gone")
    gilyield.disable()
    assert glib.g_main_context_get_poll_func(None) == original
    spinners.stop()


inhost.run(script)

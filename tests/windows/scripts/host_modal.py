# SPDX-License-Identifier: MIT
"""Windows' own loops, which are not Qt's: a MessageBox, a native file dialog, a menu, a window that is moved, drag and drop. How much of
the time the GIL is away in each, and how fast a thread is beside how fast it is in Qt's loop."""

import ctypes
import os
import sys
import time
from ctypes import wintypes

sys.path.insert(0, os.environ["TEST_SCRIPTS"])
from host_support import *

enable()
load = Load()
OPEN_MS = 1000
TITLE = "gilyield test"
WM_CLOSE, WM_KEYDOWN, WM_COMMAND, WM_SYSCOMMAND = 0x0010, 0x0100, 0x0111, 0x0112
IDOK, IDCANCEL, SC_MOVE, VK_RETURN = 1, 2, 0xF010, 0x0D
# PyDLL keeps the GIL, as a host does.
user32, dialogs = ctypes.PyDLL("user32.dll"), ctypes.PyDLL("comdlg32.dll")
user32.CreateWindowExW.restype = user32.FindWindowW.restype = user32.CreatePopupMenu.restype = ctypes.c_void_p
user32.CreateWindowExW.argtypes = [wintypes.DWORD, wintypes.LPCWSTR, wintypes.LPCWSTR, wintypes.DWORD, *[ctypes.c_int] * 4, *[ctypes.c_void_p] * 4]
user32.PostMessageW.argtypes = user32.SendMessageW.argtypes = [ctypes.c_void_p, ctypes.c_uint, ctypes.c_size_t, ctypes.c_size_t]
user32.AppendMenuW.argtypes = [ctypes.c_void_p, ctypes.c_uint, ctypes.c_size_t, wintypes.LPCWSTR]
user32.TrackPopupMenu.argtypes = [ctypes.c_void_p, ctypes.c_uint, *[ctypes.c_int] * 3, ctypes.c_void_p, ctypes.c_void_p]
user32.SetTimer.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_void_p]
user32.KillTimer.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
user32.SetTimer.restype = ctypes.c_size_t


class OpenFileName(ctypes.Structure):
    """OPENFILENAMEW."""

    _fields_ = (
        ("size", wintypes.DWORD), ("owner", ctypes.c_void_p), ("instance", ctypes.c_void_p), ("filter", wintypes.LPCWSTR),
        ("custom_filter", ctypes.c_void_p), ("max_custom_filter", wintypes.DWORD), ("filter_index", wintypes.DWORD),
        ("file", ctypes.c_void_p), ("max_file", wintypes.DWORD), ("file_title", ctypes.c_void_p), ("max_file_title", wintypes.DWORD),
        ("initial_dir", wintypes.LPCWSTR), ("title", wintypes.LPCWSTR), ("flags", wintypes.DWORD), ("file_offset", wintypes.WORD),
        ("file_extension", wintypes.WORD), ("def_ext", wintypes.LPCWSTR), ("data", ctypes.c_void_p), ("hook", ctypes.c_void_p),
        ("template", wintypes.LPCWSTR), ("reserved", ctypes.c_void_p), ("reserved_int", wintypes.DWORD), ("flags_ex", wintypes.DWORD),
    )  # fmt: skip


def native_window():
    style = 0x10CF0000  # WS_OVERLAPPEDWINDOW | WS_VISIBLE
    return user32.CreateWindowExW(0, "STATIC", TITLE, style, 10, 10, 300, 200, None, None, None, None)


def box():
    user32.MessageBoxW(None, ctypes.c_wchar_p("a loop of Windows"), ctypes.c_wchar_p(TITLE), 0)


def close_box():
    user32.PostMessageW(user32.FindWindowW(None, ctypes.c_wchar_p(TITLE)), WM_COMMAND, IDOK, 0)


def file_dialog():
    path = ctypes.create_unicode_buffer(1024)
    options = OpenFileName(size=ctypes.sizeof(OpenFileName), file=ctypes.addressof(path), max_file=1024, title=TITLE, initial_dir="Z:\\tmp", flags=0x80000)
    dialogs.GetOpenFileNameW(ctypes.byref(options))


def close_file_dialog():
    user32.PostMessageW(user32.FindWindowW(None, ctypes.c_wchar_p(TITLE)), WM_COMMAND, IDCANCEL, 0)


def menu():
    handle = user32.CreatePopupMenu()
    for number in range(1, 4):
        user32.AppendMenuW(handle, 0, number, f"entry {number}")
    user32.TrackPopupMenu(handle, 0x0100, 20, 20, 0, window, None)


def close_menu():
    user32.EndMenu()


def move():
    user32.SendMessageW(window, WM_SYSCOMMAND, SC_MOVE, 0)


def end_move():
    user32.PostMessageW(window, WM_KEYDOWN, VK_RETURN, 0)


class Drag:
    """OLE's drag and drop, of what the clipboard has; its source ends it."""

    CANCEL, USE_DEFAULT_CURSORS, E_NOINTERFACE = 0x40101, 0x40102, -0x7FFFBFFE

    def __init__(self):
        method = ctypes.PYFUNCTYPE(ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
        self.ended = False
        self.methods = [
            method(lambda *_: self.E_NOINTERFACE), method(lambda *_: 1), method(lambda *_: 1),  # of IUnknown
            method(lambda *_: self.CANCEL if self.ended else 0), method(lambda *_: self.USE_DEFAULT_CURSORS),
        ]  # fmt: skip
        self.table = (ctypes.c_void_p * 5)(*[ctypes.cast(each, ctypes.c_void_p) for each in self.methods])
        self.source = ctypes.c_void_p(ctypes.addressof(self.table))

    def open(self):
        ole = ctypes.PyDLL("ole32.dll")
        data, effect = ctypes.c_void_p(), ctypes.c_ulong()
        ole.OleInitialize(None)
        ole.OleGetClipboard(ctypes.byref(data))
        ole.DoDragDrop(data, ctypes.byref(self.source), 1, ctypes.byref(effect))

    def close(self):
        self.ended = True


drag = Drag()
LOOPS = {
    "box": (box, close_box), "files": (file_dialog, close_file_dialog), "menu": (menu, close_menu), "move": (move, end_move),
    "drag": (drag.open, drag.close),
}  # fmt: skip
name = os.environ.get("TEST_LOOP", "box")
opens, closes = LOOPS[name]
speeds = {}


def measure(place, began, count):
    speeds[place] = (load.total() - count) / (time.perf_counter() - began)


def in_qt():
    began, count = time.perf_counter(), load.total()
    later(OPEN_MS, lambda: (measure("qt", began, count), in_windows()))


def in_windows():
    """Measured is from a moment in which it is open until it is told to close: what a system needs for that is not the loop's."""
    global window
    window = native_window() if name in ("menu", "move") else None
    state = {}

    def tick(*_):
        if not state:
            state.update(began=time.perf_counter(), count=load.total())
            if ENABLED:
                gilyield.reset_stats()
        elif time.perf_counter() - state["began"] > OPEN_MS / 1000 and "closed" not in state:
            measure("windows", state["began"], state["count"])
            state["closed"] = True
            if ENABLED:
                stats = gilyield.stats()
                say("away", round(stats.released_ns / stats.elapsed_ns, 3))
            closes()

    callback = ctypes.PYFUNCTYPE(None, ctypes.c_void_p, ctypes.c_uint, ctypes.c_size_t, ctypes.c_ulong)(tick)
    timer = user32.SetTimer(None, 0, OPEN_MS // 4, callback)
    opens()
    user32.KillTimer(None, timer)
    say("opened", "closed" in state)
    application.quit()


if ENABLED:
    import gilyield
later(200, in_qt)


def finished():
    load.stopped = True
    say("ratio", round(speeds["windows"] / speeds["qt"], 3))

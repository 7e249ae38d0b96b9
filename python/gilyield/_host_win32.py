# SPDX-License-Identifier: MIT
"""What gilyield.doctor() asks of the system and of Qt's ABI, which is Visual C++'s."""

import ctypes
import os
import re
import sys

assert sys.platform == "win32"  # for type checkers: the twin is _host_linux.py

#: QEventLoop's constructor, destructor and exec(), QTimer::singleShot()
CONSTRUCT, DESTROY = "??0QEventLoop@@QEAA@PEAVQObject@@@Z", "??1QEventLoop@@UEAA@XZ"
EXEC = "?exec@QEventLoop@@QEAAHV?$QFlags@W4ProcessEventsFlag@QEventLoop@@@@@Z"
LATER = "?singleShot@QTimer@@SAXHPEBVQObject@@PEBD@Z"

_NAMES = ("Qt5Core.dll", "Qt6Core.dll", "Qt5Cored.dll", "Qt6Cored.dll")


def qt_core() -> str:
    """Return the name of Qt Core in this process, "" if there is none."""
    kernel = ctypes.WinDLL("kernel32")
    kernel.GetModuleHandleW.restype = ctypes.c_void_p
    return next((name for name in _NAMES if kernel.GetModuleHandleW(name)), "")


def is_python_program() -> bool:
    """Return whether the program is an interpreter, which a script was given to."""
    path = ctypes.create_unicode_buffer(32768)
    ctypes.WinDLL("kernel32").GetModuleFileNameW(None, path, len(path))
    return re.fullmatch(r"pythonw?[\d.]*t?\.exe", os.path.basename(path.value), re.IGNORECASE) is not None

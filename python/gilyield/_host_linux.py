# SPDX-License-Identifier: MIT
"""What gilyield.doctor() asks of the system and of Qt's ABI."""

import os
import re
import sys

assert sys.platform != "win32"  # for type checkers: the twin is _host_win32.py

#: QEventLoop's constructor, destructor and exec(), QTimer::singleShot()
CONSTRUCT, DESTROY = "_ZN10QEventLoopC1EP7QObject", "_ZN10QEventLoopD1Ev"
EXEC = "_ZN10QEventLoop4execE6QFlagsINS_17ProcessEventsFlagEE"
LATER = "_ZN6QTimer10singleShotEiPK7QObjectPKc"


def qt_core() -> str:
    """Return the path of Qt Core in this process, "" if there is none."""
    with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as maps:
        for line in maps:
            match = re.search(r"(/\S*/libQt[56]Core[^/]*\.so\S*)$", line.strip())
            if match:
                return match.group(1)
    return ""


def is_python_program() -> bool:
    """Return whether the program is an interpreter, which a script was given to."""
    try:
        return re.fullmatch(r"python[\d.]*t?", os.path.basename(os.readlink("/proc/self/exe"))) is not None
    except OSError:
        return False

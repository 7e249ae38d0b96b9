# SPDX-License-Identifier: MIT
"""What threads do with the GIL while nobody waits for it is counted while somebody wants to know, and not for good."""

import ctypes
import os
import tempfile
import time

import gilyield
import inhost
from gilyield._command import top

CONTENDED, HOLDER, ALL = range(3)


def counted(table):
    for _ in range(10):
        time.sleep(0.001)  # lets go of the GIL and takes it, alone
    return ctypes.c_int.from_address(table.detail).value


def script():
    yield 200
    table = top._find(os.getpid())
    until = ctypes.c_uint64.from_address(table.until)
    assert counted(table) == CONTENDED
    gilyield.threads()
    before = next(thread.takes for thread in gilyield.threads() if thread.on_gui)
    assert counted(table) == ALL and until.value > time.monotonic_ns()
    assert next(thread.takes for thread in gilyield.threads() if thread.on_gui) >= before + 10
    until.value = time.monotonic_ns()
    assert counted(table) == CONTENDED, "a minute after the last threads()"
    gilyield.watch(100, file=os.devnull)
    assert counted(table) == HOLDER
    gilyield.trace_start()
    assert counted(table) == ALL
    with tempfile.TemporaryDirectory() as directory:
        gilyield.trace_stop(os.path.join(directory, "gil.json"))
    assert counted(table) == HOLDER
    gilyield.unwatch()
    assert counted(table) == CONTENDED
    top._threads(os.getpid(), table, 1.0)
    assert counted(table) == ALL, "gilyield top looks"


inhost.run(script)

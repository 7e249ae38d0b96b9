# SPDX-License-Identifier: MIT
"""Who is watched cannot tell: no signal comes, no system call is interrupted, no sleep ends early, errno is what the last call left."""

import ctypes
import errno
import os
import signal
import socket
import tempfile
import time

import gilyield
import host
import inhost

THRESHOLD_MS = 50
STALL_MS = 300
CHANCES = 4
libc = ctypes.CDLL(None, use_errno=True)
keeping = ctypes.PyDLL(None, use_errno=True)


class Timespec(ctypes.Structure):
    _fields_ = [("seconds", ctypes.c_long), ("ns", ctypes.c_long)]


def receive(library):
    """recv() with a limit, which no kernel begins anew after a signal, whatever its handler's flags."""
    one, other = socket.socketpair()
    with one, other:
        one.setblocking(True)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, (STALL_MS // 1000).to_bytes(8, "little") + (1000 * STALL_MS).to_bytes(8, "little"))
        buffer = ctypes.create_string_buffer(1)
        return library.recv(one.fileno(), buffer, 1, 0), ctypes.get_errno()


def sleep(library):
    rest = Timespec(7, 7)
    code = library.nanosleep(ctypes.byref(Timespec(0, STALL_MS * 1000000)), ctypes.byref(rest))
    return code, ctypes.get_errno() if code else (rest.seconds, rest.ns)


def poll(library):
    return library.poll(None, 0, STALL_MS), ctypes.get_errno()


def compute(library):
    """The last call before it has failed; nothing in between may write errno."""
    ctypes.set_errno(errno.EBADMSG)
    end = time.monotonic() + STALL_MS / 1000
    while time.monotonic() < end:
        pass
    return 0, ctypes.get_errno()


def c_computes(library):
    """errno of the thread itself, which C code left behind and looks at later: ctypes has a copy of its own."""
    library.__errno_location.restype = ctypes.POINTER(ctypes.c_int)
    place = library.__errno_location()
    place[0] = errno.EXDEV
    host.busy(STALL_MS)
    return 0, place[0]


SYSTEM_CALLS = {receive: (-1, errno.EAGAIN), sleep: (0, (7, 7)), poll: (0, 0)}
COMPUTATIONS = {compute: (0, errno.EBADMSG), c_computes: (0, errno.EXDEV)}


def figures(pid):
    with open(f"/proc/self/task/{pid}/status") as status:
        return {line.split(":")[0]: line.split(":")[1].strip() for line in status}


def run_as_slot(kind, library, results):
    ctypes.set_errno(0)
    before = inhost.voluntary_switches()
    result = kind(library)
    results.append((result, inhost.voluntary_switches() - before))


def cases():
    for library in libc, keeping:
        for kind, wanted in {**SYSTEM_CALLS, **COMPUTATIONS}.items():
            yield library, kind, wanted


def handlers():
    return {number: signal.getsignal(number) for number in signal.valid_signals() if number not in (signal.SIGKILL, signal.SIGSTOP)}


def script():
    seen = []
    masks = figures(os.getpid())
    installed = handlers()
    gilyield.watch(THRESHOLD_MS, file=os.devnull, on_stall=seen.append)
    gilyield.trace_start()
    gilyield.threads()
    yield 200
    for library, kind, wanted in cases():
        for _ in range(CHANCES):
            del seen[:]
            results = []
            host.single_shot(0, lambda: run_as_slot(kind, library, results))
            for _ in range(50):
                yield 100
                if results and seen:
                    break
            assert seen, f"{kind.__name__}: it was not watched"
            (result, switches), = results
            assert result == wanted, (kind.__name__, result, wanted)
            # One sleep; taking the GIL back may be one more. A watched thread is not woken for each of the looks.
            if kind not in SYSTEM_CALLS or switches <= 3:
                break
        else:
            raise AssertionError(f"{kind.__name__}: woken {switches} times in {STALL_MS} ms")
    with tempfile.TemporaryDirectory() as directory:
        gilyield.trace_stop(os.path.join(directory, "gil.json"))
    after = figures(os.getpid())
    for field in "SigCgt", "SigBlk", "SigIgn", "SigPnd", "ShdPnd":
        assert after[field] == masks[field], (field, masks[field], after[field])
    assert handlers() == installed
    gilyield.unwatch()


inhost.run(script)

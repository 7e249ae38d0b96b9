# SPDX-License-Identifier: MIT
"""While threads compute, the GUI thread and one that needs little have a short time slice, and only they, and only then."""

import ctypes
import os
import platform
import subprocess
import threading
import time

import gilyield
import host
import inhost

SHORT_NS = 100_000
SCHED_GETATTR = {"x86_64": 315, "aarch64": 275}
libc = ctypes.CDLL(None, use_errno=True)


class Attributes(ctypes.Structure):
    _fields_ = [("size", ctypes.c_uint32), ("policy", ctypes.c_uint32), ("flags", ctypes.c_uint64), ("nice", ctypes.c_int32),
                ("priority", ctypes.c_uint32), ("runtime", ctypes.c_uint64), ("deadline", ctypes.c_uint64), ("period", ctypes.c_uint64)]  # fmt: skip


def turn_ns(thread=0):
    attributes = Attributes()
    if libc.syscall(SCHED_GETATTR[platform.machine()], thread, ctypes.byref(attributes), ctypes.sizeof(attributes), 0) != 0:
        raise OSError(ctypes.get_errno(), "sched_getattr")
    return attributes.runtime


def thread_of_c():
    """Start a thread that never comes near Python; return its number."""
    before = set(os.listdir("/proc/self/task"))
    ident = ctypes.c_ulong()
    libc.pthread_create(ctypes.byref(ident), None, ctypes.cast(libc.sleep, ctypes.c_void_p), ctypes.c_void_p(2))
    (number,) = set(os.listdir("/proc/self/task")) - before
    return int(number)


class Sleeper(threading.Thread):
    """Needs little."""

    def __init__(self):
        super().__init__(daemon=True)
        self.stopping = False
        self.start()

    def run(self):
        while not self.stopping:
            time.sleep(0.001)


def until(condition, what):
    """Generator."""
    for _ in range(300):
        yield 10
        if condition():
            return
    raise AssertionError(what)


def script():
    usual = turn_ns()
    if usual <= SHORT_NS:
        print("skipped: this kernel knows no turns of its threads' own, as Linux has from 6.12 on", flush=True)
        os._exit(77)
    spinners = inhost.Spinners(2)
    host.latency_start(2, 4, lambda: None)
    for _ in range(2):
        gilyield.enable()
        yield from until(lambda: turn_ns() == SHORT_NS, f"threads are in the way, and the GUI thread's turns are {turn_ns()} ns")
        # Threads inherit, and those of Python give it back at their first wait for the GIL. Forked processes do.
        started = inhost.Spinners(1)
        ids = [thread.native_id for thread in spinners.threads + started.threads]
        yield from until(lambda: [turn_ns(id) for id in ids] == [usual] * 3, f"turns of others: {[turn_ns(id) for id in ids]}")
        pid = os.fork()
        if pid == 0:
            os._exit(turn_ns() != usual)
        assert os.waitpid(pid, 0)[1] == 0, "a forked process has the short slice"
        with subprocess.Popen(["sleep", "60"]) as child:  # by vfork, from Python 3.10 on
            others = [turn_ns(child.pid), turn_ns(thread_of_c())]
            child.kill()
        assert others == [usual] * 2, f"turns of a program and of a thread without Python: {others}"
        started.stop()
        sleeper = Sleeper()
        yield from until(lambda: turn_ns(sleeper.native_id) == SHORT_NS, f"a thread that needs little has {turn_ns(sleeper.native_id)} ns")
        assert [turn_ns(thread.native_id) for thread in spinners.threads] == [usual] * 2, "threads that compute have short slices"
        gilyield.disable()
        assert turn_ns() == usual, f"after disable(): {turn_ns()} ns, not {usual}"
        assert turn_ns(sleeper.native_id) == usual, f"after disable() the sleeper has {turn_ns(sleeper.native_id)} ns, not {usual}"
        sleeper.stopping = True
    gilyield.enable()
    yield from until(lambda: turn_ns() == SHORT_NS, "once more")
    spinners.stop()
    yield from until(lambda: turn_ns() == usual, f"nobody is in the way any more, and the GUI thread's turns are {turn_ns()} ns")
    host.latency_stop()


inhost.run(script)

# SPDX-License-Identifier: MIT
"""socket_waits.py LIBRARY [stalls]: QTcpSocket and QLocalSocket wait on the GUI thread, in C++ code that keeps the GIL. Threads run meanwhile,
and one of them may be what is waited for; with "stalls" they do not."""

import ctypes
import socket
import threading
import time

import inhost

LIMIT_MS = 10000
native = ctypes.PyDLL(inhost.argument(1))


def tcp_pair():
    with socket.create_server(("127.0.0.1", 0)) as server:
        one = socket.create_connection(server.getsockname())
        return one, server.accept()[0]


WAITS = {"QTcpSocket": (native.wait_for_tcp, tcp_pair), "QLocalSocket": (native.wait_for_local, socket.socketpair)}


def wait(name, ms, write=False):
    """Return whether something came. write: a thread writes, after a while in which it needs the GIL."""
    function, pair = WAITS[name]
    ours, theirs = pair()
    with theirs:
        if write:
            threading.Thread(target=write_late, args=(theirs,)).start()
        return function(ours.detach(), ms) == 1


def write_late(to):
    for _ in range(20):
        time.sleep(0.001)
    to.send(b"x")


def script():
    stalls = inhost.argument(2) == "stalls"
    spinners = inhost.Spinners()
    for name in WAITS:
        check = spinners.stall if stalls else spinners.progress
        yield from check(f"{name}::waitForReadyRead", lambda: wait(name, inhost.WINDOW_MS))
        if not stalls:
            assert wait(name, LIMIT_MS, write=True), f"{name}: nothing came from a thread within {LIMIT_MS} ms"
    spinners.stop()


inhost.run(script)

# SPDX-License-Identifier: MIT
"""QLocalSocket and QProcess in the GUI thread: in Qt 5 their pipes are read by completion routines inside the loop's wait."""

import os
import sys

sys.path.insert(0, os.environ["TEST_SCRIPTS"])
from host_support import *

enable()
load = Load()
ROUNDS = 100
done = {"bytes": 0, "rounds": 0, "processes": 0}
kept, said = [], []
server = QtNetwork.QLocalServer()
say("listens", server.listen("gilyield-test-%d" % os.getpid()))


def serve():
    socket = server.nextPendingConnection()
    kept.append(socket)
    socket.readyRead.connect(lambda: socket.write(bytes(socket.readAll())))


def one_round():
    socket = QtNetwork.QLocalSocket()
    kept.append(socket)

    def read():
        done["bytes"] += len(socket.readAll())
        socket.disconnectFromServer()

    def gone():
        done["rounds"] += 1
        if done["rounds"] < ROUNDS:
            later(0, one_round)
        else:
            run_process()

    socket.connected.connect(lambda: socket.write(b"x" * 1000))
    socket.readyRead.connect(read)
    socket.disconnected.connect(gone)
    socket.connectToServer(server.serverName())


def run_process():
    process = QtCore.QProcess()
    kept.append(process)
    process.readyReadStandardOutput.connect(lambda: said.append(bytes(process.readAllStandardOutput())))
    process.finished.connect(lambda *_: application.quit())
    process.start("cmd.exe", ["/c", "echo", "hello"])


server.newConnection.connect(serve)
later(0, one_round)
quit_after(20)


def finished():
    load.stopped = True
    say("bytes", done["bytes"])
    say("process", b"".join(said).decode().strip())
    say("counted", load.total() > 0)

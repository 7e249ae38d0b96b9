# SPDX-License-Identifier: MIT
"""Reports go to a file that cannot be written: watch() says so if it can be known, and else the host and on_stall are unharmed."""

import errno
import os
import tempfile
import time

import gilyield
import host
import inhost


def refused(path, reason):
    try:
        gilyield.watch(100, file=path)
    except gilyield.Error as error:
        assert str(error) == f"{path}: the file cannot be written: {os.strerror(reason)}", error
        assert not gilyield.status().watch_ms, "nothing was to watch"
        return
    raise AssertionError(f"{path} was accepted")


def slow():
    time.sleep(0.2)


def script():
    with tempfile.TemporaryDirectory() as directory:
        fifo = os.path.join(directory, "fifo")
        os.mkfifo(fifo)
        refused(os.path.join(directory, "no", "where.txt"), errno.ENOENT)
        refused(directory, errno.EISDIR)
        refused(fifo, errno.ENXIO)
        reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
        seen = []
        gilyield.watch(100, file=fifo, on_stall=seen.append)
        yield 300
        os.close(reader)
        yield from stalls(seen)  # a broken pipe: no signal ends the host
        gilyield.watch(100, file="/dev/full", on_stall=seen.append)
        yield from stalls(seen)
        gilyield.unwatch()


def stalls(seen):
    for _ in range(2):
        del seen[:]
        host.single_shot(0, slow)
        for _ in range(50):
            yield 100
            if seen:
                break
        assert any("in slow" in stall.text for stall in seen), seen


inhost.run(script)

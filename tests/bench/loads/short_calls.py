# SPDX-License-Identifier: MIT
"""Calls per second of short calls of C libraries, most of which release the GIL in each, beside threads that compute: on a background thread, and
in a slot of the GUI thread. See releasing.py."""

import hashlib
import sqlite3
import threading
import time

import host
from load import WARM_UP_MS, Threads, run

SLOT_MS = 10  # for so long a slot makes calls, every SLOT_PERIOD_MS
SLOT_PERIOD_MS = 20


def vtk():
    from vtkmodules.vtkCommonCore import vtkVersion
    from vtkmodules.vtkFiltersSources import vtkSphereSource

    source = vtkSphereSource()

    def call():
        source.Modified()
        source.Update()

    return call, vtkVersion.GetVTKVersion()


def simpleitk():
    import SimpleITK

    image = SimpleITK.Image(64, 64, SimpleITK.sitkFloat32)
    return lambda: SimpleITK.Abs(image), SimpleITK.Version.VersionString()


def numpy():
    import numpy

    a, b, sums = numpy.ones(10000), numpy.ones(10000), numpy.empty(10000)
    return lambda: numpy.add(a, b, out=sums), numpy.__version__


def hashing():
    block = bytes(4096)
    return lambda: hashlib.sha256(block).digest(), ""


def sqlite():
    database = sqlite3.connect(":memory:", check_same_thread=False)
    database.execute("create table numbers (k integer primary key, v integer)")
    database.executemany("insert into numbers values (?, ?)", [(k, k * k) for k in range(1000)])
    return lambda: database.execute("select v from numbers where k = 500").fetchone(), sqlite3.sqlite_version


LIBRARIES = {"vtk": vtk, "simpleitk": simpleitk, "numpy": numpy, "hashlib": hashing, "sqlite3": sqlite}


class Caller(threading.Thread):
    def __init__(self, call):
        super().__init__(daemon=True)
        self.call, self.count, self.stopping = call, 0, False

    def run(self):
        call = self.call
        while not self.stopping:
            call()
            self.count += 1


def on_a_thread(call, ms):
    caller = Caller(call)
    caller.start()
    yield WARM_UP_MS
    before, begin = caller.count, time.perf_counter()
    yield ms
    rate = (caller.count - before) / (time.perf_counter() - begin)
    caller.stopping = True
    yield WARM_UP_MS // 2
    return rate


def in_a_slot(call, ms):
    """Calls per second of the time that the slot takes."""
    counted = [0, 0.0]

    def slot():
        begin, done = time.perf_counter(), 0
        while time.perf_counter() - begin < SLOT_MS / 1e3:
            call()
            done += 1
        counted[0] += done
        counted[1] += time.perf_counter() - begin

    host.slot_start(SLOT_PERIOD_MS, slot)
    yield WARM_UP_MS
    counted[:] = [0, 0.0]
    yield ms
    host.slot_stop()
    return counted[0] / max(counted[1], 1e-9)


PLACES = {"thread": on_a_thread, "slot": in_a_slot}


def short_calls(options):
    threads = Threads(max(options["threads"]))
    calls = {name: LIBRARIES[name]() for name in options["libraries"]}
    results = {"versions": {name: version for name, (_, version) in calls.items()}}
    for number in options["threads"]:
        threads.let_run(number)
        yield WARM_UP_MS
        for name, (call, _) in calls.items():
            for place in options["places"]:
                results[f"{name} {place} {number}"] = yield from PLACES[place](call, options["ms"])
    return results


run(short_calls)

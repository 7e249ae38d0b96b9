# SPDX-License-Identifier: MIT
"""A recorded timeline is valid as Chrome's trace events, and says what happened: who had the GIL, who waited, who handed it to whom."""

import collections
import contextlib
import io
import json
import os
import tempfile
import threading
import time

import gilyield
import host
import inhost
from gilyield._command import trace

THREADS = ("first", "second", "third")
LOOP = "GUI thread's event loop"
MEMORY = 262144  # events


def compute(stop):
    while not stop.is_set():
        sum(range(1000))


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def check_event(event):
    """What the format wants of each event that is used here."""
    assert event["ph"] in "XisfM" and isinstance(event["name"], str) and event["name"], event
    assert isinstance(event["pid"], int) and isinstance(event["tid"], int), event
    assert is_number(event["ts"]) and event["ts"] >= 0, event
    if event["ph"] == "X":
        assert is_number(event["dur"]) and event["dur"] >= 0, event
    elif event["ph"] == "i":
        assert event["s"] in "tpg", event
    elif event["ph"] in "sf":
        assert isinstance(event["id"], int) and event["cat"] == "gil", event
    elif event["name"] == "thread_name":
        assert isinstance(event["args"]["name"], str), event
    else:
        assert event["name"] == "thread_sort_index" and isinstance(event["args"]["sort_index"], int), event


def check_slices(slices):
    """Of one track: one after the other."""
    slices.sort(key=lambda event: event["ts"])
    for before, after in zip(slices, slices[1:]):
        assert before["ts"] + before["dur"] <= after["ts"] + 0.002, (before, after)


def check_one_holder(events):
    """Two threads never have the GIL at once."""
    check_slices([event for event in events if event["ph"] == "X" and event["name"] == "has the GIL"])


def check_ends_in(slices, end):
    """The format ties the end of an arrow to the slice that is open there."""
    around = [entry for entry in slices if entry["ts"] < end["ts"] < entry["ts"] + entry["dur"]]
    assert [entry["name"] for entry in around] == ["has the GIL"], (end, around)


def check_arrows(events, tracks):
    arrows = collections.defaultdict(dict)
    for event in events:
        if event["ph"] in "sf":
            assert event["ph"] not in arrows[event["id"]], event
            arrows[event["id"]][event["ph"]] = event
    for arrow in arrows.values():
        assert set(arrow) == {"s", "f"} and arrow["s"]["ts"] <= arrow["f"]["ts"] and arrow["s"]["tid"] != arrow["f"]["tid"], arrow
        assert arrow["f"]["bp"] == "e", arrow
        for end in arrow.values():
            check_ends_in(tracks[end["tid"]], end)
    return len(arrows)


def check(path):
    with open(path, encoding="utf-8") as file:
        content = json.load(file)
    events = content["traceEvents"]
    for event in events:
        check_event(event)
    names = {event["args"]["name"]: event["tid"] for event in events if event["name"] == "thread_name"}
    assert set(THREADS) | {"GUI thread", LOOP} <= set(names), names
    tracks = collections.defaultdict(list)
    for event in events:
        if event["ph"] == "X":
            tracks[event["tid"]].append(event)
    for slices in tracks.values():
        check_slices(slices)
    check_one_holder(events)
    kinds = {name: {event["name"] for event in tracks[names[name]]} for name in names}
    for name in THREADS:
        assert {"has the GIL", "waits for the GIL"} <= kinds[name], kinds
    assert {"turn", "waits for events"} & kinds[LOOP], kinds
    assert "handlers over 1 ms" in kinds[LOOP], kinds
    assert check_arrows(events, tracks) > 10
    marks = [event for event in events if event["ph"] == "i" and event["name"] == "stall"]
    assert any("in slow" in mark["args"]["report"] for mark in marks), marks
    assert int(content["otherData"]["events lost"]) >= 0


def check_lost(path):
    """More events than the memory holds: the oldest are lost, which the file and the command say."""
    gilyield.trace_start()
    host.turns(MEMORY)  # two events each
    gilyield.trace_stop(path)
    with open(path, encoding="utf-8") as file:
        content = json.load(file)
    lost = int(content["otherData"]["events lost"])
    assert MEMORY / 2 < lost < 2 * MEMORY, lost
    said = [event for event in content["traceEvents"] if event["name"] == "events lost before this"]
    assert [event["args"]["count"] for event in said] == [str(lost)], said
    assert f"{lost} events lost before that" in trace.summary(trace.read(path))
    for event in content["traceEvents"]:
        check_event(event)


def check_empty(path):
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"traceEvents": [], "otherData": {"events lost": "0"}}, file)
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        assert trace.main(path, None, 0, None) == 1, "there is nothing to draw"
    assert "nothing was recorded" in said.getvalue(), said.getvalue()


def slow():
    time.sleep(0.25)


def script():
    stop = threading.Event()
    threads = [threading.Thread(target=compute, args=(stop,), name=name) for name in THREADS]
    gilyield.watch(100, file=os.devnull)
    gilyield.trace_start()
    for thread in threads:
        thread.start()
    yield 400
    host.single_shot(0, slow)
    yield 700
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "gil.json")
        gilyield.trace_stop(path)
        account = {thread.name: thread for thread in gilyield.threads()}
        stop.set()
        check(path)
    for name in THREADS:
        assert account[name].held_ns > 0 and account[name].waits_count > 0, account
    # One that the kernel has put aside neither has the GIL nor waits for it.
    assert any(account[name].computes for name in THREADS), account
    assert any(thread.on_gui for thread in account.values()), account
    gilyield.unwatch()
    for thread in threads:
        thread.join()
    with tempfile.TemporaryDirectory() as directory:
        check_lost(os.path.join(directory, "gil.json"))
        check_empty(os.path.join(directory, "empty.json"))


inhost.run(script)

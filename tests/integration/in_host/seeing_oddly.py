# SPDX-License-Identifier: MIT
"""What nobody should ask for: each gets one sentence or does no harm, and the host goes on."""

import json
import os
import sys
import tempfile
import time

import gilyield
import host
import inhost
import subinterpreter

IN_ANOTHER = """
import sys
sys.path[:] = {path!r}
import gilyield
gilyield.watch(100, file="/dev/null")
gilyield.stalls(), gilyield.threads()
try:
    gilyield.watch(100, on_stall=print)
except gilyield.Error as error:
    assert "on_stall works in Python's main interpreter" in str(error), error
else:
    raise AssertionError("accepted")
"""


def refused(sentence, call):
    try:
        call()
    except gilyield.Error as error:
        assert str(error) == sentence, error
        return
    raise AssertionError(f"accepted; it should have been refused: {sentence}")


def names_in(path):
    with open(path, encoding="utf-8") as file:
        return {event["name"] for event in json.load(file)["traceEvents"]}


def timelines(directory):
    path, other = os.path.join(directory, "gil.json"), os.path.join(directory, "other.json")
    refused("no timeline was recorded: trace_start() begins one", lambda: gilyield.trace_stop(path))
    gilyield.trace_stop()
    gilyield.trace_start()
    refused("a timeline is being recorded already: trace_stop() ends it", gilyield.trace_start)
    refused("a timeline is being recorded already: trace_stop() ends it", gilyield.trace(other).__enter__)
    yield 100
    gilyield.trace_stop(path)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            in_child = "this is a forked child process: the application's event loop is not here"
            for call in gilyield.watch, gilyield.trace_start, lambda: gilyield.trace_stop(path):
                refused(in_child, call)
            gilyield.unwatch()
            gilyield.trace_stop()
            gilyield.threads(), gilyield.stalls()
            code = 0
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
    assert "waits for events" in names_in(path), "the child has written over it"
    gilyield.trace_stop(other)
    assert names_in(other) == names_in(path), "what was recorded can be written once more"
    gilyield.disable()
    gilyield.trace_start()
    yield 100
    gilyield.trace_stop(path)
    gilyield.enable()
    assert names_in(path) == {"thread_name", "thread_sort_index"}


def callbacks():
    """What on_stall does to itself and to the watch."""
    caught, called = [], []
    sys.unraisablehook = lambda unraisable: caught.append(repr(unraisable.exc_value))

    def leaves(stall):
        called.append(stall)
        sys.exit(3)

    def ends_it(stall):
        called.append(stall)
        gilyield.unwatch()

    def changes_it(stall):
        called.append(stall)
        gilyield.watch(100, file=os.devnull, on_stall=ends_it)

    for callback, wanted in ((leaves, ["SystemExit(3)"]), (changes_it, []), (None, []), (ends_it, [])):
        del caught[:], called[:]
        if callback:
            gilyield.watch(100, file=os.devnull, on_stall=callback)
        for _ in range(50):
            host.single_shot(0, lambda: time.sleep(0.2))
            yield 300
            if called:
                break
        assert called and caught[:1] == wanted, (callback, called, caught)
    assert gilyield.status().watch_ms == 0, "on_stall has ended it"


def script():
    yield 100
    with tempfile.TemporaryDirectory() as directory:
        yield from timelines(directory)
    yield from callbacks()
    other = subinterpreter.create()
    error = subinterpreter.run(other, IN_ANOTHER.format(path=sys.path))
    assert not error, error
    yield 200
    subinterpreter.destroy(other)
    yield 200
    assert gilyield.status().watch_ms == 100, "it goes on"
    gilyield.unwatch()


inhost.run(script)

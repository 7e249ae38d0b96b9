# SPDX-License-Identifier: MIT
"""top() typed in a console that is sys.stdout only while it runs a line: the tables come there, and on the GUI thread."""

import sys
import threading

import gilyield
import inhost


class Console:
    def __init__(self):
        self.written = []

    def write(self, text):
        self.written.append((threading.get_ident(), text))

    def flush(self):
        pass


class Closed(Console):
    def write(self, text):
        super().write(text)
        raise RuntimeError("wrapped C/C++ object has been deleted")


def typed(console):
    before, sys.stdout = sys.stdout, console
    try:
        return gilyield.top(0.1)
    finally:
        sys.stdout = before


def script():
    console, closed = Console(), Closed()
    table = typed(console)
    for _ in range(100):
        yield 100
        if sum("gilyield top" in text for _, text in console.written) >= 2:
            break
    table.stop()
    text = "".join(text for _, text in console.written)
    assert text.count("gilyield top: the last 0.1 s\n  thread") >= 2, text
    assert "MainThread" in text, text
    assert {thread for thread, _ in console.written} == {threading.get_ident()}, "a widget is written to on the GUI thread"
    table = typed(closed)
    for _ in range(100):
        yield 100
        if "ended" in repr(table):
            break
    assert repr(table) == "gilyield top: ended", "a console that is closed gets no more"
    assert len(closed.written) == 1, closed.written


inhost.run(script)

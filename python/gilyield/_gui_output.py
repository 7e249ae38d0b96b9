# SPDX-License-Identifier: MIT
"""print() and logging from threads, shown by the GUI thread: in batches, in order, nothing lost, and nobody waits.

A console widget takes much longer for a thousand lines one by one than for the same text at once; and a thread that writes into
it by itself touches a widget. Here threads append to a deque, and the GUI thread takes what is there, at most each
INTERVAL_S and for at most a fifth of its time.
"""

import copy
import logging
import os
import sys
import threading
import time
import weakref
from collections import deque
from typing import Any, Deque, Iterable, Optional, Tuple

from . import _gilyield, _gui_queue
from ._gilyield import Error
from ._gui_entries import Entry

#: The GUI thread writes at most that often, in seconds, and then for about that long.
INTERVAL_S, WRITE_S = 0.05, 0.01
#: One write() has at most so many characters; how many, follows from how long they take.
FEWEST, MOST = 4096, 1 << 20


class _Batch(Entry):
    """Items that any thread puts and the GUI thread hands on, later and many at a time."""

    __slots__ = ("items", "_armed", "_writing", "_not_before", "__weakref__")

    def __init__(self) -> None:
        self.items: Deque[Any] = deque()
        self._armed = False  # in the queue
        # GUI thread only, as long as there is one.
        self._writing = False
        self._not_before = 0.0
        _batches.add(self)

    def write_some(self) -> None:
        """Take items and hand them on, for about WRITE_S at least one."""
        raise NotImplementedError

    def put(self, item: Any) -> None:
        self.items.append(item)
        if _gui_queue.on_gui_thread():
            self.write_all()
        elif not self._armed:
            self._armed = True
            try:
                _gui_queue.enqueue(self)
            except Error:  # there is no GUI thread: as without us
                self._armed = False
                self.write_all()

    def write_all(self) -> None:
        # What comes meanwhile, from a write that runs events, is written by the loop that is here already. Without a GUI thread that
        # loop may be another thread's, which has just found nothing more: hence the outer one.
        while self.items and not self._writing:
            self._writing = True
            try:
                while self.items:
                    self.write_some()
            finally:
                self._writing = False

    def run(self) -> None:
        begin = time.monotonic()
        if begin < self._not_before or self._writing:
            _gui_queue.queue_in(max(self._not_before - begin, INTERVAL_S / 5), self)
            return
        self._armed = False  # before the look at the items: who puts one later sees it
        self._writing = True
        try:
            if self.items:
                self.write_some()
        finally:
            self._writing = False
        end = time.monotonic()
        self._not_before = end + max(INTERVAL_S, 4 * (end - begin))
        if self.items and not self._armed:
            self._armed = True
            _gui_queue.queue_in(self._not_before - end, self)

    def fail(self, exception: BaseException) -> Optional[Entry]:
        return self if self._armed else None

    def drop(self) -> str:
        self._armed = False
        self.write_all()
        return ""

    def after_fork(self) -> None:
        """What is not written yet, the parent writes."""
        self.items.clear()
        self._armed = self._writing = False


_batches: "weakref.WeakSet[_Batch]" = weakref.WeakSet()


def _after_fork() -> None:
    for batch in list(_batches):
        batch.after_fork()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_after_fork)


class _Line:
    """What a thread has written for one stream, and goes on with until the line is whole: print() writes its end by itself.

    `text` has one element, or none once the GUI thread has it: pop() decides who does.
    """

    __slots__ = ("target", "text", "taken", "seen")

    def __init__(self, target: Any, text: str) -> None:
        self.target = target
        self.text = [text]
        self.taken = False
        self.seen = False  # GUI thread only: it has waited once for the rest of the line

    def add(self, text: str) -> str:
        """Append to it. Returns what has to be written otherwise, as the GUI thread was quicker."""
        try:
            before = self.text.pop()
        except IndexError:
            return text
        self.text.append(before + text)
        return self._take() if self.taken else ""

    def take(self) -> str:
        self.taken = True  # before the look at it: who appends later sees it
        return self._take()

    def _take(self) -> str:
        try:
            return self.text.pop()
        except IndexError:
            return ""

    def is_open(self) -> bool:
        try:
            return not self.text[0].endswith("\n")
        except IndexError:  # it is just being appended to
            return True


class _Texts(_Batch):
    __slots__ = ("_most", "_own")

    def __init__(self) -> None:
        super().__init__()
        self._most = 4 * FEWEST
        self._own = threading.local()  # .line: the line that the thread has begun

    def put_text(self, target: Any, text: str) -> None:
        line: Optional[_Line] = getattr(self._own, "line", None)
        if line is not None and line.target is target:
            text = line.add(text)
        if text:
            line = _Line(target, text)
            self.put(line)
        self._own.line = line if line is not None and line.is_open() else None

    def write_some(self) -> None:
        end = time.monotonic() + WRITE_S
        while self.items and self._write_one():
            if time.monotonic() >= end:
                break

    def _is_next(self, target: Any) -> bool:
        return bool(self.items) and self.items[0].target is target and (self.items[0].seen or not self.items[0].is_open())

    def _write_one(self) -> bool:
        """Write what is next for one stream. False: a line that is not whole yet; next time it is written as it is."""
        target = self.items[0].target
        texts, length = [], 0
        while self._is_next(target) and length < self._most:
            texts.append(self.items.popleft().take())
            length += len(texts[-1])
        if not texts:
            self.items[0].seen = True
            return False
        text = "".join(texts)
        begin = time.monotonic()
        try:
            target.write(text)
        except Exception as exception:
            # Not by way of sys.stderr, which may be this.
            what = f"{text}gilyield.gui.console: write() raised {type(exception).__name__}\n"
            os.write(2, what.encode("utf-8", "backslashreplace"))
        took = time.monotonic() - begin
        if took > WRITE_S:
            self._most = max(FEWEST, self._most // 2)
        elif took < WRITE_S / 2 and length >= self._most:
            self._most = min(MOST, 2 * self._most)
        return True

    def after_fork(self) -> None:
        for line in self.items:
            line.text.clear()  # who goes on with it writes the rest only
        super().after_fork()


class _Stream:
    """Stands in for sys.stdout or sys.stderr. All but writing is the original's."""

    def __init__(self, texts: _Texts, target: Any) -> None:
        self._texts = texts
        self._target = target

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if text:
            self._texts.put_text(self._target, text)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        self.write("".join(lines))

    def flush(self) -> None:
        """On the GUI thread all is written when it returns; on others it returns at once."""
        if _gui_queue.on_gui_thread():
            self._texts.write_all()
            flush = getattr(self._target, "flush", None)
            if flush is not None:
                flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._target, name)


class Console:
    """sys.stdout and sys.stderr, written to by the GUI thread only; made by gui.console()."""

    def __init__(self) -> None:
        self._texts = _Texts()
        self._before: Tuple[Any, Any] = (sys.stdout, sys.stderr)
        self._streams = tuple(stream and _Stream(self._texts, stream) for stream in self._before)
        sys.stdout, sys.stderr = self._streams

    def stop(self) -> None:
        """Put sys.stdout and sys.stderr back, unless others have replaced them since. What is queued is still written."""
        if sys.stdout is self._streams[0]:
            sys.stdout = self._before[0]
        if sys.stderr is self._streams[1]:
            sys.stderr = self._before[1]

    def __enter__(self) -> "Console":
        return self

    def __exit__(self, *exception: Any) -> None:
        self.stop()


class _Records(_Batch):
    __slots__ = ("target",)

    def __init__(self, target: logging.Handler) -> None:
        super().__init__()
        self.target = target

    def write_some(self) -> None:
        end = time.monotonic() + WRITE_S
        while self.items:
            record = self.items.popleft()
            try:
                self.target.handle(record)
            except Exception as exception:
                # Such as one that says that the widget is gone. The records behind it, and who logs, have no part in that.
                _gilyield.unraisable(exception, self.target)
            if time.monotonic() >= end:
                break


class LogHandler(logging.Handler):
    """A logging handler that hands its records to another one on the GUI thread, in order and in batches, and never blocks.

    The other one may show them in a widget. Message and traceback are made into text by the thread that logs, so that no object
    it logs is kept or dies elsewhere. No lock is taken: logging takes each handler's while it emits, and a GUI thread that logs
    waits then for a thread that waits for the GIL.
    """

    def __init__(self, target: logging.Handler, level: int = logging.NOTSET) -> None:
        super().__init__(level)
        self._records = _Records(target)

    def createLock(self) -> None:
        self.lock = None

    def handle(self, record: logging.LogRecord) -> Any:
        kept: Any = self.filter(record)
        if kept:
            self.emit(kept if isinstance(kept, logging.LogRecord) else record)
        return kept

    def emit(self, record: logging.LogRecord) -> None:
        try:
            plain = copy.copy(record)
            plain.msg = plain.message = record.getMessage()
            plain.args = None
            if record.exc_info:
                plain.exc_text = record.exc_text or logging.Formatter().formatException(record.exc_info)
                plain.exc_info = None
            self._records.put(plain)
        except Exception:
            self.handleError(record)

# SPDX-License-Identifier: MIT
"""Calls of which only the newest for a key is run: gui.post_latest() and progress of jobs.

No lock is taken, as in _gui_queue.py: of the deques and the dict that are shared, each step used is one that cannot be cut in two.
"""

import itertools
import os
from collections import deque
from typing import Deque, Dict, Hashable, Optional

from ._gui_entries import Call, Entry, run_forgotten
from ._gui_queue import enqueue
from ._gui_references import Payload, let_go_of_payload

_numbers = itertools.count(1)


class _Newest(Entry):
    """An entry for a key of post_latest(): its box holds the newest payload, until the GUI thread takes it.

    Threads put theirs into the box and then take out what is older. Whoever has taken a payload out owns it; the newest
    goes back.
    """

    __slots__ = ("key", "box")

    def __init__(self, key: Hashable) -> None:
        self.key = key
        self.box: Deque[Payload] = deque()

    def take(self) -> Optional[Payload]:
        # Off the table first: see queue_newest().
        if _newest.get(self.key) is self:
            del _newest[self.key]
        newest: Optional[Payload] = None
        while True:
            try:
                payload = self.box.popleft()
            except IndexError:
                return newest
            if newest is None or payload.number > newest.number:
                newest, payload = payload, newest or payload
            if payload is not newest:
                payload.clear()

    def run(self) -> None:
        payload = self.take()
        if payload is not None:
            try:
                run_forgotten(payload)
            finally:
                if not payload.begun:
                    self.box.append(payload)  # for fail()

    def fail(self, exception: BaseException) -> Optional[Entry]:
        payload = self.take()
        return None if payload is None else Call(payload, None)

    def drop(self) -> str:
        payload = self.take()
        if payload is not None:
            payload.clear()
        return ""  # a call that a newer one may replace is not missed


_newest: Dict[Hashable, _Newest] = {}


def queue_newest(key: Hashable, payload: Payload) -> None:
    """Queue it in place of what is queued for the key; without that, at the end. Raises as enqueue()."""
    payload.number = next(_numbers)
    while True:
        entry = _newest.get(key)
        fresh = entry is None
        if entry is None:
            made = _Newest(key)
            entry = _newest.setdefault(key, made)
            fresh = entry is made
        entry.box.append(payload)
        if len(entry.box) > 1:
            _take_older(entry.box, payload)
        if fresh:
            enqueue(entry)
        if _newest.get(key) is entry:
            return
        # The GUI thread has taken the entry away. If it came before the payload did, that goes into a new entry.
        try:
            payload = entry.box.pop()
        except IndexError:
            return


def _take_older(box: Deque[Payload], payload: Payload) -> None:
    while len(box) > 1:
        try:
            taken = box.popleft()
        except IndexError:
            return
        if taken.number >= payload.number:
            box.append(taken)
            return
        let_go_of_payload(taken)


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_newest.clear)

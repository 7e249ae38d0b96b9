# SPDX-License-Identifier: MIT
"""Options as users give them, turned into the text that the C library understands: it alone knows ranges, words and defaults."""

import operator
from typing import Any, Dict

from . import _shim

_WORDS = ("mode", "priority", "log_level")  # the others are ints


def _from_word(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str; {value!r} is of type {type(value).__name__}")
    return value


def _from_int(name: str, value: Any) -> str:
    try:
        number = operator.index(value) if not isinstance(value, bool) else None
    except TypeError:
        number = None
    if number is None:
        raise TypeError(f"{name} must be an int; {value!r} is of type {type(value).__name__}")
    # CPython refuses to write very large ints in decimal.
    return str(number) if number.bit_length() < 256 else f"an int of {number.bit_length()} bits"


def to_text(given: Dict[str, object]) -> Dict[str, str]:
    """Return keyword arguments for _gilyield.start() and configure(); None means not given.

    Attaches to the shim once the types are known to be right. Raises TypeError, Error.
    """
    options = {
        name: _from_word(name, value) if name in _WORDS else _from_int(name, value)
        for name, value in given.items()
        if value is not None
    }
    _shim.attach()
    return options

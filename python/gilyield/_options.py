# SPDX-License-Identifier: MIT
"""Options as users give them, turned into the ints of the C API. The ranges are known to the C library only."""

import operator
from typing import Any, Dict

from . import _gilyield, _shim

_NAMED = {"mode": _gilyield.MODES, "priority": _gilyield.PRIORITIES, "log": _gilyield.LOG_LEVELS}
_INT_MIN, _INT_MAX = -(2**31), 2**31 - 1


def _named_value(name: str, value: object) -> int:
    accepted = _NAMED[name]
    choices = ", ".join(repr(choice) for choice in accepted)
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, one of {choices}; {value!r} is of type {type(value).__name__}")
    if value not in accepted:
        raise ValueError(f"{name} is {value!r}, which is not one of {choices}")
    return accepted[value]


def _int_value(name: str, value: Any) -> int:
    if not isinstance(value, bool):
        try:
            return operator.index(value)
        except TypeError:
            pass
    raise TypeError(f"{name} must be an int; {value!r} is of type {type(value).__name__}")


def _shown(value: int) -> str:
    # CPython refuses to write very large ints in decimal.
    return str(value) if value.bit_length() < 256 else f"an int of {value.bit_length()} bits"


def _check_c_int(name: str, value: int) -> None:
    """Raise ValueError for an int that cannot be handed to the library; all others it judges itself."""
    if value != 0 and _INT_MIN <= value <= _INT_MAX:
        return
    # To the C API 0 means "not given". The library is asked about a value that is as bad, and the answer gets the one given.
    as_bad = _INT_MAX if value > 0 else _INT_MIN
    _, sentence = _gilyield.check(**{name: as_bad})
    raise ValueError((sentence or f"{name}={as_bad} is not accepted").replace(str(as_bad), _shown(value)))


def to_ints(given: Dict[str, object]) -> Dict[str, int]:
    """Return keyword arguments for _gilyield.start() and configure(); None means not given.

    Attaches to the shim once names and types are known to be right. Raises TypeError, ValueError, Error.
    """
    options = {
        name: _named_value(name, value) if name in _NAMED else _int_value(name, value)
        for name, value in given.items()
        if value is not None
    }
    _shim.attach()
    for name, value in options.items():
        _check_c_int(name, value)
    return options

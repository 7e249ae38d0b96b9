# SPDX-License-Identifier: MIT
"""The pause as a context manager. It keeps no state: the shim counts."""

import contextlib

from . import _gilyield, _shim


class Pause(contextlib.ContextDecorator):
    """Nothing is given away inside; see gilyield.paused()."""

    def __enter__(self) -> None:
        _shim.find()
        _gilyield.pause()

    def __exit__(self, *exception: object) -> None:
        _gilyield.resume()

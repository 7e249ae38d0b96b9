# SPDX-License-Identifier: MIT
"""What gilyield.gui raises."""

from concurrent import futures

from ._gilyield import Error


class Closed(Error):
    """There is no event loop to run the call: no application object, it is quitting or gone, or Python is ending."""


class Blocked(Error):
    """The GUI thread waits for this thread, or has not turned its event loop for longer than the patience: see set_patience()."""


class Timeout(Error, futures.TimeoutError):
    """The call was not done in time."""

# SPDX-License-Identifier: MIT
"""`python3 -m gilyield` is the same as `gilyield`."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: MIT
"""`python3 -m gilyield` is the same as `gilyield`."""

import sys

from ._command.main import main

if __name__ == "__main__":
    sys.exit(main())

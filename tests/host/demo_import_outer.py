# SPDX-License-Identifier: MIT
"""What demo_watch.py imports."""

import demo_import_inner  # noqa: F401

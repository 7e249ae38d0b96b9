# SPDX-License-Identifier: MIT
"""What nested_import() of made_stalls.py imports."""

import made_import_inner  # noqa: F401

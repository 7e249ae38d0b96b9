# SPDX-License-Identifier: MIT
"""For the test host, which embeds Python and holds the GIL in its event loop."""

import os
import sys

sys.path.insert(0, os.environ["PLATFORM_DIR"])
import check

import host

host.on_exec(lambda: check.begin(host.single_shot))

# SPDX-License-Identifier: MIT
"""The command `gilyield`: run, startup, doctor. No application imports this."""

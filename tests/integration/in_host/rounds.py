# SPDX-License-Identifier: MIT
"""Yields in every exec(): of an application, of its second exec(), of the next application, whichever of Qt and Python was first."""

import gilyield
import host
import inhost


def script():
    spinners = inhost.Spinners()
    gilyield.reset_stats()
    yield from spinners.progress(f"round {host.round}")
    status = gilyield.status()
    assert status.state == "running" and status.host == "holds", status
    assert status.stats.yields > 0 and status.stats.handovers > 0, status
    spinners.stop()


inhost.run(script)

# SPDX-License-Identifier: MIT
"""In a host that releases the GIL by itself nothing is given away, and threads run as they would."""

import gilyield
import host
import inhost


def script():
    spinners = inhost.Spinners(2)
    gilyield.reset_stats()
    yield from spinners.progress()
    host.nested_loop(200)
    host.modal_dialog(200)
    yield 100
    status = gilyield.status()
    assert status.stats.yields == 0 and status.stats.released_ns == 0, status
    assert status.stats.skipped > 0 or inhost.mode() == "timer", status
    assert status.host == "releases", status
    assert status.priority_active == "gui", status
    spinners.stop()


inhost.run(script)

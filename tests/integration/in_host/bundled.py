# SPDX-License-Identifier: MIT
"""In an application with a Qt of its own, which its launcher leads to: that one is served, and it is the only one. Argument: its directory."""

import gilyield
import inhost


def script():
    yield 50
    with open("/proc/self/maps") as maps:
        paths = {line.split()[-1] for line in maps if "/libQt" in line}
    assert paths and all(path.startswith(inhost.argument(1) + "/") for path in paths), paths
    assert gilyield.is_enabled() and gilyield.status().state == "running", gilyield.status()
    spinners = inhost.Spinners()
    yield from spinners.progress()
    spinners.stop()


inhost.run(script)

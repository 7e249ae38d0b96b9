# SPDX-License-Identifier: MIT
"""Prints the status after a moment with a thread at work, one "field=value" a line."""

import gilyield
import inhost


def script():
    spinner = inhost.Spinner()
    spinner.start()
    yield 150
    status = gilyield.status()
    for name, value in status._asdict().items():
        print(f"{name}={value}")
    print(f"yields={status.stats.yields}", flush=True)
    spinner.stop()


inhost.run(script)

# SPDX-License-Identifier: MIT
"""demo_table.py WITHOUT WITH JOBS: the demo's results as a table. Exit code 1 if they do not show what gilyield is for."""

import json
import sys

TOTAL = 100


def read(path):
    """The last line of a file that is a JSON object, or None if the run ended before it printed one."""
    try:
        with open(path) as file:
            lines = [line for line in file if line.startswith("{")]
        return json.loads(lines[-1])
    except (OSError, IndexError, ValueError):
        return None


def verdict(run):
    if run is None:
        return "no result"
    if run["finished"]:
        return "finished"
    if run["stalled_after_prints"] is not None:
        return "stalled after {} of {} prints".format(run["stalled_after_prints"], TOTAL)
    return "still running"


def cells(run):
    if run is None:
        return ["no result"] + ["-"] * 4
    return [
        verdict(run),
        "{} of {}".format(run["prints"], TOTAL),
        "{:.2f} s".format(run["seconds"]),
        "{:.1f} ms".format(run["gui_longest_gap_ms"]),
        "{:.1f} ms".format(run["gui_p99_gap_ms"]),
    ]


def table(rows):
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def main():
    without, with_gilyield, with_jobs = [read(path) for path in sys.argv[1:4]]
    names = ["", "the thread", "prints", "after", "GUI late, longest", "GUI late, 99 %"]
    rows = {"without gilyield": without, "with gilyield": with_gilyield, "with gilyield.jobs": with_jobs}
    print(table([names] + [[name] + cells(run) for name, run in rows.items()]))
    shown = without is not None and not without["finished"] and all(run and run["finished"] for run in (with_gilyield, with_jobs))
    if not shown:
        print("\nThis is not what gilyield should do here: please report it.")
    return 0 if shown else 1


if __name__ == "__main__":
    sys.exit(main())

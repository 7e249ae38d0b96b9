# SPDX-License-Identifier: MIT
"""What it costs to be watched: rows of the benchmark with watch() beside the same without, in pairs of short windows.

    /usr/bin/python3 tests/bench/watch.py --build build/release [--pairs 300] [--row ROW ...] [--control] [--release-gil] [--out watch.json]

Prints for each row by how much it changes: the median of the pairs, and within which limits that of other runs would be in 19 of 20.
With --control nothing is turned on in either window: what is printed then is the noise of the machine.
"""

import argparse
import json
import pathlib
import random
import statistics

import bench
import matrix

# Work of threads beside an idle GUI, per second; the median event beside them; processor time of a turn of the event loop.
ROWS = ("turns", "blocking", "idle 1", "idle 4", "events 1", "events 4")
WINDOW_MS = 40
DRAWS = 2000


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--pairs", type=int, default=300)
    parser.add_argument("--row", action="append", choices=ROWS)
    parser.add_argument("--control", action="store_true", help="watch in no window")
    parser.add_argument("--release-gil", action="store_true", help="a host that releases the GIL around its event loop")
    parser.add_argument("--out", type=pathlib.Path, help="file to which the rows are added as JSON")
    return parser.parse_args()


def limits(ratios):
    """The limits of the median, by drawing again from the pairs."""
    chance = random.Random(1)
    medians = sorted(statistics.median(chance.choices(ratios, k=len(ratios))) for _ in range(DRAWS))
    return medians[DRAWS // 40], medians[-DRAWS // 40]


def add(path, entry):
    rows = json.loads(path.read_text()) if path.exists() else []
    key = ("row", "host", "control")
    rows = [row for row in rows if any(row[name] != entry[name] for name in key)]
    path.write_text(json.dumps([*rows, entry], indent=1) + "\n")


def main():
    options = parse()
    place = bench.Place(options.build.resolve(), None, None)
    for row in options.row or ROWS:
        settings = {"pairs": options.pairs, "rows": [row], "control": options.control}
        run = matrix.Run("watched", "watched.py", {}, WINDOW_MS, options=settings)
        side = "R+gilyield" if options.release_gil else "auto"
        phase = bench.measure(place, run, side, [0], 1)["phases"][row]
        ratios = phase["ratios"]
        low, high = limits(ratios)
        change, low, high = (round(100 * ratio - 100, 2) for ratio in (statistics.median(ratios), low, high))
        print(f"{row:10} {change:+6.2f} %  ({low:+.2f} to {high:+.2f} %), {len(ratios)} pairs, without {phase['without']:.6g}", flush=True)
        if options.out:
            host = "releasing" if options.release_gil else "holding"
            entry = {"row": row, "host": host, "control": options.control, "change_percent": change, "low": low, "high": high}
            add(options.out, {**entry, "pairs": len(ratios), "without": round(phase["without"], 4)})


if __name__ == "__main__":
    main()

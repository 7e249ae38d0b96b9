# SPDX-License-Identifier: MIT
"""What it costs to be watched: each row of the benchmark with watch() beside the same without, in pairs of short windows.

    /usr/bin/python3 tests/bench/watch.py --build build/release [--pairs 60] [--row ROW ...] [--release-gil]

Prints for each row by how much it changes: the median of the pairs, and within which limits that of other runs would be in 19 of 20.
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
WINDOW_MS = 100
DRAWS = 2000


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--pairs", type=int, default=60)
    parser.add_argument("--row", action="append", choices=ROWS)
    parser.add_argument("--release-gil", action="store_true", help="a host that releases the GIL around its event loop")
    parser.add_argument("--out", type=pathlib.Path, help="file for all ratios")
    return parser.parse_args()


def limits(ratios):
    """The limits of the median, by drawing again from the pairs."""
    chance = random.Random(1)
    medians = sorted(statistics.median(chance.choices(ratios, k=len(ratios))) for _ in range(DRAWS))
    return medians[DRAWS // 40], medians[-DRAWS // 40]


def main():
    options = parse()
    result = {}
    for row in options.row or ROWS:
        run = matrix.Run("watched", "watched.py", {}, WINDOW_MS, options={"pairs": options.pairs, "rows": [row]})
        side = "R+gilyield" if options.release_gil else "auto"
        ratios = bench.measure(bench.Place(options.build.resolve(), None, None), run, side, [0], 1)["phases"][row]["ratios"]
        low, high = limits(ratios)
        result[row] = ratios
        changes = [100 * ratio - 100 for ratio in (statistics.median(ratios), low, high)]
        print("{:10} {:+6.2f} %  ({:+.2f} to {:+.2f} %), {} pairs".format(row, *changes, len(ratios)), flush=True)
    if options.out:
        options.out.write_text(json.dumps({"release_gil": options.release_gil, "ratios": result}))


if __name__ == "__main__":
    main()

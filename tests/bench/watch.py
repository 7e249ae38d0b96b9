# SPDX-License-Identifier: MIT
"""What it costs to be watched: the same loads with gilyield, with stall reports, and with a timeline, alternating; medians.

    /usr/bin/python3 tests/bench/watch.py --build build/release [--repetitions 7]
"""

import argparse
import dataclasses
import pathlib
import statistics

import bench
import matrix

SIDES = {
    "gilyield": {},
    "with watch()": {"WATCH_MS": "100"},
    "with trace()": {"TRACE": "/dev/null"},
}
LOADS = {"idle": (1, 4), "events": (4,), "turns": ()}


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--repetitions", type=int, default=7)
    return parser.parse_args()


def figures(result):
    """Yield (name, value) of each window: speeds, and of latencies the median."""
    for phase, record in result["phases"].items():
        for key, value in record.items():
            if key.endswith("_ms") and isinstance(value, list) and value:
                yield f"{phase}: {key}, median", statistics.median(value)
            elif key.endswith(("_per_s", "_ns")) and not isinstance(value, list):
                yield f"{phase}: {key}", value


def main():
    options = parse()
    build = options.build.resolve()
    for name, variables in SIDES.items():
        matrix.SIDES[name] = dataclasses.replace(matrix.SIDES["auto"], gilyield={**matrix.SIDES["auto"].gilyield, **variables})
    seen = {}
    for _ in range(options.repetitions):
        for load, threads in LOADS.items():
            run = next(run for run in matrix.RUNS if run.name == load)
            for side in SIDES:
                for name, value in figures(bench.measure(build, run, side, list(threads), 1)):
                    seen.setdefault((load, name), {}).setdefault(side, []).append(value)
    for (load, name), sides in sorted(seen.items()):
        plain = statistics.median(sides["gilyield"])
        cells = [f"{side} {statistics.median(values):.4g} ({100 * statistics.median(values) / plain - 100:+.1f} %)" for side, values in sides.items() if plain]
        print(f"{load}, {name}: " + ", ".join(cells), flush=True)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: MIT
"""What a library that releases the GIL in its short calls costs and gains, in a PyQt5 application: prints the tables of python/docs/releasing.md.

    python3 tests/bench/releasing.py [--build build/release] [--venv DIR] [--repeat 3]

Debian: python3-paraview or python3-vtk9 (their VTK does not release the GIL; they exclude each other), python3-pyqt5, python3-numpy. DIR has
VTK and SimpleITK of PyPI, which do:

    /usr/bin/python3 -m venv --system-site-packages DIR && DIR/bin/pip install vtk SimpleITK
"""

import argparse
import json
import os
import pathlib
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import runner

HERE = pathlib.Path(__file__).resolve().parent
LIMIT_S = 60
DEBIAN = "/usr/bin/python3"
THREADS = (0, 1, 4)
PLACES = {"thread": "on a background thread", "slot": "in a slot of the GUI thread"}
SIDES = {False: "CPython", True: "with gilyield"}
CALLS = {
    "vtk": "`Modified()` and `Update()` of a `vtkSphereSource`",
    "simpleitk": "`Abs()` of 64 × 64 pixels",
    "numpy": "`numpy.add` of 10,000 numbers",
    "hashlib": "`sha256` of 4 KiB",
    "sqlite3": "`select` of one row, in memory",
}


class Failure(Exception):
    """A run that gave no figures."""


def measure(build, python, gilyield, libraries, places, ms):
    """Return {"LIBRARY PLACE THREADS": calls per second, "versions": {...}} of one process."""
    options = {"libraries": libraries, "places": places, "threads": THREADS, "ms": ms, "gilyield": gilyield}
    command = [python, str(HERE / "loads/pyqt_app.py"), str(HERE / "loads/short_calls.py"), json.dumps(options)]
    with runner.scratch() as home:
        env = runner.environment(home)
        if gilyield:
            env.update(GILYIELD="1", LD_PRELOAD=str(build / "lib/libgilyield.so"), PYTHONPATH=str(build / "python"))
        done = runner.run(command, env, LIMIT_S)
    if done.code != 0 or not done.stdout:
        raise Failure(f"{python}: {done.describe()}")
    result = json.loads(done.stdout.splitlines()[-1])
    if gilyield and result["gilyield"]["priority_active"] != "gui":
        raise Failure(f"the GUI was not first: {result['gilyield']}")
    return result["phases"]


def rounded(rate):
    """Return it with two or three digits that mean something."""
    step = 10 ** max(0, len(str(int(rate))) - 2 - (str(int(rate))[0] == "1"))
    return f"{int(round(rate / step) * step):,}"


def row(runs, phase):
    cells = [rounded(statistics.median(run[f"{phase} {number}"] for run in runs)) for number in THREADS]
    return " | ".join(cells)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build/release"))
    parser.add_argument("--venv", type=pathlib.Path, help="has PyPI's VTK and SimpleITK; without it their rows are left out")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--ms", type=int, default=250, help="of each window")
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    plans = [("VTK of Debian", DEBIAN, ["vtk"], ["thread", "slot"])]
    others = ["numpy", "hashlib", "sqlite3"]
    python = DEBIAN
    if arguments.venv:
        python = str(arguments.venv.resolve() / "bin/python")
        plans.append(("VTK of PyPI", python, ["vtk"], ["thread", "slot"]))
        others.insert(0, "simpleitk")
    plans.append(("others", python, others, ["thread"]))
    runs = {}
    for repetition in range(arguments.repeat):
        for plan in plans:
            for gilyield in (False, True):  # in turns, so that the machine's mood meets both
                print(f"{repetition + 1}/{arguments.repeat} {plan[0]}{', gilyield' if gilyield else ''}", file=sys.stderr, flush=True)
                runs.setdefault((plan[0], gilyield), []).append(measure(build, plan[1], gilyield, *plan[2:], arguments.ms))

    print(f"{os.cpu_count()} processors, medians of {arguments.repeat}\n")
    heads = ["alone", *(f"beside {number}" for number in THREADS[1:])]
    print(f"| {CALLS['vtk']}, calls/s | | {' | '.join(heads)} |\n|---|---|{'---|' * len(heads)}")
    for place, words in PLACES.items():
        for name, releases in (("VTK of Debian", "no release"), ("VTK of PyPI", "releases")):
            for gilyield, side in SIDES.items():
                records = runs.get((name, gilyield))
                if records:
                    print(f"| {words}, VTK {records[0]['versions']['vtk']}, {releases} | {side} | {row(records, f'vtk {place}')} |")
    print(f"\n| a short call on a background thread, calls/s | | {' | '.join(heads)} |\n|---|---|{'---|' * len(heads)}")
    for library in others:
        for gilyield, side in SIDES.items():
            records = runs[("others", gilyield)]
            version = f" {records[0]['versions'][library]}".rstrip()
            print(f"| {library}{version}: {CALLS[library]} | {side} | {row(records, f'{library} thread')} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())

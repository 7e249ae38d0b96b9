# SPDX-License-Identifier: MIT
"""Runs the benchmark, writes bench.json, and has the table and the pictures made of it. See README.md; run.sh calls this."""

import argparse
import contextlib
import dataclasses
import datetime
import json
import os
import pathlib
import platform
import resource
import shlex
import subprocess
import sys
import time
from typing import Optional

import ccbench
import little_report
import matrix
import pictures
import table

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import runner

HERE = pathlib.Path(__file__).resolve().parent
LIMIT_S = 90
PYTHON = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable


def output(*command):
    """What a command prints, or "" where it cannot be had."""
    try:
        return subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def machine():
    """Everything that figures depend on and that is not in the repository."""
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "")
    return {
        "processor": model or platform.machine(),
        "cpus": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "system": platform.freedesktop_os_release()["PRETTY_NAME"],
        "python": platform.python_version(),
        "qt": output("pkg-config", "--modversion", "Qt5Core"),
    }


def processor_s():
    """Processor time that the machine's processors have spent on anything so far, and that its hypervisor kept from them, in seconds."""
    user, nice, system, _, _, irq, softirq, stolen, *_ = (int(field) for field in open("/proc/stat").readline().split()[1:])
    hz = os.sysconf("SC_CLK_TCK")
    return (user + nice + system + irq + softirq) / hz, stolen / hz


class Foreign:
    """How many processors others had meanwhile, the figures' worst enemy: other programs (0 where the load has some that are not ours to
    count), and the hypervisor."""

    def __init__(self, run):
        self.known = not run.one_session

    def __enter__(self):
        self.start, (self.busy, self.stolen), self.own = time.monotonic(), processor_s(), self._own_s()
        return self

    def __exit__(self, *exception):
        busy, stolen = processor_s()
        others = busy - self.busy - (self._own_s() - self.own)
        self.seconds = time.monotonic() - self.start
        self.figures = {
            "foreign_cpu": round(max(0.0, others / self.seconds), 2) if self.known else 0.0,
            "stolen_cpu": round((stolen - self.stolen) / self.seconds, 3),
        }

    @staticmethod
    def _own_s():
        return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


class Failure(Exception):
    """A run that gave no figures."""


@dataclasses.dataclass(frozen=True)
class Place:
    """What there is to measure."""

    build: pathlib.Path
    old: Optional[pathlib.Path]  #: another build
    venv: Optional[pathlib.Path]  #: virtual environment with other libraries

    def missing(self, run, side):
        """Return the option without which this cannot be measured, or ""."""
        if side.old and not self.old:
            return "--old"
        return "--venv" if run.venv and not self.venv else ""


def environment(home, build, side):
    env = runner.environment(home)
    if side.gilyield:
        env.update({"GILYIELD_" + name: value for name, value in side.gilyield.items()})
        preload = build / "lib/libgilyield.so"
        if not preload.exists():  # version 0.1
            preload = build / "lib/libgilyield-qt5.so"
        env.update(GILYIELD="1", LD_PRELOAD=str(preload), PYTHONPATH=str(build / "python"))
    return env


#: Another program, which computes until whoever started it is gone.
COMPUTES = [PYTHON, "-S", "-E", "-c", "import os\nparent = os.getppid()\nwhile os.getppid() == parent:\n for _ in range(100000): pass"]


@contextlib.contextmanager
def busy_processes(number):
    """So many other programs that compute, in another session than what runner.run() starts."""
    processes = [subprocess.Popen(COMPUTES) for _ in range(number)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()


def in_busy_session(number, command):
    """Return a command that starts so many programs that compute, then becomes `command`, in one session with them."""
    computes = " ".join(["env", "-u", "LD_PRELOAD", *map(shlex.quote, COMPUTES), "> /dev/null 2>&1 &"])
    return ["/bin/sh", "-c", f'{computes * number} exec "$@"', "sh", *command]


def measure(place, run, side_name, threads, scale):
    """Run one load on one side once; return what it printed."""
    side = matrix.SIDES[side_name]
    build = place.old if side.old else place.build
    if side.program == "pyqt":
        command = [place.venv / "bin/python" if run.venv else PYTHON, HERE / "loads/pyqt_app.py"]
    else:
        command = [build / "bin/gilyield-testhost-qt5", *side.arguments]
    slow_ms = run.slow_ms if side.slow and run.slow_ms else run.ms
    options = {
        "threads": threads,
        "ms": int(run.ms * scale),
        "slow_ms": int(slow_ms * scale),
        "simplefilters": side.simplefilters,
        "gilyield": bool(side.gilyield),
        "paired": side.paired,
        **run.options,
    }
    command = [str(part) for part in (*command, HERE / "loads" / run.script, json.dumps(options))]
    if run.one_session:
        command = in_busy_session(run.foreign, command)
    with runner.scratch() as home, busy_processes(0 if run.one_session else run.foreign):
        done = runner.run(command, environment(home, build, side), LIMIT_S)
    if done.timed_out:
        raise Failure(f"no result within {LIMIT_S} s")
    if done.code != 0 or not done.stdout:
        raise Failure(f"exit code {done.code}: {done.stderr.strip()[-2000:]}")
    result = json.loads(done.stdout.splitlines()[-1])
    for name, value in side.expected.items():
        if result["gilyield"][name] != value:
            raise Failure(f"{name} is {result['gilyield'][name]!r}, not {value!r}")
    return result


#: In so many processors' time of other programs a run is not to be trusted.
FOREIGN_MOST = 0.15


def measure_again(place, data):
    """Measure the runs again during which other programs computed, and put those in their place."""
    runs = {run.name: run for run in matrix.RUNS}
    disturbed = {(record["load"], record["side"], record["repetition"]): None for record in data["records"] if record["foreign_cpu"] > FOREIGN_MOST}
    for load, name, repetition in disturbed:
        print(f"again  {load:11} {name}", file=sys.stderr)
        try:
            with Foreign(runs[load]) as foreign:
                result = measure(place, runs[load], name, list(runs[load].sides[name]), matrix.QUICK_SCALE if data["quick"] else 1)
        except Failure as failure:
            print(f"    {failure}", file=sys.stderr)
            continue
        key = {"load": load, "side": name, "repetition": repetition}
        again = {phase: {**key, "phase": phase, **foreign.figures, **figures} for phase, figures in result["phases"].items()}
        data["records"] = [again[record["phase"]] if key.items() <= record.items() else record for record in data["records"]]
    data["again"] = data.get("again", 0) + len(disturbed)


def run_all(place, quick, only):
    """Every side once, then again: so that a change of the machine's mood meets all sides."""
    records, failures, left_out, versions = [], [], set(), {}
    repetitions = 1 if quick else matrix.REPETITIONS
    for repetition in range(repetitions):
        for run in matrix.RUNS:
            if not run.name.startswith(only):
                continue
            for name, threads in run.sides.items():
                side = matrix.SIDES[name]
                if side.rough and repetition > 0 and repetition == repetitions - 1:
                    continue
                missing = place.missing(run, side)
                if missing:
                    left_out.add(f"{run.name}, {side.text}: needs {missing} DIR")
                    continue
                print(f"{repetition + 1}/{repetitions}  {run.name:11} {name:14}", end="", file=sys.stderr, flush=True)
                try:
                    with Foreign(run) as foreign:
                        result = measure(place, run, name, list(threads), matrix.QUICK_SCALE if quick else 1)
                except Failure as failure:
                    failures.append(f"{run.name}, {name}, repetition {repetition + 1}: {failure}")
                    print("\n    " + failures[-1], file=sys.stderr)
                    continue
                print(f"{foreign.seconds:5.1f} s", file=sys.stderr)
                if side.gilyield:
                    versions[name] = result["gilyield"]["version"]
                for phase, figures in result["phases"].items():
                    key = {"load": run.name, "side": name, "phase": phase, "repetition": repetition}
                    records.append({**key, **foreign.figures, **figures})
    return {"records": records, "failures": failures, "left_out": sorted(left_out), "versions": versions}


def save(path, data):
    """JSON with one record a line: readable, and small differences stay small."""
    head = {name: value for name, value in data.items() if name != "records"}
    lines = ",\n  ".join(json.dumps(record) for record in data["records"])
    path.write_text(json.dumps(head, indent=1)[:-2] + ',\n "records": [\n  ' + lines + "\n ]\n}\n")


def command(arguments):
    """What the user has typed, but for places on this machine."""
    words = ["sh tests/bench/run.sh"]
    words += [f"--{name} DIR" for name in ("old", "venv") if getattr(arguments, name)]
    words += [f"--only {arguments.only}"] if arguments.only else []
    return " ".join(words + ["--quick"] * arguments.quick)


def ccbench_text(build, left_out):
    """Its part that takes seconds: the I/O bandwidth."""
    if not ccbench.INSTALLED:
        left_out.append(f"ccbench: needs {ccbench.DEBIAN}")
        return ""
    print("ccbench", file=sys.stderr)
    return ccbench.side_by_side(build, ccbench.INSTALLED, 0.5, ["-b"])


def main():
    parser = argparse.ArgumentParser(prog="sh tests/bench/run.sh")
    parser.add_argument("--build", type=pathlib.Path, required=True, help="build directory")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="where bench.json, bench.md and the pictures go")
    parser.add_argument("--old", type=pathlib.Path, metavar="DIR", help="build directory of another version of gilyield, for the loads `busy`")
    parser.add_argument("--venv", type=pathlib.Path, metavar="DIR", help="virtual environment with VTK of PyPI, for the load `little vtk`")
    parser.add_argument("--quick", action="store_true", help="one short repetition: to see that it works, not to quote")
    parser.add_argument("--only", default="", metavar="LOAD", help="only the loads whose names begin so, as in --only little")
    parser.add_argument("--again", action="store_true", help="measure again what other programs disturbed in bench.json")
    parser.add_argument("--only-report", action="store_true", help="measure nothing; table and pictures again from bench.json")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    path = arguments.out / "bench.json"

    place = Place(*(path.resolve() if path else None for path in (arguments.build, arguments.old, arguments.venv)))
    if arguments.again:
        data = json.loads(path.read_text())
        measure_again(place, data)
        save(path, data)
    elif not arguments.only_report:
        start, load_before = time.monotonic(), os.getloadavg()[0]
        data = {
            "command": command(arguments),
            "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
            "commit": output("git", "rev-parse", "HEAD"),
            "changed_files": output("git", "status", "--porcelain", "--", "../../shim", "../host", "../../python").splitlines(),
            "quick": arguments.quick,
            "machine": machine(),
        }
        data.update(run_all(place, arguments.quick, arguments.only))
        if "ccbench".startswith(arguments.only):
            data["ccbench"] = ccbench_text(place.build, data["left_out"])
        data["load_before"] = load_before
        data["seconds"] = round(time.monotonic() - start)
        save(path, data)
    data = json.loads(path.read_text())
    little_report.make(data, arguments.out)
    if arguments.only:
        return 1 if data["failures"] else 0
    text = table.make(data)
    (arguments.out / "bench.md").write_text(text)
    pictures.make(data, arguments.out)
    print(text)
    print(f"Written: {path.name}, bench.md, latency.svg, latency.png, throughput.svg, throughput.png in {arguments.out}", file=sys.stderr)
    return 1 if data["failures"] else 0


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: MIT
"""gilyield in applications that nobody here wrote, with and without it, each run in a process of its own under Xvfb.

    python3 tests/bench/applications.py --build build/release --out build/bench

Throughput: one thread that computes, in KLayout and ParaView, while xdotool moves the mouse over the window; the reference is the
same loop alone in /usr/bin/python3. Latency: a timer's Python slot every 10 ms beside 0 to 8 threads that compute, in KLayout, which
holds the GIL, in FreeCAD and QGIS, which release it by themselves, and in Veusz, a PyQt5 program. Sides alternate. Writes
applications.json and applications.md; needs klayout, paraview, freecad, qgis, veusz, xdotool and xvfb, and leaves out what is not there.
"""

import argparse
import datetime
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from figures import percentile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import runner

LOADS = pathlib.Path(__file__).resolve().parent / "loads"
PYTHON = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable
LIMIT_S = 60

#: How each application starts a script in its own process.
COMMANDS = {
    "KLayout": ["klayout", "-e", "-rm"],
    "ParaView": ["paraview", "--script={}"],
    "FreeCAD": ["freecad"],
    "QGIS": ["qgis", "--nologo", "--noversioncheck", "--code"],
    "Veusz": ["veusz", "--veusz-plugin"],
}
THROUGHPUT = ("KLayout", "ParaView")
LATENCY = ("KLayout", "FreeCAD", "QGIS", "Veusz")


def command(application, script):
    words = COMMANDS[application]
    return [word.format(script) for word in words] if "{}" in words[-1] else [*words, str(script)]


def drive(display, stop):
    """Moves the mouse to and fro, 50 times a second, as a person does who looks for something."""
    step = 0
    while not stop.wait(0.02):
        step += 1
        x, y = 300 + step * 7 % 600, 250 + step * 5 % 400
        subprocess.run(["xdotool", "mousemove", str(x), str(y)], env={**os.environ, "DISPLAY": display}, timeout=10, check=False)


def run(words, directory, build=None, mouse=False):
    """Start a command and return what its script has written, None if it did not within LIMIT_S. `build`: with gilyield from there."""
    result = directory / "result"
    result.unlink(missing_ok=True)
    with runner.display() as display:
        env = runner.environment(str(directory))
        env.update(BENCH_RESULT=str(result), KLAYOUT_HOME=str(directory), DISPLAY=display, QT_QPA_PLATFORM="xcb")
        # Qt WebEngine, which FreeCAD's start page is made of, else does not start as root.
        env.update(QTWEBENGINE_DISABLE_SANDBOX="1")
        if build:
            words = [PYTHON, "-m", "gilyield", "run", "--", *words]
            env["PYTHONPATH"] = str(build / "python")
        process = subprocess.Popen(words, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        stop = threading.Event()
        driver = threading.Thread(target=drive, args=(display, stop))
        if mouse:
            driver.start()
        try:
            end = time.monotonic() + LIMIT_S
            while not result.exists() and process.poll() is None and time.monotonic() < end:
                time.sleep(0.1)
            return json.loads(result.read_text()) if result.exists() else None
        finally:
            stop.set()
            if mouse:
                driver.join()
            process.kill()
            process.wait()


def measure(build, repetitions):
    records = []

    def note(**record):
        records.append(record)
        print({name: value for name, value in record.items() if name != "phases"}, file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        for repetition in range(repetitions):
            alone = run([PYTHON, "-c", f"exec(open({str(LOADS / 'app_spin.py')!r}).read()); thread.join()"], directory)["work_per_s"]
            for application in filter(lambda name: shutil.which(COMMANDS[name][0]), COMMANDS):
                for gilyield in (False, True):
                    common = {"application": application, "gilyield": gilyield, "repetition": repetition}
                    with_shim = build if gilyield else None
                    if application in THROUGHPUT:
                        # Without gilyield the thread of an application that holds the GIL does not come to its end.
                        done = run(command(application, LOADS / "app_spin.py"), directory, with_shim, mouse=True)
                        note(**common, what="throughput", share=done["work_per_s"] / alone if done else 0.0)
                    if application in LATENCY:
                        phases = run(command(application, LOADS / "app_latency.py"), directory, with_shim)
                        note(**common, what="latency", phases=phases or {})
    return records


def origin(repetitions):
    words = ["git", "-C", str(LOADS), "rev-parse", "--short=12", "HEAD"]
    commit = subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()
    command = f"python3 tests/bench/applications.py --repeat {repetitions}"
    return f"{datetime.date.today()}, commit {commit}, {os.cpu_count()} processors. `{command}`, sides in turns.\n\n"


def table(records):
    lines = ["| one computing thread, the mouse moving | without gilyield | with gilyield |", "|---|---|---|"]
    for application in THROUGHPUT:
        cells = []
        for gilyield in (False, True):
            shares = [r["share"] for r in records if (r["what"], r["application"], r["gilyield"]) == ("throughput", application, gilyield)]
            cells.append(f"{100 * statistics.median(shares):.0f} %" if shares else "not installed")
        lines.append("| {}: of its speed alone | {} | {} |".format(application, *cells))
    lines += ["", "| a slot every 10 ms: how late, p50 / p99 / max ms | threads | without gilyield | with gilyield | the threads' work, of that without |"]
    lines += ["|---|---|---|---|---|"]
    for application in LATENCY:
        late, work = {}, {}
        for record in records:
            if (record["what"], record["application"]) == ("latency", application):
                for threads, phase in record["phases"].items():
                    late.setdefault(int(threads), ([], []))[record["gilyield"]].extend(phase["late_ms"])
                    work.setdefault(int(threads), ([], []))[record["gilyield"]].append(phase["work_per_s"])
        for threads, sides in sorted(late.items()):
            texts = [f"{percentile(side, 50):.2f} / {percentile(side, 99):.1f} / {max(side):.1f}" if side else "no slot" for side in sides]
            without, with_shim = (statistics.median(side) if side else 0.0 for side in work[threads])
            texts.append(f"{100 * with_shim / without:.0f} %" if without and with_shim else "")
            lines.append("| {} | {} | {} | {} | {} |".format(application, threads, *texts))
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build/release"))
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("build/bench"))
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    records = measure(options.build.resolve(), options.repeat)
    (options.out / "applications.json").write_text("[\n " + ",\n ".join(json.dumps(record) for record in records) + "\n]\n")
    text = origin(options.repeat) + table(records)
    (options.out / "applications.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()

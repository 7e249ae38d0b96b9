# SPDX-License-Identifier: MIT
"""`gilyield run`, `gilyield startup` and gilyield.doctor() with applications: do threads run, and is what is left behind clean?

A thread in the application writes a byte 20 times a second; the rate of the bytes is what counts. Usage: applications.py WAY [APPLICATION]
"""

import json
import re
import subprocess
import sys
import time

from place import BUILD, Place, Running
from runner import need, skip

RUNS, STALLS = 8, 2  # per second; 20 is ideal, 0 is what stands still
WINDOW_S, CHANCES = 2, 6

TICKS = """
import json, os, threading, time

def tick():
    ticks = os.open({ticks!r}, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number in range(10000):
        os.write(ticks, b".")
        time.sleep(0.05)
        if number == 20:
            report()

def report():
    result = dict(environment=dict(os.environ))
    try:
        import gilyield
        result.update(file=gilyield.__file__, enabled=gilyield.is_enabled(), host=gilyield.status().host)
    except BaseException as error:
        result["error"] = repr(error)
    with open({report!r} + ".new", "w") as file:
        json.dump(result, file)
    os.rename({report!r} + ".new", {report!r})

threading.Thread(target=tick, daemon=True).start()
open({started!r}, "w").close()
"""

BESIDE = """
def compute():
    while True:
        sum(range(1000))

def alone():
    while True:
        time.sleep(0.001)

threading.Thread(target=compute, name="computes", daemon=True).start()
threading.Thread(target=alone, name="alone", daemon=True).start()
"""

DOCTOR = """
import json, os, time, gilyield

def examine():
    report = gilyield.doctor()
    with open({report!r}, "w") as file:
        live = report.live
        json.dump(dict(text=repr(report), off=live and live.off_per_s, on=live and live.on_per_s, seconds=seconds(), enabled=gilyield.is_enabled()), file)
    reports.append(report)

def again():
    with open({report!r}) as file:
        result = json.load(file)
    result["again"] = reports[0].host
    with open({report!r} + ".new", "w") as file:
        json.dump(result, file)
    os.rename({report!r} + ".new", {started!r})

begin = time.monotonic()
seconds = lambda: time.monotonic() - begin
reports = []
"""


def check(condition, text):
    if not condition:
        raise AssertionError(text)


class Application:
    def __init__(self, name):
        self.name = name
        self.place = Place()
        self.ticks, self.report, self.started = (self.place.dir / name for name in ("ticks", "report.json", "started"))
        if not name.startswith("testhost"):
            need(name)

    def words(self, script):
        if self.name == "klayout":
            return ["klayout", "-e", "-rm", script]
        if self.name == "paraview":
            return ["paraview", f"--script={script}"]
        return [BUILD / f"bin/gilyield-{self.name}", script]

    def script(self, text=TICKS):
        paths = dict(ticks=str(self.ticks), report=str(self.report), started=str(self.started))
        for name, path in paths.items():
            text = text.replace("{" + name + "!r}", repr(path))
        return self.place.write("script.py", text)

    def start(self, *before, words=None, **variables):
        return Running(self.place, [*before, *(words or self.words(self.script()))], **variables)

    def size(self):
        return self.ticks.stat().st_size if self.ticks.exists() else 0

    def rate(self):
        before, begin = self.size(), time.monotonic()
        time.sleep(WINDOW_S)
        return (self.size() - before) / (time.monotonic() - begin)

    def rates(self, running, runs):
        """Wait for the script; return whether its thread runs (or stands still) in one of several windows."""
        running.until(self.started.exists, 90, "the script has run")
        time.sleep(1)
        seen = []
        for _ in range(CHANCES):
            seen.append(self.rate())
            if (seen[-1] >= RUNS) if runs else (seen[-1] <= STALLS):
                break
        print("ticks per second:", [f"{rate:.1f}" for rate in seen])
        check((seen[-1] >= RUNS) if runs else (seen[-1] <= STALLS), f"the thread {'stands still' if runs else 'runs'}\n{running.text()}")

    def result(self, running):
        running.until(self.report.exists, 30, "the report of the script")
        return json.loads(self.report.read_text())


def install(application):
    """Install into what is the user's site-packages for a Python that is told so."""
    base = application.place.dir / "base"
    directory = subprocess.run(
        ["/usr/bin/python3", "-m", "site", "--user-site"], env={"PYTHONUSERBASE": str(base)}, stdout=subprocess.PIPE, text=True
    ).stdout.strip()
    application.place.dir.joinpath(directory).mkdir(parents=True)
    command = [application.place.dir / "bin/gilyield", "startup", "install", "--site-packages", directory]
    subprocess.run([str(word) for word in command], env=application.place.environment, check=True)
    return {"PYTHONUSERBASE": str(base)}


def way_run(application):
    running = application.start("gilyield", "run", "--stats", "--interval-ms", "15", "--")
    try:
        application.rates(running, runs=True)
        result = application.result(running)
    finally:
        running.end()
    check(result.get("enabled") is True and result["host"] == "holds", result)
    check(result["file"] == str(BUILD / "python/gilyield/__init__.py"), result)
    check(result["environment"].get("GILYIELD_INTERVAL_MS") == "15", result)
    check("LD_PRELOAD" not in result["environment"], "child processes of the application would not start clean")


def way_without(application):
    running = application.start()
    try:
        application.rates(running, runs=False)
    finally:
        running.end()


def way_startup(application, words=None):
    running = application.start(words=words, GILYIELD="1", **install(application))
    try:
        application.rates(running, runs=True)
        result = application.result(running)
    finally:
        running.end()
    check(result.get("enabled") is True and result["host"] == "holds", result)
    check(result["file"] == str(BUILD / "python/gilyield/__init__.py"), result)


def way_startup_python_first(application):
    program, script = application.words(application.script())
    way_startup(application, [program, "--python-first", script])


def way_dormant(application):
    running = application.start(**install(application))
    try:
        application.rates(running, runs=False)
        check("gilyield" not in running.text(), running.text())
    finally:
        running.end()


def way_doctor(application):
    timer = {
        "klayout": "import pya\ntimers = []\ndef after(ms, f):\n    t = pya.QTimer(); timers.append(t); t.singleShot = True; t.timeout = f; t.start(ms)\n",
    }.get(application.name, "import host\ndef after(ms, f): host.single_shot(ms, f)\n")
    # KLayout does not look at PYTHONPATH, from 0.30 on.
    path = f"import sys\nsys.path.append({str(BUILD / 'python')!r})\n"
    text = path + DOCTOR + timer + "after(500, lambda: (examine(), after(2500, again)))\n"
    running = application.start(words=application.words(application.script(text)))
    try:
        running.until(application.started.exists, 90, "the report")
        result = json.loads(application.started.read_text())
    finally:
        running.end()
    print(result["text"])
    check(result["off"] < 20 and result["on"] > 3 * max(result["off"], 4), result)  # of 100, and much fewer on a loaded machine
    check(result["again"] == "holds", result)
    check(result["seconds"] < 5, "the GUI was kept for long")
    check(result["enabled"] is False, "doctor() has left gilyield on")
    check("Type gilyield.enable()" in result["text"], result)


def way_pid(application):
    running = application.start("gilyield", "run", "--")
    try:
        application.rates(running, runs=True)
        pid = subprocess.run(["pgrep", "-g", str(running.process.pid), "-x", application.name], stdout=subprocess.PIPE, text=True).stdout.split()[0]
        command = [str(application.place.dir / "bin/gilyield"), "doctor", "--pid", pid]
        text = subprocess.run(command, env=application.place.environment, stdout=subprocess.PIPE, text=True, check=True).stdout
    finally:
        running.end()
    print(text)
    for part in ("Qt            5: ", "Python        3.", f"library       {BUILD}/lib/libgilyield-qt5", "GILYIELD=1", "The library is loaded and asked for."):
        check(part in text, part)


def way_top(application):
    running = application.start("gilyield", "run", "--", words=application.words(application.script(TICKS + BESIDE)))
    command = [str(application.place.dir / "bin/gilyield"), "top", "--seconds", "0.5", "--count", "1", "--pid"]
    try:
        running.until(application.started.exists, 90, "the script has run")
        time.sleep(1)
        # The kernel cuts a program's name at 15 characters.
        pid = subprocess.run(
            ["pgrep", "-g", str(running.process.pid), "-x", application.name.replace("testhost", "gilyield-testhost")[:15]],
            stdout=subprocess.PIPE, text=True,
        ).stdout.split()[0]
        for _ in range(CHANCES):  # the first look finds no names: they are learnt because somebody looks
            done = subprocess.run([*command, pid], env=application.place.environment, stdout=subprocess.PIPE, text=True)
            print(done.stdout)
            check(done.returncode == 0, f"exit code {done.returncode}")
            rows = dict(re.findall(r"^ *\d+  (.{24}) +([\d.]+)%", done.stdout, re.MULTILINE))
            parts = {name.strip(): float(part) for name, part in rows.items()}
            if {"GUI thread", "computes", "alone"} <= set(parts) and parts["computes"] > 20:
                break
        check({"GUI thread", "computes", "alone"} <= set(parts), f"these threads have no row: {parts}")
        check(parts["computes"] > 20 and parts["computes"] > 2 * parts["alone"], f"what they had: {parts}")
        missing = subprocess.run([*command, "999999999"], env=application.place.environment, stderr=subprocess.PIPE, text=True)
        check(missing.returncode == 1 and "there is no process 999999999" in missing.stderr, missing)
    finally:
        running.end()


def way_children(application):
    text = """
import subprocess, os, host
def look():
    out = subprocess.run(["sh", "-c", "echo [$LD_PRELOAD]; grep -c gilyield /proc/self/maps"], stdout=subprocess.PIPE, text=True).stdout
    with open({report!r} + ".new", "w") as file:
        file.write(out)
    os.rename({report!r} + ".new", {started!r})
host.single_shot(200, look)
"""
    running = application.start("gilyield", "run", "--", words=application.words(application.script(text)))
    try:
        running.until(application.started.exists, 60, "the child process")
    finally:
        running.end()
    check(application.started.read_text() == "[]\n0\n", application.started.read_text())


def way_pyqt():
    """A PyQt program releases the GIL itself; gilyield starts in it and says so."""
    place = Place()
    if subprocess.run([sys.executable, "-c", "import PyQt5.QtCore"], env=place.environment, stderr=subprocess.DEVNULL).returncode != 0:
        skip("PyQt5 is not installed for this interpreter")
    script = place.write(
        "app.py",
        "import os, sys\nfrom PyQt5 import QtCore\napp = QtCore.QCoreApplication([])\ndef show():\n    import gilyield\n"
        "    print(gilyield.status().state, gilyield.status().host, gilyield.doctor().host, os.environ.get('LD_PRELOAD'))\n    app.quit()\n"
        "QtCore.QTimer.singleShot(500, show)\nsys.exit(app.exec_())\n",
    )
    command = [str(place.dir / "bin/gilyield"), "run", "--", sys.executable, str(script)]
    out = subprocess.run(command, env=place.environment, stdout=subprocess.PIPE, text=True, timeout=60, check=True).stdout
    check(out == "running releases releases None\n", out)


def main():
    way, *names = sys.argv[1:]
    if names:
        application = Application(names[0])
        try:
            globals()[f"way_{way}"](application)
        finally:
            application.place.close()
    else:
        globals()[f"way_{way}"]()
    print("PASSED")


if __name__ == "__main__":
    main()

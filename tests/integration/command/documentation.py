# SPDX-License-Identifier: MIT
"""Every command and every piece of code in a page of the documentation, as it stands there.

```sh``` is run by a shell. A command ends, or it is an application or a console: then gilyield has to get to work in it. ```python``` is
typed into an application: the test host. ```c``` is compiled. ```text``` is output and is not run.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

from place import BUILD, Place, Running
from runner import need

SOURCE = pathlib.Path(__file__).resolve().parents[3]

#: Commands that no test can run, as each of them builds, or runs all tests or minutes of benchmark, and the scripts install
#: packages as root. That what they name is there is checked instead. The first match counts; each kind of name has a function below.
NOT_RUN = (
    (r"sh (cmake/quickstart\.sh|tests/run\.sh|tests/bench/run\.sh)( .*)?", "script"),
    (r"cmake --preset (\w+)( .*)?", "configurePresets"),
    (r"cmake --build --preset (\w+)( .*)?", "buildPresets"),
    (r"ctest --preset (\w+)( .*)?", "testPresets"),
    (r"cmake --install build/(\w+)( .*)?", "configurePresets"),
)

#: Consoles of the reader's: what is typed into one, once it has a prompt, makes a Qt application. To each the module that it is.
CONSOLES = {"ipython": "IPython", "jupyter console": "jupyter_console"}

#: What the pages have as an application or a file of the reader's.
SCRIPT = "print('a script')\n"
APP = """
from PyQt5 import QtCore
app = QtCore.QCoreApplication([])
app.exec_()
"""
HOST = """
import code, host, sys, threading, time

class Console(code.InteractiveConsole):
    failed = False

    def write(self, text):
        # Only errors are written.
        self.failed = True
        print(text, end="", flush=True)

def at_work(before):
    threads = set(threading.enumerate()) - before
    jobs = sys.modules.get("gilyield.jobs")
    return any(not thread.name.startswith("gilyield-job") for thread in threads) or bool(jobs) and any(pool.jobs for pool in jobs._pools)

def type_in():
    before, end = set(threading.enumerate()), time.monotonic() + 40
    console = Console()
    # As one who pastes it and presses Enter.
    for line in {lines!r} + [""]:
        print("...." if console.buffer else ">>>>", line, flush=True)
        console.push(line)
        if console.failed:
            break
    # What it has started comes to its end before the application does, and what is to be called on the GUI thread has its turn.
    while at_work(before) and not console.failed and time.monotonic() < end:
        host.nested_loop(50)
    host.nested_loop(50)
    left = "a statement has no end" if console.buffer else "a thread or job does not end" if at_work(before) else ""
    print(left)
    host.quit(int(console.failed or bool(left)))

host.on_exec(type_in)
"""


def blocks(page):
    """Return (language, text, line) of the fenced blocks."""
    with open(page, encoding="utf-8") as file:
        text = file.read()
    if re.search(r"^\n    \S", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S), re.M):
        raise AssertionError(f"{page} has an indented block: only fenced ones are run")
    return [(m.group(1), m.group(2), text[: m.start()].count("\n") + 2) for m in re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S)]


def is_application(line):
    """Whether a command goes on until somebody quits it."""
    words = line.split()
    while words and re.match(r"[A-Z_]+=", words[0]):
        words = words[1:]
    if words[:3] == ["python3", "-m", "gilyield"]:
        words = words[2:]
    if words[:2] == ["gilyield", "run"]:
        return "--dry-run" not in words and "--help" not in words
    return words[0] in ("klayout", "paraview", '"$SLICER/Slicer"')


def fake_slicer(place):
    """A tree like Slicer's: a launcher script, the application, and its own Python's site-packages."""
    root = place.dir / "slicer"
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    (root / f"lib/Python/lib/{version}/site-packages").mkdir(parents=True)
    place.write("slicer/Slicer", f'#!/bin/sh\nPYTHONUSERBASE="$SLICER/lib/Python" exec {BUILD}/bin/gilyield-testhost-qt5 "$SLICER/wait.py" "$@"\n')
    place.write("slicer/wait.py", "")
    place.environment["SLICER"] = str(root)


def is_left_out(line):
    """Whether a command is not to be run. Raises AssertionError if it names something that is not there."""
    parts = line.split(" && ")
    found = [(re.fullmatch(pattern, part), kind) for part in parts for pattern, kind in NOT_RUN if re.fullmatch(pattern, part)]
    if len(found) < len(parts):
        return False
    for match, kind in found:
        name = match.group(1)
        if kind == "script":
            subprocess.run(["sh", "-n", SOURCE / name], check=True)
        else:
            presets = json.loads((SOURCE / "CMakePresets.json").read_text(encoding="utf-8"))[kind]
            if not any(preset["name"] == name and not preset.get("hidden") for preset in presets):
                raise AssertionError(f"there is no {name} among the {kind}")
    print("not run")
    return True


def run_c(place, text):
    """Compile it: a whole file, or lines out of a function."""
    if "main(" not in text:
        lines = text.splitlines()
        included = [line for line in lines if line.startswith("#")]
        text = "\n".join([*included, "int main(void)", "{", *(line for line in lines if line not in included), "return 0;", "}", ""])
    command = [os.environ.get("CC", "cc"), "-std=c11", "-Wall", "-Werror", "-fsyntax-only", "-I", SOURCE / "shim/include"]
    subprocess.run([*command, place.write("block.c", text)], check=True)


def has_module(place, name):
    words = ["/usr/bin/python3", "-c", f"import {name}, PyQt5.QtSvg"]
    return subprocess.run(words, cwd=place.dir, env=place.environment, stderr=subprocess.DEVNULL, check=False).returncode == 0


def run_console(place, line, console):
    """In a terminal, as the program looks for one."""
    module = CONSOLES[console]
    if not has_module(place, module):
        print(f"not run: /usr/bin/python3 cannot import {module} or PyQt5.QtSvg")
        return
    # It is among what IPython needs.
    import pexpect

    # Not whichever comes first in PATH: the one whose Python has PyQt.
    program, *subcommand = console.split()
    shift = "shift; " * len(subcommand)
    place.write(f"bin/{program}", f'#!/bin/sh\n{shift}exec /usr/bin/python3 -m {module} "$@"\n')
    # That there is a display is told by the name alone.
    environment = {**place.environment, "GILYIELD_LOG_LEVEL": "info", "QT_QPA_PLATFORM": "offscreen", "DISPLAY": ":0", "TERM": "xterm",
                   "PROMPT_TOOLKIT_NO_CPR": "1"}  # fmt: skip
    terminal = pexpect.spawn("sh", ["-euc", line], cwd=str(place.dir), env=environment, encoding="utf-8", timeout=60, dimensions=(50, 160))
    terminal.logfile_read = sys.stdout
    try:
        terminal.expect(r"In .*1.*: ")
        terminal.send("%gui qt\r")
        terminal.expect("gilyield: running in ")
    finally:
        terminal.close(force=True)


def run_shell(place, line):
    if is_left_out(line):
        return
    console = next((words for words in CONSOLES if line.endswith(f"-- {words}")), None)
    if console:
        run_console(place, line, console)
        return
    if line.endswith("spyder") and not shutil.which("spyder"):
        print("not run: there is no spyder")
        return
    if not is_application(line):
        process = subprocess.run(
            ["sh", "-euc", line], cwd=place.dir, env=place.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=60,
        )  # fmt: skip
        print(process.stdout)
        if process.returncode != 0:
            raise AssertionError(f"exit code {process.returncode}")
        return
    running = Running(place, ["sh", "-euc", line], **({} if "GILYIELD_LOG_LEVEL" in line else {"GILYIELD_LOG_LEVEL": "info"}))
    try:
        running.until(lambda: "gilyield: running in " in running.text(), 60, "gilyield runs in the application")
        print(running.text())
        if "cannot be preloaded" in running.text():
            raise AssertionError("the loader complains")
    finally:
        running.end()


def run_python(place, text):
    script = place.write("typed.py", HOST.replace("{lines!r}", repr(text.splitlines())))
    words = [place.dir / "bin/gilyield", "run", "--", BUILD / "bin/gilyield-testhost-qt5", script]
    process = subprocess.run(
        [str(word) for word in words], cwd=place.dir, env={**place.environment, "QT_QPA_PLATFORM": "offscreen"}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60,
    )  # fmt: skip
    print(process.stdout)
    if process.returncode != 0 or "Traceback" in process.stdout:
        raise AssertionError(f"exit code {process.returncode}")


def main():
    page = sys.argv[1]
    commands = "\n".join(text for language, text, _ in blocks(page) if language == "sh")
    need(*(program for program in ("klayout", "paraview", "scribus", "pgrep") if re.search(rf"\b{program}\b", commands)))
    place = Place()
    # The reader is in the directory of the sources, and has built.
    (place.dir / "build").mkdir()
    (place.dir / "build/release").symlink_to(BUILD)
    place.write("script.py", SCRIPT)
    place.write("app.py", APP)
    fake_slicer(place)
    ran = 0
    try:
        for language, text, number in blocks(page):
            print(f"---- {page}:{number} {language}", flush=True)
            if language == "python":
                run_python(place, text)
            elif language == "c":
                run_c(place, text)
            elif language == "sh":
                for line in text.splitlines():
                    print("$", line, flush=True)
                    if "pgrep" in line:
                        # Somebody's KLayout is running.
                        application = Running(place, ["klayout", "-e", "-rm", place.write("up.py", "open('up', 'w')\n")])
                        try:
                            application.until((place.dir / "up").exists, 60, "KLayout has started")
                            # Other tests run one, too: the reader's is the one in this session.
                            place.write("bin/pgrep", f'#!/bin/sh\nexec {shutil.which("pgrep")} -s {application.process.pid} "$@"\n')
                            run_shell(place, line)
                        finally:
                            application.end()
                    else:
                        run_shell(place, line)
            elif language != "text":
                raise AssertionError(f"a block in {language or 'no language'} is not run")
            ran += language != "text"
    finally:
        place.close()
    if not ran:
        raise AssertionError("there is nothing in this page")
    print("PASSED")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The command under Wine: `gilyield run`, `gilyield startup`, `gilyield doctor`. One test for each name on the command line."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import command_line
import places

SCRIPTS = Path(__file__).resolve().parent / "scripts"
WORDS = ("a b", "", 'say "so"', "back\\", "per%cent%", "ä")
QT_VARIABLES = "set \"QT_QPA_GENERIC_PLUGINS=other,gilyield\""


class Command:
    """One CPython and one build."""

    def __init__(self, version: str, build: Path) -> None:
        self.version, self.build = version, build
        self.python = build / "lib" / "python.exe"
        self.host = build / "lib" / "embed_host.exe"
        self.package = places.windows_path(build / "python")

    def environment(self, qt: int = 5, **more: str) -> dict[str, str]:
        return places.environment(
            self.version, qt, TEST_SCRIPTS=places.windows_path(SCRIPTS), TEST_PYTHON_EXE=places.windows_path(self.python), **more
        )

    def gilyield(self, *words: str, qt: int = 5, **more: str) -> subprocess.CompletedProcess[str]:
        """Run the command, which is on no path: what it starts has to find the package by what the command sets."""
        start = f"import sys; sys.path.insert(0, {self.package!r}); from gilyield._command.main import main; sys.exit(main())"
        return places.run(self.python, "-c", start, *words, env=self.environment(qt, **more), seconds=60)

    def check(self, *words: str, code: int = 0, has: tuple[str, ...] = (), **more: str | int) -> str:
        done = self.gilyield(*words, **more)  # type: ignore[arg-type]
        assert done.returncode == code, f"{words} ended with {done.returncode}, not {code}:\n{done.stdout}"
        for text in has:
            assert text in done.stdout, f"{words}: no {text!r} in\n{done.stdout}"
        return done.stdout


def values(output: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in output.splitlines():
        name, _, value = line.partition(" ")
        found.setdefault(name, []).append(value)
    return found


def check_started(output: str, words: tuple[str, ...] = ()) -> None:
    found = values(output)
    assert found.get("words") == [repr(list(words))], output
    assert found.get("enabled") == ["True"] and found.get("status") == ["['running', 'win32', 'gui']"], output
    assert found.get("left") == ["[]", "[]"], f"child processes do not start clean:\n{output}"


def test_run(command: Command) -> None:
    """PyQt programs and an application that embeds Python; words and exit code pass unchanged."""
    script, python = places.windows_path(SCRIPTS / "started.py"), places.windows_path(command.python)
    for qt in (5, 6):
        check_started(command.check("run", "--stats", "--", python, script, *WORDS, code=7, qt=qt, has=("gilyield: ",)), WORDS)
    check_started(command.check("run", "--", places.windows_path(command.host), script, code=7))
    with tempfile.TemporaryDirectory() as folder:
        launcher = Path(folder, "launcher with space.bat")
        launcher.write_text(f'@"{python}" "{script}" %*\r\n')
        name = places.windows_path(launcher)[:-4]
        check_started(command.check("run", name, "word", code=7), ("word",))
        command.check("run", name, "50%", code=126, has=("cmd.exe cannot hand on the argument '50%'",))


def test_refuses(command: Command) -> None:
    """What cannot be started with gilyield is told in one sentence before anything is."""
    python = places.windows_path(command.python)
    command.check("run", "--", "no-such-program", code=127, has=("no-such-program was not found on PATH.",))
    command.check("run", "--", "Z:\\nowhere\\p", code=127, has=("does not exist.",))
    with tempfile.TemporaryDirectory() as folder:
        other = bytearray(command.python.read_bytes())
        header = int.from_bytes(other[60:64], "little")
        other[header + 4 : header + 6] = (0x014C).to_bytes(2, "little")
        Path(folder, "old.exe").write_bytes(other)
        Path(folder, "text.exe").write_text("no program")
        where = places.windows_path(folder)
        command.check("run", f"{where}\\old", code=126, has=("is a 32-bit x86 program, and this gilyield is built for 64-bit x86-64.",))
        command.check("run", f"{where}\\text.exe", code=126, has=("is no program for Windows.",))
        command.check("run", where, code=126, has=("is a directory.",))
    for name in ("other", "other,gilyield"):
        out = command.check("run", "--dry-run", "--mode", "wait", "--", python, "a b", QT_QPA_GENERIC_PLUGINS=name, has=(QT_VARIABLES,))
        assert 'set "GILYIELD_MODE=wait"' in out and out.strip().endswith(f'{python} "a b"'), out
    command.check("top", "--pid", "1", code=1, has=("not on Windows",))


def test_startup(command: Command) -> None:
    """Files in the Python's own site-packages: a PyQt program and an application that embeds it."""
    site = places.windows_path(places.python_home(command.version) / "Lib" / "site-packages")
    script, python = places.windows_path(SCRIPTS / "started.py"), command.python
    command.check("startup", "show", "--site-packages", site, code=1, has=("nothing of it is installed here",))
    command.check("startup", "install", "--site-packages", site, has=("gilyield-startup.pth", "_gilyield_startup.py"))
    try:
        command.check("startup", "show", "--site-packages", site, has=("when GILYIELD=1 is in its environment", "gilyield.dll"))
        for qt, program in ((5, python), (6, python), (5, command.host)):
            done = places.run(program, script, env=command.environment(qt, GILYIELD="1"))
            check_started(done.stdout)
        dormant = places.run(python, script, env=command.environment(5))
        assert values(dormant.stdout)["enabled"] == ["False"], dormant.stdout
    finally:
        command.check("startup", "remove", "--site-packages", site, has=("removed",))
    assert not os.listdir(places.python_home(command.version) / "Lib" / "site-packages")


def test_doctor(command: Command) -> None:
    """In a shell, of a program and of a process; in an application, on its GUI thread."""
    script, host = places.windows_path(SCRIPTS / "started.py"), places.windows_path(command.host)
    command.check("doctor", host, has=("embed_host.exe, 64-bit x86-64", "gilyield.dll, for Qt 5 and Qt 6", f"gilyield run -- {host}"))
    command.check("doctor", "no-such-program", code=127, has=("was not found on PATH.",))
    command.check("doctor", "--pid", "999996", code=1, has=("there is no process 999996.",))
    out = command.check("run", "--", host, script, code=7, TEST_DOCTOR="1", PYTHONPATH=command.package)
    found = values(out)
    assert found.get("doctor") == ["[True, 'holds', True]"], out
    (pid,) = found["pid"]
    for text in (f"gilyield doctor: process {pid} (embed_host.exe)", "Qt5Core.dll", f"{command.version}: Z:", "PyQt5", "gilyield.dll"):
        assert text in out, f"no {text!r} in\n{out}"
    out = command.check("run", "--", places.windows_path(command.python), script, code=7, TEST_DOCTOR="1", PYTHONPATH=command.package, qt=6)
    assert values(out).get("doctor") == ["[True, 'releases', True]"], out


def one(name: str, version: str, build: Path) -> None:
    globals()[f"test_{name}"](Command(version, build))


if __name__ == "__main__":
    sys.exit(command_line.main(__doc__, one))

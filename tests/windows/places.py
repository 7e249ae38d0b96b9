# SPDX-License-Identifier: MIT
"""Where the Windows tests keep what they download and unpack, and how a program is run under Wine."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

PYTHONS = ("3.9", "3.12", "3.11", "3.13")
"""The CPython versions that are tested; 3.9 and 3.12 are 3D Slicer's."""

BY_HAND = ("3.8", "3.14")
"""Those that `prepare.py 3.8 3.14` makes as well, where this machine has them to take the standard library from."""


def root() -> Path:
    """The folder outside the checkout with all that is downloaded and unpacked."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(cache, "gilyield", "windows")


def prefix() -> Path:
    """WINEPREFIX. Another name for each change of what prepare.py makes of it."""
    return root() / "prefix-unmanaged"


def python_home(version: str) -> Path:
    """PYTHONHOME of that CPython, with pythonXY.dll, DLLs and Lib in it."""
    return root() / ("python" + version.replace(".", ""))


def qt_home(major: int) -> Path:
    """The folder that has PyQt5 or PyQt6 in it."""
    return root() / f"qt{major}"


def windows_path(path: str | os.PathLike[str]) -> str:
    """The same file as a program under Wine names it."""
    return "Z:" + os.path.abspath(path).replace("/", "\\")


def _first(*names: str) -> str | None:
    return next(filter(None, map(shutil.which, names)), None)


def wine() -> str | None:
    """The 64-bit Wine, None if there is none."""
    return _first("/usr/lib/wine/wine64", "wine64", "wine")


def obstacle(version: str, build: Path) -> str | None:
    """Why nothing can be run with that CPython, None if it can."""
    if not wine() or not (prefix() / "complete").exists() or not (build / "lib" / "gilyield.dll").exists():
        return "there is no Wine, or nothing that tests/windows/prepare.py makes"
    if not (python_home(version) / "complete").exists():
        return f"there is no CPython {version}: see prepare.py"
    return None


def environment(version: str, qt: int, **more: str) -> dict[str, str]:
    """The environment for a program under Wine that uses that CPython and that Qt.

    Wine keeps variables called QT_… of the UNIX environment to itself, so those in `more` are handed on as WINEQT_…; the programs
    of these tests rename them.
    """
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GILYIELD", "QT_", "PYTHON", "LD_PRELOAD"))}
    qt_bin = qt_home(qt) / f"PyQt{qt}" / f"Qt{qt}"
    home = python_home(version)
    kept.update(
        WINEPREFIX=str(prefix()),
        WINEARCH="win64",
        WINEDEBUG="-all",
        WINEDLLOVERRIDES="mscoree,mshtml,winemenubuilder.exe,winedbg.exe=",
        WINEPATH=";".join(windows_path(p) for p in (home, qt_bin / "bin")),
        PYTHONHOME=windows_path(home),
        PYTHONDONTWRITEBYTECODE="1",
        PYTHONIOENCODING="utf-8",
        TEST_PYTHON_DLL=f"python{version.replace('.', '')}.dll",
        TEST_QT=str(qt),
    )
    path = [home / "DLLs", qt_home(qt)]
    kept["PYTHONPATH"] = ";".join([windows_path(p) for p in path] + ([more.pop("PYTHONPATH")] if "PYTHONPATH" in more else []))
    more.setdefault("QT_QPA_PLATFORM", "offscreen")
    more.setdefault("QT_PLUGIN_PATH", windows_path(qt_bin / "plugins"))
    for key, value in more.items():
        kept["WINE" + key if key.startswith("QT_") else key] = value
    return kept


def run(program: str | os.PathLike[str], *arguments: str, env: dict[str, str], seconds: float = 60.0) -> subprocess.CompletedProcess[str]:
    """Runs a Windows program to its end. subprocess.TimeoutExpired after `seconds`, and then nothing of it is left."""
    command = [str(wine()), str(program), *arguments]
    output = b""
    # A pipe: Wine buffers what goes to a file. It is not read to its end, as Wine's desktop, which the first program with a window
    # starts, keeps it open. Errors come with the rest, as nothing else reads them while the program hangs.
    with subprocess.Popen(
        command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, process_group=0
    ) as process:
        assert process.stdout
        pipe, until = process.stdout.fileno(), time.monotonic() + seconds

        def read(wait_s: float) -> bytes:
            return os.read(pipe, 1 << 16) if select.select([pipe], [], [], wait_s)[0] else b""

        while process.poll() is None and time.monotonic() < until:
            output += read(0.1)
        late = process.poll() is None
        if late:
            os.killpg(process.pid, signal.SIGKILL)
        while rest := read(0):
            output += rest
    text = output.decode(errors="replace").replace("\r\n", "\n")
    if late:
        raise subprocess.TimeoutExpired(command, seconds, text)
    return subprocess.CompletedProcess(command, process.returncode, text)


@contextlib.contextmanager
def kept_awake() -> Iterator[None]:
    """Wine's own processes, which end with the last program, stay while this lasts: a program starts in 0.1 s instead of in 1.8."""
    env = environment(PYTHONS[0], 5)
    server = _first("wineserver", "/usr/lib/wine/wineserver")  # Debian's wine64 alone puts none into PATH
    if server and "DISPLAY" in os.environ:
        # Wine's desktop of the test before may have been on no display, and ends a moment after its last program.
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run([server, "-w"], env=env, timeout=20, check=False)
    # It ends when its input does, so also when this process is killed.
    with subprocess.Popen([str(wine()), "cmd.exe"], env=env, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        yield

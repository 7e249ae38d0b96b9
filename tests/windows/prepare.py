#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes what the Windows tests run on: a Wine prefix, official CPython DLLs, official Qt. Does what is missing, and only that.

CPython's DLLs and extension modules come from the wheels of panda3d, which carry python.org's own for each version; the standard
library comes from a CPython of the same version on this machine. Qt comes with PyQt5 and PyQt6. All are downloaded by pip from
PyPI. A version for which something cannot be had is left out, with a word.
"""

from __future__ import annotations

import glob
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import places

GCC = "x86_64-w64-mingw32-gcc"
QT_WHEELS = {5: ("PyQt5==5.15.11", "PyQt5-Qt5==5.15.2"), 6: ("PyQt6==6.4.2", "PyQt6-Qt6==6.4.2")}
QT_KEPT = {"Core", "Gui", "Widgets", "Network"}
QT_PLUGINS = ("/platforms/", "/generic/", "/styles/")
NOT_OF_LIB = shutil.ignore_patterns(
    "site-packages", "dist-packages", "test", "tests", "idlelib", "tkinter", "turtledemo", "lib2to3", "ensurepip", "lib-dynload",
    "config-*", "__pycache__", "sitecustomize.py", "_sysconfigdata*",
)


def download(folder: str, version: str, *packages: str) -> list[Path]:
    """The wheels of `packages` for Windows and that CPython."""
    before = set(os.listdir(folder))
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:",
         "--platform", "win_amd64", "--python-version", version, "--dest", folder, *packages],
        check=True,
    )
    return [Path(folder, name) for name in sorted(set(os.listdir(folder)) - before)]


def imports(path: Path, dll: str) -> set[str]:
    """The names that a 64-bit PE file imports from `dll`."""
    data = path.read_bytes()
    header = struct.unpack_from("<I", data, 0x3C)[0]
    sections = struct.unpack_from("<H", data, header + 6)[0]
    optional = header + 24
    table = optional + struct.unpack_from("<H", data, header + 20)[0]
    spans = [struct.unpack_from("<IIII", data, table + 40 * i + 8) for i in range(sections)]

    def offset(rva: int) -> int:
        for virtual_size, virtual, raw_size, raw in spans:
            if virtual <= rva < virtual + max(virtual_size, raw_size):
                return raw + rva - virtual
        raise ValueError(f"{path}: no section has {rva:#x}")

    def text(rva: int) -> str:
        start = offset(rva)
        return data[start : data.index(b"\0", start)].decode()

    names: set[str] = set()
    descriptor = struct.unpack_from("<I", data, optional + 120)[0]
    while descriptor:
        thunks, _, _, name, _ = struct.unpack_from("<IIIII", data, offset(descriptor))
        if not name:
            break
        if text(name).lower() == dll:
            while (entry := struct.unpack_from("<Q", data, offset(thunks))[0]) != 0:
                if not entry >> 63:
                    names.add(text(entry + 2))
                thunks += 8
        descriptor += 20
    return names


def standard_library(version: str) -> Path | None:
    """Lib/ of a CPython of that version on this machine."""
    candidates = [f"python{version}", *sorted(glob.glob(os.path.expanduser(f"~/.pyenv/versions/{version}.*/bin/python{version}")))]
    for candidate in candidates:
        try:
            done = subprocess.run(
                [candidate, "-I", "-c", "import os, sys; print(sys.version_info[:2], os.path.dirname(os.__file__))"],
                capture_output=True, text=True,
            )
        except OSError:
            continue
        expected = f"({version.replace('.', ', ')}) "
        if done.returncode == 0 and done.stdout.startswith(expected):
            return Path(done.stdout[len(expected) :].strip())
    return None


def make_python(version: str) -> str | None:
    """None when it is there, else why it cannot be had."""
    home = places.python_home(version)
    if (home / "complete").exists():
        return None
    library = standard_library(version)
    if not library:
        return f"no CPython {version} on this machine to take the standard library from"
    shutil.rmtree(home, ignore_errors=True)
    (home / "DLLs").mkdir(parents=True)
    with tempfile.TemporaryDirectory(dir=places.root()) as folder:
        (wheel,) = download(folder, version, "panda3d")
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                base = os.path.basename(name)
                lower = base.lower()
                if not name.startswith("deploy_libs/") or lower.startswith(("api-ms-", "tcl", "tk")) or "t-win_amd64" in lower:
                    continue
                wanted = lower.startswith(("python", "vcruntime", "libffi", "libcrypto", "libssl"))
                if wanted or (lower.endswith((".pyd", ".dll")) and not lower.startswith(("lib", "p3"))):
                    to = home if lower.startswith(("python", "vcruntime")) else home / "DLLs"
                    (to / base).write_bytes(archive.read(name))
    shutil.copytree(library, home / "Lib", ignore=NOT_OF_LIB)
    (home / "Lib" / "site-packages").mkdir()
    (home / "complete").touch()
    return None


def make_qt(major: int, versions: list[str]) -> None:
    home = places.qt_home(major)
    if not (home / "complete").exists():
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        with tempfile.TemporaryDirectory(dir=places.root()) as folder:
            for wheel in download(folder, "3.9", *QT_WHEELS[major]):
                with zipfile.ZipFile(wheel) as archive:
                    archive.extractall(home, [name for name in archive.namelist() if wanted_of_qt(name)])
        (home / "complete").touch()
    for version in versions:
        if not glob.glob(str(home / f"PyQt{major}" / f"sip.cp{version.replace('.', '')}-*.pyd")):
            with tempfile.TemporaryDirectory(dir=places.root()) as folder:
                (wheel,) = download(folder, version, f"PyQt{major}-sip<{13 if major == 5 else 14}")
                with zipfile.ZipFile(wheel) as archive:
                    names = [name for name in archive.namelist() if name.endswith(".pyd")]
                    archive.extractall(home, names)
    return None


def wanted_of_qt(name: str) -> bool:
    """Qt Core, Gui, Widgets and Network with their modules and plugins: a tenth of the wheels."""
    base = os.path.basename(name)
    if name.endswith("__init__.py"):
        return name.count("/") == 1
    if base.endswith(".pyd"):
        return base.split(".")[0].removeprefix("Qt") in QT_KEPT
    if "/plugins/" in name:
        return any(part in name for part in QT_PLUGINS)
    if "/bin/" in name and base.endswith(".dll"):
        return not base.startswith("Qt") or base[3:-4] in QT_KEPT
    return False


def make_stable_abi(version: str) -> None:
    """python3.dll, which forwards to pythonXY.dll what the modules for the stable ABI import from it."""
    home = places.python_home(version)
    names: set[str] = set()
    for module in glob.glob(str(places.root() / "qt*" / "PyQt*" / "*.pyd")):
        names |= imports(Path(module), "python3.dll")
    definition = Path(__file__).parents[2] / "python" / "src" / "win32" / "python3.def"
    names |= {line.split()[0] for line in definition.read_text().splitlines() if line.startswith("    ")}
    target = f"python{version.replace('.', '')}"
    with tempfile.TemporaryDirectory() as folder:
        forwards = Path(folder, "python3.def")
        lines = "".join(f"  {name} = {target}.{name}\n" for name in sorted(names))
        forwards.write_text(f"LIBRARY python3.dll\nEXPORTS\n{lines}")
        empty = Path(folder, "empty.c")
        empty.write_text("int __stdcall DllMainCRTStartup(void *i, unsigned long r, void *p) { (void)i; (void)r; (void)p; return 1; }\n")
        subprocess.run(
            [GCC, "-shared", "-nostdlib", "-e", "DllMainCRTStartup", "-o", str(home / "python3.dll"), str(empty), str(forwards)], check=True
        )


def make_prefix() -> None:
    prefix = places.prefix()
    if (prefix / "complete").exists():
        return
    shutil.rmtree(prefix, ignore_errors=True)
    env = places.environment(places.PYTHONS[0], 5)
    subprocess.run([str(places.wine()), "wineboot", "-i"], env=env, check=True, stdin=subprocess.DEVNULL, timeout=300)
    # Else Wine waits for a window manager, two seconds for each native window, in a system call in which nothing can be given away.
    unmanaged = ["reg", "add", "HKCU\\Software\\Wine\\X11 Driver", "/v", "Managed", "/d", "N", "/f"]
    subprocess.run([str(places.wine()), *unmanaged], env=env, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=60)
    (prefix / "complete").touch()


def obstacle() -> str | None:
    """Why nothing of this can be had here, None if it can."""
    if not places.wine():
        return "there is no Wine (Debian: wine64)"
    if not shutil.which(GCC):
        return f"there is no {GCC} (Debian: gcc-mingw-w64-x86-64-posix)"
    return None


def main() -> int:
    missing = obstacle()
    if missing:
        print(f"skipped: {missing}")
        return 0
    places.root().mkdir(parents=True, exist_ok=True)
    make_prefix()
    versions = []
    for version in (*places.PYTHONS, *sys.argv[1:]):
        try:
            why = make_python(version)
        except subprocess.CalledProcessError as error:
            why = f"pip cannot download its DLLs ({error.returncode})"
        if why:
            print(f"CPython {version} is left out: {why}")
        else:
            versions.append(version)
    try:
        for major in QT_WHEELS:
            make_qt(major, versions)
    except subprocess.CalledProcessError as error:
        print(f"skipped: pip cannot download Qt ({error.returncode})")
        return 0
    for version in versions:
        make_stable_abi(version)
    print("ready: CPython " + ", ".join(versions))
    return 0


if __name__ == "__main__":
    sys.exit(main())

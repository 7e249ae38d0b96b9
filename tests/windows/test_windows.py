#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the scripts of this folder under Wine, and looks at what they say. One test for each name on the command line.

Compared is what was measured in turns within one test, never with the clock: ratios with wide margins.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
import zipfile
from pathlib import Path

import command_line
import places

SCRIPTS = Path(__file__).resolve().parent / "scripts"
build = Path()


def run(
    script: str, version: str, qt: int = 5, program: str = "embed_host.exe", arguments: tuple[str, ...] = (), package: Path | None = None, **more: str
) -> dict[str, str]:
    """Run a script, and return what it said: the last value of each name."""
    env = places.environment(
        version, qt, PYTHONPATH=places.windows_path(package or build / "python"), TEST_SCRIPTS=places.windows_path(SCRIPTS), **more
    )
    try:
        done = places.run(build / "lib" / program, places.windows_path(SCRIPTS / script), *arguments, env=env, seconds=60)
    except subprocess.TimeoutExpired as late:
        raise AssertionError(f"{script} with CPython {version} and Qt {qt} did not end within {late.timeout} s:\n{late.output}") from None
    said = dict(line.split(" ", 1) for line in done.stdout.splitlines() if " " in line)
    said["output"] = done.stdout
    assert done.returncode == 0, f"{script} with CPython {version} and Qt {qt} ended with {done.returncode}:\n{done.stdout}"
    return said


def median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def test_forum(version: str) -> None:
    said = run("host_forum.py", version)
    assert ended_in_time(said), said["output"]
    without = run("host_forum.py", version, TEST_ENABLED="0", TEST_SECONDS="3")
    assert not ended_in_time(without), "the thread ran without gilyield: this host shows nothing"


def ended_in_time(said: dict[str, str]) -> bool:
    """Before the event loop did: the interpreter waits for threads when it ends."""
    return "Finished" in said["output"].split("loop ended")[0]


def test_load(version: str) -> None:
    """Side by side: without gilyield, with it, and without the GUI thread first."""
    off = float(run("host_load.py", version, TEST_ENABLED="0", TEST_TICKS="0")["loops_per_s"])
    on = float(run("host_load.py", version, TEST_TICKS="0")["loops_per_s"])
    assert on > 3 * off, (on, off)
    late: dict[str, list[float]] = {"gui": [], "none": []}
    for _ in range(3):  # a busy machine makes both late
        for priority in late:
            said = run("host_load.py", version, TEST_THREADS="4", GILYIELD_PRIORITY=priority)
            assert said["priority"] == priority, said["output"]
            late[priority].append(float(said["late_ms"]))
        if median(late["gui"]) < median(late["none"]):
            return
    raise AssertionError(late)


def test_modal(version: str) -> None:
    check_modal(version, "box")
    without = run("host_modal.py", version, GILYIELD_PRIORITY="none")
    assert float(without["ratio"]) < 0.5, "threads run in MessageBox without us: this shows nothing"


def test_loops(version: str) -> None:
    """The other loops of Windows."""
    for loop in ("files", "menu", "move", "drag"):
        check_modal(version, loop)


def check_modal(version: str, loop: str) -> None:
    for _ in range(3):  # a busy machine keeps the loop from idling
        said = run("host_modal.py", version, TEST_LOOP=loop)
        assert said.get("opened") == "True", said["output"]
        if float(said["away"]) > 0.4:
            return
    raise AssertionError(f"in the loop of {loop} threads have the GIL for a part of {said['away']}:\n{said['output']}")


def test_pipes(version: str) -> None:
    said = run("host_pipes.py", version)
    assert said.get("bytes") == "100000" and said.get("process") == "hello", said["output"]


def test_toggle(version: str) -> None:
    said = run("host_toggle.py", version)
    assert said.get("counted") == "True", said["output"]


def test_exits(version: str) -> None:
    """Every order in which interpreter, application and process can end, and a second application object."""
    for arguments in ((), ("leave",), ("gone-first",), ("application",)):
        said = run("host_toggle.py", version, arguments=arguments, TEST_SECONDS="0.5")
        assert "host: exec() returned 0" in said["output"], said["output"]


def test_pyqt5(version: str) -> None:
    check_pyqt(version, 5)


def test_pyqt6(version: str) -> None:
    check_pyqt(version, 6)


def check_pyqt(version: str, qt: int) -> None:
    said = run("pyqt.py", version, qt, "python.exe", TEST_SECONDS="1", TEST_THREADS="4")
    assert said.get("on_gui_thread") == "True" and said.get("job") == "499500", said["output"]
    assert said.get("priority") == "gui" and said.get("host") == "releases", said["output"]


def test_quit(version: str) -> None:
    """From exit() on a call is run or refused. From 6.8 on Qt says aboutToQuit before its loops end."""
    for qt, how in ((6, "used"), (6, "unused"), (6, "disabled"), (5, "unused")):
        run("../../install/wheel_quit.py", version, qt, "python.exe", arguments=(f"PyQt{qt}", how))


def test_plugin(version: str) -> None:
    """Qt's variables alone load the library, which starts with GILYIELD=1."""
    for qt in (5, 6):
        plugins = [places.qt_home(qt) / f"PyQt{qt}" / f"Qt{qt}" / "plugins", build / f"plugins-qt{qt}"]
        path = ";".join(places.windows_path(each) for each in plugins)
        said = run(
            "host_load.py", version, qt, TEST_ENABLED="0", GILYIELD="1", QT_PLUGIN_PATH=path, QT_QPA_GENERIC_PLUGINS="gilyield"
        )
        assert said.get("priority") == "gui" and int(said["yields"]) > 0, said["output"]


def test_wheel(version: str) -> None:
    """What is in the wheel, and that it works from where pip puts it."""
    with tempfile.TemporaryDirectory() as folder:
        wheel = make_wheel(folder)
        assert wheel.endswith("-cp38-abi3-win_amd64.whl"), wheel
        with zipfile.ZipFile(wheel) as archive:
            names = archive.namelist()
            archive.extractall(folder)
        for name in ("__init__.py", "_gilyield.pyd", "gilyield.dll", "gui.py", "jobs.py", "_command/main.py", "py.typed"):
            assert f"gilyield/{name}" in names, names
        said = run("host_load.py", version, package=Path(folder))
        assert said.get("priority") == "gui" and int(said["yields"]) > 0, said["output"]


def test_checklist(version: str) -> None:
    """The check list of windows.md, with the wheel unpacked where it says; what is to be seen is seen."""
    page = (SCRIPTS.parents[2] / "python" / "docs" / "windows.md").read_text(encoding="utf-8").split("## Ten minutes")[1]
    blocks = re.findall(r"(?:^       .*\n)+", page, re.MULTILINE)
    drive = places.prefix() / "drive_c" / "gilyield"
    assert len(blocks) == 2, blocks
    try:
        with tempfile.TemporaryDirectory() as folder:
            with zipfile.ZipFile(make_wheel(folder)) as archive:
                archive.extractall(drive)
            steps = Path(folder, "steps")
            steps.write_text("---\n".join(textwrap.dedent(block) for block in blocks), encoding="utf-8")
            said = run("host_checklist.py", version, package=Path(folder), TEST_STEPS=places.windows_path(steps))
    finally:
        shutil.rmtree(drive, ignore_errors=True)
    for text in re.findall(r"^   To see: `(.*)`, `(.*)`, `(.*)`\.$", page, re.MULTILINE)[0]:
        assert re.search(text.replace(" ", " +"), said["output"]), f"{text}\n{said['output']}"
    on, off, again = (int(number) for number in said["counted"].strip("[]").split(","))
    assert on > 3 * off and again > 3 * off, said["output"]


def make_wheel(folder: str) -> str:
    """The wheel of this build, in the folder."""
    command = [sys.executable, str(SCRIPTS.parents[2] / "python" / "windows_wheel.py"), str(build), folder]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_unit(version: str) -> None:
    """The unit tests of all that knows no system."""
    programs = sorted((build / "unit").glob("test_*.exe"))
    assert len(programs) > 9, programs
    for program in programs:
        done = places.run(program, env=places.environment(version, 5))
        assert done.returncode == 0 and " 0 failed" in done.stdout, f"{program.name} ended with {done.returncode}:\n{done.stdout}"


def test_switch_interval(version: str) -> None:
    """Not below a millisecond, for which CPython would not wait at all."""
    said = run("host_switch_interval.py", version, GILYIELD_PRIORITY="switch-interval", GILYIELD_SWITCH_US="100")
    assert said.get("priority") == "switch-interval", said["output"]
    assert said.get("seen_us") == "[1000]" and said.get("after_us") == "5000", said["output"]


def test_on_again(version: str) -> None:
    """configure() while threads stand in line, with a switch interval for which nobody can wait."""
    for threads in ("2", "4"):
        said = run("host_on_again.py", version, TEST_THREADS=threads)
        assert said.get("priority") == "gui" and said.get("rounds") == "20", said["output"]


def test_see(version: str) -> None:
    """threads() and trace() work; watch() says that it cannot."""
    said = run("host_see.py", version)
    assert said.get("watch") == "the GUI thread cannot be watched on this system", said["output"]
    assert said.get("worker") == "True" and said.get("gui") == "True", said["output"]
    assert said.get("events") == "True", said["output"]


def test_last_error(version: str) -> None:
    """What GetLastError() says in the GUI thread and in others stays, whoever has the GIL meanwhile."""
    said = run("host_last_error.py", version)
    assert said.get("changed") == "[]" and int(said["handovers"]) > 0, said["output"]


def test_idle(version: str) -> None:
    """An idle application is not woken once, whatever its threads do."""
    for qt in (5, 6):
        for kind in ("none", "sleep", "compute"):
            said = run("host_idle.py", version, qt, TEST_KIND=kind, TEST_SECONDS="2.5")
            assert said.get("turns") == "0" and said.get("yields") == "0", f"with Qt {qt} and threads that {kind}:\n{said['output']}"


def test_inert(version: str) -> None:
    """A process without Python and Qt, which also frees the library in vain; and one without Qt."""
    said = run("inert.py", version, program="no_python.exe")
    assert [said.get(name) for name in ("start", "state", "there", "stop", "after")] == ["0", "1", "1", "0", "0"], said["output"]
    said = run("inert.py", version, program="python.exe")
    assert said.get("state") == "armed" and said.get("after") == "dormant", said["output"]


def one(name: str, version: str, where: Path) -> None:
    global build
    build = where
    globals()[f"test_{name}"](version)


if __name__ == "__main__":
    sys.exit(command_line.main(__doc__, one))

# SPDX-License-Identifier: MIT
"""Builds the wheel, installs it into a fresh venv, and uses it there. `build` is the set-up of the other cases."""

import argparse
import glob
import itertools
import os
import re
import shutil
import tarfile
import tempfile
import time
import zipfile
from typing import Dict, List

from support import MOVES, STANDS_STILL, attempt, expect, fresh, progress, run, skip

HERE = os.path.dirname(os.path.abspath(__file__))


def venv_python(args: argparse.Namespace) -> str:
    return os.path.join(args.work, "venv", "bin", "python")


def need_wheel(args: argparse.Namespace) -> str:
    """Return the interpreter of the venv with the wheel in it, or skip."""
    if not glob.glob(os.path.join(args.work, "wheels", "*.whl")):
        skip("there is no wheel: see why the test install.wheel.build was skipped")
    return venv_python(args)


def tools(args: argparse.Namespace) -> Dict[str, str]:
    """The environment for building in the venv: what pip would fetch for an isolated build is there."""
    return {"PATH": os.path.dirname(venv_python(args)) + ":" + os.environ["PATH"], "CC": args.cc, "CXX": args.cxx}


def case_build(args: argparse.Namespace) -> None:
    fresh(args.work)
    done = attempt([args.python, "-m", "venv", os.path.join(args.work, "venv")])
    if done.returncode != 0:
        skip("%s cannot make a venv with pip (Debian: python3-venv)" % args.python)
    pip = [venv_python(args), "-m", "pip", "--disable-pip-version-check"]
    done = attempt([*pip, "install", "-q", "scikit-build-core>=0.10", "ninja", "build", "mypy", "PyQt5", "PyQt6"], limit=200)
    if done.returncode != 0:
        skip("pip cannot install scikit-build-core, ninja, build, mypy, PyQt5 and PyQt6 here (network?):\n" + done.stdout)

    wheels = os.path.join(args.work, "wheels")
    pip_wheel = [*pip, "wheel", "-q", "--no-build-isolation", "--no-deps", "--no-cache-dir"]
    # Built beside its place: a wheel that is wrong must not be there for the other cases.
    unchecked = os.path.join(args.work, "unchecked")
    run([*pip_wheel, "-w", unchecked, os.path.join(args.source, "python")], tools(args))
    (wheel,) = os.listdir(unchecked)
    expect(re.match(r"gilyield-%s-cp38-abi3-\w+\.whl$" % re.escape(args.version), wheel) is not None, "the wheel is " + wheel)
    with zipfile.ZipFile(os.path.join(unchecked, wheel)) as archive:
        names = archive.namelist()
    top = {name.split("/")[0] for name in names}
    expect(top == {"gilyield", "gilyield-%s.dist-info" % args.version}, "at the top of the wheel: %s" % sorted(top))
    shims = sorted(name for name in names if "libgilyield" in name)
    expected = ["gilyield/lib/libgilyield-qt%s.so.0" % major for major in args.qt_majors] + ["gilyield/lib/libgilyield.so"]
    expect(shims == expected, "the libraries are %s" % shims)
    for name in ("gilyield/py.typed", "gilyield/_gilyield.pyi", "gilyield/_gilyield.abi3.so"):
        expect(name in names, "not in the wheel: " + name)
    expect(any(name.endswith("/LICENSE") for name in names), "no licence in the wheel")
    run([*pip, "install", "-q", "--no-deps", os.path.join(unchecked, wheel)])
    run([os.path.join(args.work, "venv", "bin", "gilyield"), "--help"])
    os.rename(unchecked, wheels)


def case_sdist(args: argparse.Namespace) -> None:
    """A source distribution is complete: a wheel comes out of it where nothing else of the project is."""
    python = need_wheel(args)
    with tempfile.TemporaryDirectory() as work:
        run([python, "-m", "build", "--no-isolation", "--sdist", "-o", work, os.path.join(args.source, "python")], tools(args))
        (archive,) = glob.glob(os.path.join(work, "*.tar.gz"))
        with tarfile.open(archive) as tar:
            tar.extractall(work)
        (tree,) = [entry.path for entry in os.scandir(work) if entry.is_dir()]
        command = [python, "-m", "build", "--no-isolation", "--wheel", "-o", os.path.join(work, "wheels"), tree]
        run(command, tools(args), cwd=work)
        (built,) = os.listdir(os.path.join(work, "wheels"))
        (expected,) = os.listdir(os.path.join(args.work, "wheels"))
        expect(built == expected, "from the sources directly %s, from the source distribution %s" % (expected, built))
        with zipfile.ZipFile(os.path.join(work, "wheels", built)) as one, zipfile.ZipFile(
            os.path.join(args.work, "wheels", expected)
        ) as other:
            expect(sorted(one.namelist()) == sorted(other.namelist()), "the two wheels hold different files")


def expect_own_library(args: argparse.Namespace, output: str) -> None:
    found = re.search(r"^library (.*)$", output, re.MULTILINE)
    expect(
        found is not None and os.path.realpath(found.group(1)).startswith(os.path.realpath(os.path.join(args.work, "venv"))),
        "the shim in use is not the wheel's:\n" + output,
    )


def case_pyqt5(args: argparse.Namespace) -> None:
    output = run([need_wheel(args), os.path.join(HERE, "wheel_pyqt5.py")], {"QT_QPA_PLATFORM": "offscreen"}, limit=30)
    print(output)
    expect_own_library(args, output)


def case_quit(args: argparse.Namespace) -> None:
    """From exit() on a call is run or refused, in Qt 5 and in a Qt from 6.8 on, which says aboutToQuit before its loops end."""
    for binding, how in itertools.product(("PyQt5", "PyQt6"), ("used", "unused", "disabled")):
        command = [need_wheel(args), os.path.join(HERE, "wheel_quit.py"), binding, how]
        print(run(command, {"QT_QPA_PLATFORM": "offscreen"}, limit=40), end="", flush=True)


def case_restart(args: argparse.Namespace) -> None:
    """What start.md says of an application that restarts itself: it comes back with gilyield, or without."""
    python = need_wheel(args)
    command = os.path.join(os.path.dirname(python), "gilyield")
    site = ["--site-packages", run([python, "-c", "import sysconfig; print(sysconfig.get_path('platlib'))"]).strip()]
    run_ways = {"run": ([command, "run", "--"], "without"), "run --children": ([command, "run", "--children", "--"], "with")}
    startup_ways = {"startup": ([], "with"), "run, startup": ([command, "run", "--"], "with")}
    try:
        for ways in (run_ways, startup_ways):
            if ways is startup_ways:
                run([command, "startup", "install", *site])
            for how, (name, (start, expected)) in itertools.product(("detached", "execv"), ways.items()):
                with tempfile.TemporaryDirectory() as work:
                    log = os.path.join(work, "log")
                    run([*start, python, os.path.join(HERE, "wheel_restart.py"), how, log], {"GILYIELD": "1"}, limit=30)
                    seen = wait_for_lines(log, 2)
                print("%s, %s: %s" % (name, how, seen))
                expect(seen == ["with", expected], "%s, %s: %s, not with and then %s" % (name, how, seen, expected))
    finally:
        run([command, "startup", "remove", *site])


def wait_for_lines(path: str, count: int) -> List[str]:
    """Return the lines of the file, once there are so many, else after 20 s."""
    for _ in range(200):
        with open(path, encoding="utf-8") as stream:
            lines = stream.read().splitlines()
        if len(lines) >= count:
            break
        time.sleep(0.1)
    return lines


def case_klayout(args: argparse.Namespace) -> None:
    python = need_wheel(args)
    for program, package in (("klayout", "klayout"), ("xvfb-run", "xvfb"), ("xauth", "xauth")):
        if not shutil.which(program):
            skip("%s is missing (Debian: %s)" % (program, package))
    packages = run([python, "-c", "import sysconfig; print(sysconfig.get_path('platlib'))"]).strip()
    # The limit is inside, so that xvfb-run ends its server in any case.
    command = ["xvfb-run", "-a", "timeout", "-k", "5", "60", "klayout", "-e", "-rm", os.path.join(HERE, "wheel_klayout.py")]
    env = {"PYTHONPATH": packages, "QT_QPA_PLATFORM": "xcb", "PYTHONDONTWRITEBYTECODE": "1"}
    with tempfile.TemporaryDirectory() as home:
        env["KLAYOUT_HOME"] = env["HOME"] = home
        expect(progress(command, env) <= STANDS_STILL, "gilyield was not enabled, and the Python thread moved")
        output = run(command, dict(env, TEST_ENABLE="1"), limit=90)
    print(output)
    found = re.search(r"^progress (\d+)$", output, re.MULTILINE)
    expect(found is not None and int(found.group(1)) >= MOVES, "gilyield was enabled, and the Python thread did not move")
    expect_own_library(args, output)


def case_typing(args: argparse.Namespace) -> None:
    """The types that users get: stubs and code agree, and all of it is typed."""
    python = need_wheel(args)
    with tempfile.TemporaryDirectory() as work:
        allowlist = os.path.join(HERE, "stubtest_allowlist.txt")
        print(run([python, "-m", "mypy.stubtest", "--allowlist", allowlist, "gilyield"], cwd=work), end="")
        print(run([python, "-m", "mypy", "--strict", "-p", "gilyield"], cwd=work), end="")
        # As in a console: one import. A name that does not exist is still found.
        user = os.path.join(work, "user.py")
        typed = "a: int = gilyield.gui.call(len, '')\nb: gilyield.jobs.Job = gilyield.jobs.start(len, '')\n"
        for lines, good in ((typed, True), ("gilyield.enabled()\n", False)):
            with open(user, "w", encoding="utf-8") as stream:
                stream.write("import gilyield\n" + lines)
            done = attempt([python, "-m", "mypy", "--strict", user], cwd=work)
            expect((done.returncode == 0) == good, "mypy says of\n%s%s" % (lines, done.stdout))


def main() -> None:
    cases = {name[5:]: value for name, value in globals().items() if name.startswith("case_")}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", choices=sorted(cases))
    for name in "source work python cc cxx version".split():
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--qt-majors", required=True, type=lambda text: text.split(","))
    args = parser.parse_args()
    cases[args.case](args)


if __name__ == "__main__":
    main()

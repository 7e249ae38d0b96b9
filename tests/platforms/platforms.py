# SPDX-License-Identifier: MIT
"""Makes Debian systems in directories, installs the wheel in them, and tries it with programs there. Prints a table.

Systems are kept in $GILYIELD_PLATFORMS, else $XDG_CACHE_HOME/gilyield/platforms, for the next run; nothing stays mounted. Started by
run.sh, which says what is needed.
"""

import argparse
import glob
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from typing import Dict, List, NamedTuple, Optional, Tuple

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.join(SOURCE, "build", "release")
MIRROR = "http://deb.debian.org/debian"
# What the Qt in a wheel takes from the system.
QT_NEEDS = ["libgl1", "libegl1", "libglib2.0-0", "libfontconfig1", "libdbus-1-3", "libxkbcommon0", "fonts-dejavu-core"]
OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen"}
PROGRAM_LIMIT_S = 150


class Program(NamedTuple):
    name: str
    command: List[str]  # after `gilyield run --`
    environment: Dict[str, str] = OFFSCREEN
    before: Tuple[str, ...] = ()  # what `gilyield run` is started by


class System(NamedTuple):
    suite: str
    packages: List[str]
    wheels: List[str]  # from PyPI
    programs: List[Program]
    machine: str = "x86_64"
    bundle: bool = False
    count: int = 10000000


def binding(name: str, label: Optional[str] = None) -> Program:
    return Program(label or name + " wheel", ["/opt/venv/bin/python", "/opt/platforms/program.py", name])


XVFB = ("xvfb-run", "-a")
XCB = {"QT_QPA_PLATFORM": "xcb"}
SYSTEMS = {
    "bullseye": System("bullseye", ["python3-venv", "python3-pyqt5"], [], [binding("PyQt5", "Debian's PyQt5")]),
    "trixie": System(
        "trixie",
        ["python3-venv", *QT_NEEDS],
        ["PyQt5", "PyQt6", "PySide6-Essentials"],
        [
            Program("bundle behind a launcher", ["/opt/bundle/launcher", "/opt/platforms/embedded.py"]),
            binding("PyQt5"),
            binding("PyQt6"),
            binding("PySide6"),
        ],
        bundle=True,
    ),
    "trixie-apps": System(
        "trixie",
        ["python3-venv", "klayout", "paraview", "python3-paraview", "xvfb", "xauth"],
        [],
        [
            Program("KLayout", ["klayout", "-e", "-rm", "/opt/platforms/klayout.py"], XCB, XVFB),
            Program("ParaView", ["paraview", "--script=/opt/platforms/paraview_script.py"], XCB, XVFB),
        ],
    ),
    "sid": System(
        "sid",
        ["python3-venv", "python3-pyqt6", "python3-pyside6.qtwidgets"],
        [],
        [binding("PyQt6", "Debian's PyQt6"), binding("PySide6", "Debian's PySide6")],
    ),
    # Emulated: what it shows is that it works, not how fast.
    "arm64": System(
        "bookworm", ["python3-venv", "python3-pyqt5"], [], [binding("PyQt5", "Debian's PyQt5")], machine="aarch64", count=500000
    ),
}
DEBIAN_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


class Failed(Exception):
    """A command ended with an error."""


class NotMade(Exception):
    """The system cannot be made here: a package or the network is missing."""


def say(text: str) -> None:
    print(text, flush=True)


def call(command: List[str], limit_s: float = 1800, **options) -> str:
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=limit_s, **options
    )
    if done.returncode != 0:
        raise Failed("%s ended with %d:\n%s" % (" ".join(command), done.returncode, done.stdout[-3000:]))
    return done.stdout


class Chroot:
    def __init__(self, name: str, system: System, home: str) -> None:
        self.name, self.system = name, system
        self.root = os.path.join(home, name)

    def enter(self, *command: str, environment: Optional[Dict[str, str]] = None, limit_s: float = 1800) -> str:
        """Run a command in the system, in a mount and process namespace of its own: nothing stays mounted, and nothing goes on running."""
        # Not exec: the command would be process 1, which `timeout` of new coreutils refuses to be.
        script = 'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && chroot "$0" "$@"; exit $?'
        variables = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8"}
        variables.update(environment or {})
        inside = ["env", "-i", *("%s=%s" % item for item in variables.items()), *command]
        return call(["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script, self.root, *inside], limit_s)

    def make(self) -> None:
        if not os.path.isdir(self.root):
            say("%s: making the system in %s" % (self.name, self.root))
            part = self.root + ".part"
            shutil.rmtree(part, ignore_errors=True)
            machine = DEBIAN_MACHINES[self.system.machine]
            call(["debootstrap", "--variant=minbase", "--arch=" + machine, self.system.suite, part, MIRROR])
            os.rename(part, self.root)
        for file in ("/etc/resolv.conf", "/etc/hosts"):
            shutil.copy(file, self.root + file)
        # As this machine fetches packages, so does that one.
        with open(self.root + "/etc/apt/apt.conf.d/99host", "w", encoding="utf-8") as stream:
            stream.write(call(["apt-config", "dump", "Acquire"]))

    def install_packages(self) -> None:
        wanted = " ".join(self.system.packages)
        mark = self.root + "/opt/packages"
        if os.path.exists(mark) and open(mark, encoding="utf-8").read() == wanted:
            return
        say("%s: installing %s" % (self.name, wanted))
        self.enter("apt-get", "-qq", "update")
        no_questions = {"DEBIAN_FRONTEND": "noninteractive"}
        self.enter("apt-get", "-qq", "-y", "--no-install-recommends", "install", *self.system.packages, environment=no_questions)
        with open(mark, "w", encoding="utf-8") as stream:
            stream.write(wanted)

    def python_version(self) -> str:
        return self.enter("python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])").strip()

    def fetch_wheels(self, pip: List[str]) -> None:
        wheels, wanted = self.root + "/opt/wheels", self.system.wheels
        os.makedirs(wheels, exist_ok=True)
        if not wanted or os.path.exists(wheels + "/fetched"):
            return
        version = self.enter("python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])").strip()
        say("%s: fetching %s for Python %s" % (self.name, " ".join(wanted), version))
        # The newest glibc first.
        platforms = ["manylinux_2_%d_%s" % (minor, self.system.machine) for minor in range(41, 16, -1)]
        platforms.append("manylinux2014_" + self.system.machine)
        abis = ("cp" + version.replace(".", ""), "abi3", "none")
        call(
            [*pip, "download", "-q", "-d", wheels, "--only-binary=:all:", "--implementation=cp", "--python-version=" + version]
            + ["--abi=" + abi for abi in abis]
            + ["--platform=" + name for name in platforms]
            + wanted
        )
        open(wheels + "/fetched", "w", encoding="utf-8").close()

    def install_wheels(self, gilyield: str) -> None:
        wanted = self.system.wheels
        for old in glob.glob(self.root + "/opt/wheels/gilyield-*"):
            os.remove(old)
        shutil.copy(gilyield, self.root + "/opt/wheels")
        if not os.path.exists(self.root + "/opt/venv/bin/pip"):
            # Debian's own binding, if there is one.
            site = ["--system-site-packages"] if not wanted else []
            self.enter("python3", "-m", "venv", *site, "/opt/venv")
        install = ["/opt/venv/bin/pip", "install", "-q", "--disable-pip-version-check", "--no-index", "--find-links=/opt/wheels"]
        if wanted:
            self.enter(*install, *wanted)
        self.enter(*install, "--force-reinstall", "--no-deps", "gilyield")

    def install_programs(self) -> None:
        shutil.rmtree(self.root + "/opt/platforms", ignore_errors=True)
        shutil.copytree(os.path.join(HERE, "in_application"), self.root + "/opt/platforms")
        if self.system.bundle:
            make_bundle(self.root + "/opt/bundle")

    def try_program(self, program: Program) -> Dict[str, object]:
        result = self.root + "/tmp/result.json"
        if os.path.exists(result):
            os.remove(result)
        environment = dict(program.environment, XDG_RUNTIME_DIR="/tmp", PLATFORM_DIR="/opt/platforms", PLATFORM_RESULT="/tmp/result.json")
        environment["PLATFORM_COUNT"] = str(self.system.count)
        command = ["timeout", "-k", "5", str(PROGRAM_LIMIT_S)]
        command += ["/opt/venv/bin/gilyield", "run", "--", *program.command]
        output = ""
        try:
            output = self.enter(*program.before, *command, environment=environment, limit_s=PROGRAM_LIMIT_S + 30)
            with open(result, encoding="utf-8") as stream:
                return json.loads(stream.read())
        except (Failed, OSError, ValueError, subprocess.TimeoutExpired) as error:
            return {"error": "%s\n%s" % (error, output)}


def libraries_of(files: List[str]) -> List[str]:
    """Return what the files need but glibc, which a program takes from the system."""
    found = set()
    for file in files:
        for line in call(["ldd", file]).splitlines():
            match = re.search(r"=> (/\S+)", line)
            if match and not re.match(r"(lib(c|m|dl|rt|pthread|util|resolv)\.so|ld-)", os.path.basename(match.group(1))):
                found.add(match.group(1))
    return sorted(found)


def make_bundle(bundle: str) -> None:
    """The test host with all that it needs: Qt, ICU, Python, behind a launcher."""
    shutil.rmtree(bundle, ignore_errors=True)
    for directory in ("bin", "lib", "plugins/platforms", "python/lib"):
        os.makedirs(os.path.join(bundle, directory))
    host = os.path.join(BUILD, "bin", "gilyield-testhost-qt5")
    qt_plugins = call(["/usr/lib/qt5/bin/qmake", "-query", "QT_INSTALL_PLUGINS"]).strip()
    plugin = os.path.join(qt_plugins, "platforms", "libqoffscreen.so")
    shutil.copy(host, os.path.join(bundle, "bin", "application"))
    shutil.copy(plugin, os.path.join(bundle, "plugins", "platforms"))
    for library in libraries_of([host, plugin]):
        shutil.copy(library, os.path.join(bundle, "lib"))
    call(["cc", "-O2", "-Wall", os.path.join(HERE, "launcher.c"), "-o", os.path.join(bundle, "launcher")])
    library_of_python = call(["/usr/bin/python3", "-c", "import os; print(os.path.dirname(os.__file__))"]).strip()
    ignored = shutil.ignore_patterns("__pycache__", "test", "config-*", "idlelib", "tkinter", "dist-packages")
    shutil.copytree(library_of_python, os.path.join(bundle, "python", "lib", os.path.basename(library_of_python)), ignore=ignored)


def cell(result: Dict[str, object], name: str) -> str:
    value = result.get(name)
    return "%.2f" % value if isinstance(value, float) else str(value if value is not None else "-")


def row(system: str, glibc: str, program: str, result: Dict[str, object]) -> Tuple[List[str], bool]:
    prints = "%s of %s" % (cell(result, "prints"), cell(result, "of"))
    good = "error" not in result and result.get("prints") == result.get("of") and result.get("priority") == "gui"
    late = "%s / %s" % (cell(result, "late_p50_ms"), cell(result, "late_p99_ms"))
    qt = "%s, Python %s" % (cell(result, "qt"), cell(result, "python"))
    verdict = "works" if good else "FAILED"
    return [system, glibc, program, qt, cell(result, "host"), prints, cell(result, "priority"), late, verdict], good


HEAD = ["system", "glibc", "program", "Qt", "the GIL: host", "prints", "first", "late p50 / p99 ms", ""]


def print_table(rows: List[List[str]]) -> None:
    widths = [max(len(line[column]) for line in rows) for column in range(len(HEAD))]
    for line in rows:
        say("  ".join(text.ljust(width) for text, width in zip(line, widths)).rstrip())


class Emulation:
    """Lets the kernel start programs of another machine, while it is entered, where it does not yet."""

    PLACE = "/proc/sys/fs/binfmt_misc"
    RULE = "/usr/lib/binfmt.d/qemu-%s.conf"

    def __init__(self, machine: str) -> None:
        self.machine = machine
        self.mounted = self.registered = False

    def __enter__(self) -> "Emulation":
        if self.machine == platform.machine():
            return self
        entry = "%s/qemu-%s" % (self.PLACE, self.machine)
        if not os.path.exists(self.PLACE + "/register"):
            call(["mount", "-t", "binfmt_misc", "binfmt_misc", self.PLACE])
            self.mounted = True
        if not os.path.exists(entry):
            try:
                with open(self.RULE % self.machine, encoding="utf-8") as rule:
                    text = rule.read()
            except OSError as error:
                raise NotMade("nothing here runs programs of %s (Debian: qemu-user-static)" % self.machine) from error
            with open(self.PLACE + "/register", "w", encoding="utf-8") as stream:
                stream.write(text)
            self.registered = True
        return self

    def __exit__(self, *_: object) -> None:
        if self.registered:
            with open("%s/qemu-%s" % (self.PLACE, self.machine), "w", encoding="utf-8") as stream:
                stream.write("-1")
        if self.mounted:
            call(["umount", self.PLACE])


def try_system(name: str, home: str, wheels: str, pip: List[str]) -> Tuple[List[List[str]], bool]:
    system = SYSTEMS[name]
    (wheel,) = glob.glob(os.path.join(wheels, "gilyield-*_%s.whl" % system.machine))
    chroot = Chroot(name, system, home)
    with Emulation(system.machine):
        try:
            chroot.make()
            chroot.install_packages()
            chroot.fetch_wheels(pip)
        except Failed as error:
            raise NotMade(str(error)) from error
        chroot.install_wheels(wheel)
        chroot.install_programs()
        glibc = chroot.enter("python3", "-c", "import os; print(os.confstr('CS_GNU_LIBC_VERSION').split()[1])").strip()
        rows, good = [], True
        for program in system.programs:
            say("%s: %s" % (name, program.name))
            result = chroot.try_program(program)
            if "error" in result:
                say(str(result["error"]))
            line, passed = row(name, glibc, program.name, result)
            rows.append(line)
            good = good and passed
    return rows, good


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("system", nargs="*", choices=[*SYSTEMS, []], help="all, if none is named")
    parser.add_argument("--wheels", help="where they are; without it they are built")
    args = parser.parse_args()
    names = args.system or list(SYSTEMS)
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    home = os.environ.get("GILYIELD_PLATFORMS") or os.path.join(cache, "gilyield", "platforms")
    os.makedirs(home, exist_ok=True)

    wheels = args.wheels or os.path.join(SOURCE, "build", "wheels")
    if not args.wheels:
        machines = sorted({SYSTEMS[name].machine for name in names})
        say("building the wheels for " + " ".join(machines))
        call(["sh", os.path.join(SOURCE, "python", "build_wheels.sh"), wheels, *machines])
    pip = [os.path.join(SOURCE, "build", "wheels-work", "venv", "bin", "pip")]
    if not os.path.exists(pip[0]):
        pip = [sys.executable, "-m", "pip"]
    if any(SYSTEMS[name].bundle for name in names) and not os.path.exists(os.path.join(BUILD, "bin", "gilyield-testhost-qt5")):
        say("building the test host")
        call(["cmake", "-S", SOURCE, "-B", BUILD, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=RelWithDebInfo", "-DPython3_EXECUTABLE=/usr/bin/python3"])
        call(["cmake", "--build", BUILD, "--target", "gilyield-testhost-qt5"])

    rows, good, made = [HEAD], True, True
    for name in names:
        try:
            lines, passed = try_system(name, home, wheels, pip)
        except NotMade as error:
            say(str(error))
            lines, passed, made = [[name] + ["-"] * (len(HEAD) - 2) + ["skipped: cannot be made here"]], True, False
        except (Failed, subprocess.TimeoutExpired) as error:
            say(str(error))
            lines, passed = [[name] + ["-"] * (len(HEAD) - 2) + ["FAILED"]], False
        rows += lines
        good = good and passed
    say("")
    print_table(rows)
    sys.exit(1 if not good else 0 if made else 77)


if __name__ == "__main__":
    main()

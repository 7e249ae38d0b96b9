# SPDX-License-Identifier: MIT
"""Installs the build into a fresh prefix, and uses it from there the way others would. One case for each run."""

import argparse
import os
import re
import shlex
import shutil
from typing import List

from support import STANDS_STILL, attempt, expect, expect_started, fresh, progress, run, skip

HERE = os.path.dirname(os.path.abspath(__file__))
# What a distribution with --as-needed as its default gives to every link.
AS_NEEDED = "-Wl,--as-needed"


class Installation:
    """A prefix with gilyield in it."""

    def __init__(self, args: argparse.Namespace, work: str, name: str = "prefix") -> None:
        self.args = args
        self.work = work
        self.prefix = os.path.join(work, name)
        run([args.cmake, "--install", args.build, "--prefix", self.prefix])

    @property
    def libdir(self) -> str:
        return os.path.join(self.prefix, self.args.libdir)

    def build_consumer(self, project: str, *options: str) -> str:
        """Build a project with find_package() from this prefix; return the program."""
        build = fresh(os.path.join(self.work, project))
        configure(self.args, os.path.join(HERE, project), build, "-DCMAKE_PREFIX_PATH=" + self.prefix, *options)
        return os.path.join(build, "program")

    def pkg_config(self, *arguments: str) -> List[str]:
        env = {"PKG_CONFIG_PATH": os.path.join(self.libdir, "pkgconfig"), "PKG_CONFIG_LIBDIR": "/nowhere"}
        return shlex.split(run([self.args.pkg_config, *arguments], env))

    def compile(self, module: str, source: str, program: str) -> str:
        """Compile one C file with pkg-config's flags and nothing else; return the program."""
        program = os.path.join(self.work, program)
        flags = self.pkg_config("--cflags", "--libs", module)
        run([self.args.cc, AS_NEEDED, source, "-o", program, *flags, "-Wl,-rpath," + self.libdir])
        return program

    def check_c_program(self) -> None:
        program = self.build_consumer("c_program")
        print(run([program, self.args.qt_majors[0]]), end="")

    def check_python(self) -> None:
        """The module has to take the shim of this prefix, found by a path relative to itself."""
        env = {"PYTHONPATH": os.path.join(self.prefix, self.args.python_dir)}
        for major in self.args.qt_majors:
            code = (
                "import ctypes, gilyield, gilyield._gilyield as extension\n"
                "ctypes.CDLL('libQt%sCore.so.%s')\n"
                "gilyield.enable(); assert gilyield.is_enabled(); print(gilyield.status().qt_version)\n"
                "print(gilyield.__file__); print(extension.find()); gilyield.disable()\n" % (major, major)
            )
            version, module, library = run([self.args.python, "-c", code], env, cwd="/").splitlines()
            expect(version.startswith(major), "Qt %s is in the process, status() says %s" % (major, version))
            expect(module.startswith(self.prefix + "/"), "the module is " + module)
            expect(os.path.realpath(library).startswith(self.prefix + "/"), "the shim is " + library)

    def check_command(self) -> None:
        """bin/gilyield runs the package of this prefix with the shims of this prefix, also by way of a link and beside another."""
        command = os.path.join(self.prefix, self.args.bindir, "gilyield")
        link = os.path.join(fresh(os.path.join(self.work, "bin")), "gilyield")
        os.symlink(command, link)
        other = fresh(os.path.join(self.work, "other"))
        with open(os.path.join(other, "gilyield.py"), "w", encoding="utf-8") as stream:
            stream.write("raise ImportError('another gilyield')\n")
        for program in (command, link):
            env = {"PYTHONPATH": other}
            version = run([program, "--version"], env, cwd="/").strip()
            expect(version == "gilyield " + self.args.version, "--version says " + version)
            # A path with a space cannot be preloaded: then it says so, and names the path too.
            output = attempt([program, "run", "--dry-run", "--", "sleep", "1"], env, cwd="/").stdout
            found = re.search(r"/.*/libgilyield\.so", output)
            expect(found is not None, "it would preload nothing:\n" + output)
            library = found.group(0)
            expect(os.path.realpath(library).startswith(os.path.realpath(self.prefix) + "/"), "it would preload " + library)


def configure(args: argparse.Namespace, source: str, build: str, *options: str) -> None:
    run(
        [
            args.cmake,
            *("-S", source, "-B", build, "-G", args.generator),
            "-DCMAKE_C_COMPILER=" + args.cc,
            "-DCMAKE_CXX_COMPILER=" + args.cxx,
            "-DCMAKE_EXE_LINKER_FLAGS=" + AS_NEEDED,
            "-DPython3_EXECUTABLE=" + args.python,
            *options,
        ]
    )
    run([args.cmake, "--build", build, "--parallel", "2"])


def needed(args: argparse.Namespace, program: str) -> List[str]:
    """Return for which Qts the program is linked with a shim."""
    return re.findall(r"\(NEEDED\).*\[libgilyield-qt(\d)\.so\.0\]", run([args.readelf, "-d", program], {"LC_ALL": "C"}))


def case_files(args: argparse.Namespace, work: str) -> None:
    """All that is promised is there, and nothing in it names the build, the sources or the prefix."""
    installation = Installation(args, work)
    expected = [
        "include/gilyield/gilyield.h",
        "share/licenses/gilyield/LICENSE",
        args.libdir + "/cmake/gilyield/gilyieldConfig.cmake",
        args.libdir + "/cmake/gilyield/gilyieldConfigVersion.cmake",
        args.libdir + "/pkgconfig/gilyield.pc",
        args.libdir + "/libgilyield.so",
        args.bindir + "/gilyield",
        args.python_dir + "/gilyield/__init__.py",
        args.python_dir + "/gilyield/_gilyield.abi3.so",
    ]
    for major in args.qt_majors:
        expected.append("%s/pkgconfig/gilyield-qt%s.pc" % (args.libdir, major))
        expected += ["%s/libgilyield-qt%s.so%s" % (args.libdir, major, suffix) for suffix in ("", ".0")]
    for file in expected:
        expect(os.path.exists(os.path.join(installation.prefix, file)), "not installed: " + file)

    for directory, _, files in os.walk(installation.prefix):
        for file in files:
            path = os.path.join(directory, file)
            if file.endswith(".so") or ".so." in file:
                # Debug information may name the sources: what the loader reads counts.
                text = run([args.readelf, "-d", path], {"LC_ALL": "C"})
                text = "\n".join(line for line in text.splitlines() if "PATH)" in line or "(NEEDED)" in line)
            else:
                with open(path, encoding="utf-8") as stream:
                    text = stream.read()
            for place in (args.build, args.source, installation.prefix):
                expect(place not in text, "%s names %s:\n%s" % (path, place, text))


def case_destdir(args: argparse.Namespace, work: str) -> None:
    root = os.path.join(work, "root")
    run([args.cmake, "--install", args.build, "--prefix", "/opt/gilyield"], {"DESTDIR": root})
    expect(os.listdir(root) == ["opt"], "in DESTDIR: %s" % os.listdir(root))
    expect(os.path.exists(os.path.join(root, "opt/gilyield", args.libdir, "cmake/gilyield/gilyieldConfig.cmake")), "nothing in DESTDIR")
    expect(not os.path.exists("/opt/gilyield"), "installed beside DESTDIR")


def case_find_package_c(args: argparse.Namespace, work: str) -> None:
    """A project in C, on a system without the development files of Qt."""
    installation = Installation(args, work)
    without_qt = ["-DCMAKE_DISABLE_FIND_PACKAGE_Qt%s=ON" % major for major in "56"]
    for major in args.qt_majors:
        program = installation.build_consumer("c_program", "-DCOMPONENTS=qt" + major, "-DSHIM=gilyield::qt" + major, *without_qt)
        print(run([program, major]), end="")
    program = installation.build_consumer("c_program", *without_qt)
    print(run([program, args.qt_majors[0]]), end="")
    expect(needed(args, program) == [args.qt_majors[0]], "linked with the shims for Qt %s" % needed(args, program))


def case_missing_component(args: argparse.Namespace, work: str) -> None:
    installation = Installation(args, work)
    os.remove(os.path.join(installation.libdir, "cmake/gilyield/gilyield-qt%s.cmake" % args.qt_majors[0]))
    command = [args.cmake, "-S", os.path.join(HERE, "c_program"), "-B", os.path.join(work, "build"), "-G", args.generator]
    command += ["-DCMAKE_PREFIX_PATH=" + installation.prefix, "-DCOMPONENTS=qt" + args.qt_majors[0]]
    done = attempt(command)
    expect(done.returncode != 0, "a component that is not installed was found")
    expect("qt" + args.qt_majors[0] in done.stdout.split("CMake Error", 1)[-1], "the message names no component:\n" + done.stdout)


def host_links(args: argparse.Namespace, program: str, major: str) -> None:
    expect(needed(args, program) == [major], "a Qt %s host is linked with the shims for Qt %s" % (major, needed(args, program)))
    expect_started([program])


def case_host(args: argparse.Namespace, work: str) -> None:
    """A host that is only linked with gilyield::gilyield: for each Qt the right shim, kept though nothing of it is called."""
    installation = Installation(args, work)
    for major in args.qt_majors:
        host_links(args, installation.build_consumer("host", "-DQT_MAJOR=" + major), major)


def case_subproject(args: argparse.Namespace, work: str) -> None:
    for major in args.qt_majors:
        build = fresh(os.path.join(work, "build"))
        configure(args, os.path.join(HERE, "subproject"), build, "-DQT_MAJOR=" + major, "-DGILYIELD_SOURCE=" + args.source)
        print(run([os.path.join(build, "c_program"), major]), end="")
        host_links(args, os.path.join(build, "host"), major)


def case_pkg_config(args: argparse.Namespace, work: str) -> None:
    if not shutil.which(args.pkg_config):
        skip("pkg-config is missing (Debian: pkg-config)")
    installation = Installation(args, work)
    empty = os.path.join(work, "empty.c")
    with open(empty, "w", encoding="utf-8") as stream:
        stream.write("int main(void) { return 0; }\n")
    for module, major in [("gilyield", args.qt_majors[0])] + [("gilyield-qt" + major, major) for major in args.qt_majors]:
        print(run([installation.compile(module, os.path.join(HERE, "c_program", "main.c"), module + "-api"), major]), end="")
        expect(needed(args, installation.compile(module, empty, module + "-empty")) == [major], module + " was not kept")
        version = installation.pkg_config("--modversion", module)
        expect(version == [args.version], "--modversion says %s" % version)


def case_relocated(args: argparse.Namespace, work: str) -> None:
    installation = Installation(args, work, "before")
    moved = os.path.join(work, "somewhere", "else entirely")
    os.makedirs(os.path.dirname(moved))
    os.rename(installation.prefix, moved)
    installation.prefix = moved
    installation.check_c_program()
    installation.check_python()
    installation.check_command()
    if shutil.which(args.pkg_config):
        libdir = " ".join(installation.pkg_config("--variable=libdir", "gilyield"))
        expect(os.path.realpath(libdir) == os.path.realpath(installation.libdir), "pkg-config says " + libdir)


def case_python(args: argparse.Namespace, work: str) -> None:
    installation = Installation(args, work)
    installation.check_python()
    installation.check_command()


def case_plugin(args: argparse.Namespace, work: str) -> None:
    """Qt's plugin route, from the build and from an installation, with an application that does not know gilyield."""
    installation = Installation(args, work)
    for item in args.plugin:
        major, host, built = item.split("=")
        installed = os.path.join(installation.libdir, "gilyield/qt%s/plugins" % major)
        command = [host, os.path.join(HERE, "plugin_script.py")]
        display = {"QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": work}
        for directory in (built, installed):
            expect_started(command, dict(display, QT_PLUGIN_PATH=directory, QT_QPA_GENERIC_PLUGINS="gilyield"))
        # The proof that it was the plugin.
        expect(progress(command, dict(display, GILYIELD="1")) <= STANDS_STILL, "without the plugin the Python thread moved")


def main() -> None:
    cases = {name[5:]: value for name, value in globals().items() if name.startswith("case_")}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", choices=sorted(cases))
    for name in "build source work cmake generator cc cxx readelf python bindir libdir python-dir version".split():
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--pkg-config", default="pkg-config")
    parser.add_argument("--qt-majors", required=True, type=lambda text: text.split(","))
    parser.add_argument("--plugin", action="append", default=[], help="MAJOR=HOST=DIRECTORY")
    args = parser.parse_args()
    os.chmod(fresh(args.work), 0o700)
    cases[args.case](args, args.work)


if __name__ == "__main__":
    main()

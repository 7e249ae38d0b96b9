# SPDX-License-Identifier: MIT
"""`gilyield run`: what it finds out about made-up programs, what it sets, and why it refuses."""

import os
import pathlib
import shutil
import subprocess
import unittest

from test_python_cli_common import CLEAN, PACKAGES, Made, gilyield

from gilyield import _program, _shell

SHIM = {}
for major in (5, 6):
    try:
        SHIM[major] = _program.find_shim(major)
    except _program.Unsuitable:
        pass
MAJOR = min(SHIM)  # that this build has
RUNPATH = "-Wl,--enable-new-dtags,-rpath,$ORIGIN/lib"


class Finds(Made):
    def test_qt_by_runpath(self):
        for major in SHIM:
            program = self.program(f"p{major}", *self.qt(major), RUNPATH)
            out = self.dry_run(program)
            self.assertIn(f"# Qt {major}: {self.dir}/lib/libQt{major}Core.so.{major}\n", out)
            self.assertIn(f"LD_PRELOAD={SHIM[major]} ", out)
            self.assertIn("GILYIELD=1 ", out)

    def test_qt_of_a_library(self):
        qt = self.qt(MAJOR)
        self.library("lib/libapp.so.1", *qt)
        program = self.program("p", f"-L{self.dir}/lib", "-l:libapp.so.1", f"-Wl,-rpath-link,{self.dir}/lib", "-Wl,--disable-new-dtags,-rpath,$ORIGIN/lib")
        self.assertIn(f"LD_PRELOAD={SHIM[MAJOR]} ", self.dry_run(program))

    def test_program_on_path_and_its_arguments(self):
        self.program("bin/viewer", *self.qt(MAJOR), f"-Wl,-rpath,{self.dir}/lib")
        out = self.dry_run("viewer", "--mode", "a b", PATH=f"{self.dir}/bin:{os.environ['PATH']}")
        self.assertTrue(out.endswith("  viewer --mode 'a b'\n"), out)

    def test_qt_beside_a_program_that_loads_it_later(self):
        for number, (program, library) in enumerate([("bin/late", "lib"), ("late", "."), ("late", "lib"), ("bin/late", "lib/late")]):
            self.qt(MAJOR, f"{number}/{library}")
            path = self.program(f"{number}/{program}")
            out = self.dry_run(path)
            self.assertIn(f"Qt {MAJOR} is not among the libraries of {path}; there is one in its own directory.", out)
            self.assertIn(f"# Qt {MAJOR}: {os.path.normpath(self.dir / str(number) / library)}/lib", out)

    def test_wrapper_that_runs_something_else_first(self):
        program = self.program("real", *self.qt(MAJOR), RUNPATH)
        other = self.program("other", *self.qt(MAJOR), RUNPATH)
        wrapper = self.script("w", f'#!/bin/sh\n{other} "$@" || exit 1\nexec {program} "$@"\n')
        self.assertIn(f"{wrapper} is a shell script that starts {program}.", self.dry_run(wrapper))

    def test_wrapper_like_debian_s_klayout(self):
        self.qt(MAJOR, "app")
        self.program("app/viewer", f"-L{self.dir}/app", f"-l:libQt{MAJOR}Core.so.{MAJOR}")
        wrapper = self.script("bin/viewer", f'#!/bin/sh\nLD_LIBRARY_PATH={self.dir}/app exec {self.dir}/app/viewer "$@"\n')
        out = self.dry_run(wrapper)
        self.assertIn(f"{wrapper} is a shell script that starts {self.dir}/app/viewer.", out)
        self.assertIn(f"It sets LD_LIBRARY_PATH={self.dir}/app\n", out)
        self.assertIn(f"# Qt {MAJOR}: {self.dir}/app/", out)

    def test_wrapper_that_finds_its_own_directory(self):
        self.program("app/bin/real", *self.qt(MAJOR, "app/lib"))
        for number, text in enumerate(
            [
                'here=$(dirname "$(readlink -f "$0")")\nexport LD_LIBRARY_PATH="$here/lib:$LD_LIBRARY_PATH"\nexec "$here/bin/real" "$@"\n',
                'dir="$( cd "$( dirname "${BASH_SOURCE[0]}" )" && pwd )"\nLD_LIBRARY_PATH=${dir}/lib\nexport LD_LIBRARY_PATH\n"${dir}"/bin/real "$@"\n',
                'D=`dirname $0`\nif [ -n "$DEBUG" ]; then\n  D=/nowhere\nfi\nD="${0%/*}"\nexec env LD_LIBRARY_PATH="$D/lib" "$D/bin/real" ${1+"$@"}\n',
            ]
        ):
            wrapper = self.script(f"app/start{number}", "#!/usr/bin/env bash\n# exec /bin/false\n" + text)
            with self.subTest(text=text):
                self.assertIn(f"# Qt {MAJOR}: {self.dir}/app/lib/libQt", self.dry_run(wrapper))

    def test_wrapper_of_a_wrapper_without_a_first_line(self):
        program = self.program("real", *self.qt(MAJOR), RUNPATH)
        inner = self.script("inner", f'exec {program} "$@"\n')
        outer = self.script("outer", f'#!/bin/sh -e\nexec {inner} "$@"\n')
        self.assertIn(f"{inner} is a shell script that starts {program}.", self.dry_run(outer))

    def test_symbolic_link(self):
        program = self.program("app/viewer", *self.qt(MAJOR, "app/lib"), RUNPATH)
        (self.dir / "link").symlink_to(program)
        # $ORIGIN is where the file is, not the link.
        self.assertIn(f"# Qt {MAJOR}: {self.dir}/app/lib", self.dry_run(self.dir / "link"))

    def test_launcher_of_3d_slicer(self):
        self.program("Slicer/bin/SlicerApp-real", *self.qt(MAJOR, "Slicer/lib/Slicer-5.8"))
        launcher = self.program("Slicer/Slicer", "-static")
        self.script(
            "Slicer/bin/SlicerLauncherSettings.ini",
            "[General]\nlauncherNoSplashScreen=true\n\n[Application]\npath=<APPLAUNCHER_SETTINGS_DIR>/../bin/SlicerApp-real\narguments=\n\n"
            "[LibraryPaths]\n1\\path=<APPLAUNCHER_SETTINGS_DIR>/../bin\n2\\path=<APPLAUNCHER_SETTINGS_DIR>/../lib/Slicer-5.8\nsize=2\n",
        )
        out = self.dry_run(launcher)
        self.assertIn(f"{launcher} is a CTK launcher that starts {self.dir}/Slicer/bin/SlicerApp-real.", out)
        self.assertIn(f"# Qt {MAJOR}: {self.dir}/Slicer/lib/Slicer-5.8/", out)


class Refuses(Made):
    def test_not_found(self):
        self.assertRefuses(127, "no-such-program was not found on PATH.", "--", "no-such-program")
        self.assertRefuses(127, "/nowhere/p does not exist.", "--", "/nowhere/p")

    def test_not_executable(self):
        path = self.script("p", "#!/bin/sh\n", mode=0o644)
        self.assertRefuses(126, f"{path} is not executable.", "--", path)
        self.assertRefuses(126, f"{self.dir} is a directory.", "--", self.dir)

    def test_neither_elf_nor_script(self):
        path = self.dir / "p"
        path.write_bytes(b"MZ\0\0")
        path.chmod(0o755)
        self.assertRefuses(126, f"{path} is neither an ELF file nor a script.", "--", path)

    def test_broken_elf(self):
        path = self.dir / "p"
        path.write_bytes(b"\x7fELF\2\1\1")
        path.chmod(0o755)
        self.assertRefuses(126, f"{path} is not a complete ELF file.", "--", path)

    def test_static(self):
        path = self.program("p", "-static")
        self.assertRefuses(126, f"{path} is statically linked", "--", path)

    def test_setuid(self):
        path = self.program("p", *self.qt(MAJOR), RUNPATH)
        path.chmod(0o4755)
        self.assertRefuses(126, "is set-user-ID or set-group-ID", "--", path)

    def test_setuid_behind_a_wrapper(self):
        path = self.program("p", *self.qt(MAJOR), RUNPATH)
        path.chmod(0o2755)
        wrapper = self.script("w", f'#!/bin/sh\nexec {path} "$@"\n')
        self.assertRefuses(126, f"{path} is set-user-ID or set-group-ID", "--", wrapper)

    def test_no_qt(self):
        path = self.program("p")
        self.assertRefuses(126, f"{path} has no Qt among its libraries: if it starts the application,", "--", path)
        wrapper = self.script("w", f'#!/bin/sh\nexec {path} "$@"\n')
        self.assertRefuses(126, f"{wrapper} starts {path}, which has no Qt among its libraries", "--", wrapper)

    def test_qt_4(self):
        self.library("lib/libQtCore.so.4")
        path = self.program("p", f"-L{self.dir}/lib", "-l:libQtCore.so.4", RUNPATH)
        self.assertRefuses(126, "is built with Qt 4; gilyield works with Qt 5 and Qt 6.", "--", path)

    def test_qt_by_another_name(self):
        self.library("lib/libQt5Core-1a2b3c.so.5.15.2")
        path = self.program("p", f"-L{self.dir}/lib", "-l:libQt5Core-1a2b3c.so.5.15.2", RUNPATH)
        self.assertRefuses(126, "goes by the name libQt5Core-1a2b3c.so.5.15.2, and preloading would bring in a second Qt", "--", path)

    def test_missing_qt(self):
        path = self.program("p", *self.qt(MAJOR, "elsewhere"))
        shutil.rmtree(self.dir / "elsewhere")
        if not any((pathlib.Path(directory) / f"libQt{MAJOR}Core.so.{MAJOR}").exists() for directory in _program._elf.system_directories()):
            self.assertRefuses(126, "which is not found where the loader looks", "--", path)

    def test_wrong_architecture(self):
        path = self.program("p", *self.qt(MAJOR), RUNPATH)
        data = bytearray(path.read_bytes())
        other, name = (62, "64-bit x86-64") if data[18] == 183 else (183, "64-bit ARM 64")
        data[18] = other
        path.write_bytes(data)
        self.assertRefuses(126, f"{path} is a {name} program, and this gilyield is built for ", "--", path)

    def test_32_bit(self):
        path = self.dir / "p"
        path.write_bytes(b"\x7fELF\1\1\1" + bytes(9) + (2).to_bytes(2, "little") + (3).to_bytes(2, "little") + bytes(32))
        path.chmod(0o755)
        self.assertRefuses(126, f"{path} is a 32-bit x86 program", "--", path)

    def test_script_that_is_not_understood(self):
        path = self.script("p", "#!/bin/sh\neval $(magic)\n")
        self.assertRefuses(126, "what it starts is not clear from reading it", "--", path)
        path = self.script("q", "#!/usr/bin/perl\nexec 'x';\n")
        self.assertRefuses(126, f"{path} is a script for perl", "--", path)

    def test_wrapper_that_starts_itself(self):
        path = self.script("p", '#!/bin/sh\nexec "$0" "$@"\n')
        self.assertRefuses(126, "what it starts is not clear from reading it", "--", path)
        self.script("a", f'#!/bin/sh\nexec {self.dir}/b "$@"\n')
        path = self.script("b", f'#!/bin/sh\nexec {self.dir}/a "$@"\n')
        self.assertRefuses(126, "more than 8 deep", "--", path)

    def test_no_shim_for_that_qt(self):
        build = self.dir / "copy"
        shutil.copytree(os.path.join(PACKAGES, "gilyield"), build / "python/gilyield")
        program = self.program("p", *self.qt(6), RUNPATH)
        if any("libgilyield-qt6.so.0" in os.listdir(directory) for directory in _program._elf.system_directories() if os.path.isdir(directory)):
            self.skipTest("gilyield is installed on this system")
        start = f"import sys; sys.path.insert(0, '{build}/python'); from gilyield.cli import main; sys.exit(main())"
        result = subprocess.run(
            ["/usr/bin/env", "python3", "-c", start, "run", "--dry-run", "--", str(program)], stderr=subprocess.PIPE, text=True
        )
        self.assertEqual(result.returncode, 126)
        self.assertIn(f"there is no libgilyield-qt6.so.0 for its Qt 6 in {build}/lib", result.stderr)

    def test_bad_options(self):
        for words, sentence in {
            ("--mode", "fast"): "invalid choice: 'fast' (choose from",
            ("--interval-ms", "0"): "'0' is not accepted: use whole numbers from 1 to 10000 (milliseconds)",
            ("--slice-ms", "10001"): "whole numbers from 1 to 10000 (milliseconds)",
            ("--switch-us", "1e3"): "whole numbers from 1 to 1000000 (microseconds)",
            ("--priority", "gil"): "invalid choice",
            ("--log", "all"): "invalid choice",
            ("--qt", "4"): "invalid choice",
            ("--stat",): "unrecognized arguments: --stat",
        }.items():
            with self.subTest(words=words):
                result = gilyield("run", *words, "--", "true")
                self.assertEqual(result.code, 2)
                self.assertIn(sentence, result.err)
        self.assertEqual(gilyield("run").code, 2)
        self.assertEqual(gilyield().code, 2)


class Starts(Made):
    """Real starts of a program that says what it got."""

    def started(self, *words, program=None, **environment):
        # The loader reports what it cannot preload; a Qt with nothing in it would be such a case.
        script = program or self.script("show", '#!/bin/sh\nprintf "%s\\n" "$0" "$@"; exec env\n')
        result = gilyield("run", "--qt", MAJOR, *words, "--", script, "a b", "--mode", "", **environment)
        lines = result.out.splitlines()
        return lines[:4], dict(line.partition("=")[::2] for line in lines[4:]), result

    def test_words_and_variables(self):
        words, variables, result = self.started(
            "--mode", "timer", "--interval-ms", "30", "--slice-ms=7", "--priority", "switch-interval", "--switch-us", "50", "--log", "error",
            "--stats", "--strict",
        )
        self.assertEqual(words, [str(self.dir / "show"), "a b", "--mode", ""])
        expected = {
            "GILYIELD": "1", "GILYIELD_MODE": "timer", "GILYIELD_INTERVAL_MS": "30", "GILYIELD_SLICE_MS": "7", "GILYIELD_PRIORITY": "switch-interval",
            "GILYIELD_SWITCH_US": "50", "GILYIELD_LOG_LEVEL": "error", "GILYIELD_STATS": "1", "GILYIELD_STRICT": "1",
        }  # fmt: skip
        self.assertEqual({name: value for name, value in variables.items() if name.startswith("GILYIELD")}, expected)
        self.assertEqual(variables["LD_PRELOAD"], SHIM[MAJOR])
        self.assertEqual(result.code, 0)

    def test_without_two_dashes_and_with_options_of_the_program(self):
        script = self.script("show", '#!/bin/sh\necho "$@"\n')
        self.assertEqual(gilyield("run", "--qt", MAJOR, script, "--help", "--dry-run").out, "--help --dry-run\n")

    def test_keeps_what_is_there(self):
        _, variables, _ = self.started(LD_PRELOAD="/lib/libother.so libgilyield-qt5.so", PYTHONPATH="/x::/y")
        self.assertEqual(variables["LD_PRELOAD"], f"{SHIM[MAJOR]}:/lib/libother.so")
        self.assertEqual(variables["PYTHONPATH"], f"{PACKAGES}/gilyield/_path/importable:/x:.:/y")

    def test_pythonpath_is_left_alone(self):
        self.assertNotIn("PYTHONPATH", self.started("--no-pythonpath")[1])
        self.assertEqual(self.started(PYTHONPATH=PACKAGES)[1]["PYTHONPATH"], PACKAGES)

    def test_environment_that_was_set_before_is_the_default(self):
        self.assertEqual(self.started(GILYIELD_MODE="wait")[1]["GILYIELD_MODE"], "wait")
        self.assertEqual(self.started("--mode", "auto", GILYIELD_MODE="wait")[1]["GILYIELD_MODE"], "auto")

    def test_exit_code_is_the_program_s(self):
        self.assertEqual(self.started(program=self.script("p", "#!/bin/sh\nexit 42\n"))[2].code, 42)

    def test_script_without_first_line(self):
        self.assertEqual(self.started(program=self.script("p", "exit 43\n"))[2].code, 43)

    def test_interpreter_that_does_not_exist(self):
        result = self.started(program=self.script("p", "#!/nowhere/sh\n"))[2]
        self.assertEqual((result.code, result.err), (127, f"gilyield run: {self.dir}/p cannot be started: its interpreter does not exist.\n"))

    def test_dry_run_is_a_command_that_does_the_same(self):
        script = self.script("show it", "#!/bin/sh\nenv | grep \"GILYIELD=\\|_MODE\" | sort; echo \"$@\"\n")
        words = ["run", "--qt", MAJOR, "--mode", "wait", "--", script, "$HOME"]
        shell = gilyield(*words[:1], "--dry-run", *words[1:]).out
        self.assertEqual(subprocess.run(["sh", "-c", shell], env=CLEAN, stdout=subprocess.PIPE, text=True).stdout, gilyield(*words).out)


class RightQt(Made):
    """A bundled Qt that only a library of the program leads to: the loader would meet the shim's need with the system's Qt."""

    def test_the_program_gets_its_own_qt(self):
        system = next(
            filter(os.path.exists, (f"{directory}/libQt{MAJOR}Core.so.{MAJOR}" for directory in _program._elf.system_directories())), None
        )
        if not system:
            self.skipTest("this system has no Qt of its own")
        (self.dir / "lib").mkdir()
        shutil.copy(system, self.dir / f"lib/libQt{MAJOR}Core.so.{MAJOR}")
        self.library(
            "lib/libapp.so.1", f"-L{self.dir}/lib", f"-l:libQt{MAJOR}Core.so.{MAJOR}", "-Wl,--enable-new-dtags,-rpath,$ORIGIN",
            source='#define _GNU_SOURCE\n#include <dlfcn.h>\n#include <stdio.h>\nconst char *qVersion(void);\n'
            'void show(void) { Dl_info i; dladdr((void *)qVersion, &i); puts(i.dli_fname); }\n',
        )  # fmt: skip
        program = self.program(
            "app", f"-L{self.dir}/lib", "-l:libapp.so.1", "-Wl,--enable-new-dtags,-rpath,$ORIGIN/lib", f"-Wl,-rpath-link,{self.dir}/lib",
            source="void show(void); int main(void) { show(); return 0; }",
        )  # fmt: skip
        mine = f"{self.dir}/lib/libQt{MAJOR}Core.so.{MAJOR}"
        plain = subprocess.run([str(program)], env={"LD_PRELOAD": SHIM[MAJOR]}, stdout=subprocess.PIPE, text=True).stdout
        self.assertNotEqual(plain.strip(), mine, "preloading the shim alone does no harm here: what this test is about is gone")
        result = gilyield("run", "--", program)
        self.assertEqual(result.out.strip(), mine, result.err)
        self.assertIn("Its Qt is preloaded as well", self.dry_run(program))


class Shell(unittest.TestCase):
    def expand(self, word, **environment):
        return _shell._Reader("/opt/app/start", environment).expand(word)

    def test_words(self):
        for word, expected in {
            "'$x'y": "$xy",
            '"a b"': "a b",
            "\\$x": "$x",
            "$x/${x}": "1/1",
            "${y:-$x}": "1",
            "${x:-2}": "1",
            "${x:+3}": "3",
            "${y+3}": "",
            "${0%/*}": "/opt/app",
            "${0##*/}": "start",
            '"$(dirname "$0")/lib"': "/opt/app/lib",
            "`basename $0`": "start",
            '$(cd "$(dirname "$0")/.." && pwd)': "/opt",
            "$(uname -m)": None,
            "$(cat x | tail)": None,
            "${x//a/b}": None,
            "$1": None,
            '"open': None,
        }.items():
            with self.subTest(word=word):
                self.assertEqual(self.expand(word, x="1"), expected)

    def test_first_lines(self):
        for line, expected in {
            b"#!/bin/sh\n": ["/bin/sh"],
            b"#! /usr/bin/env python3\n": ["python3"],
            b"#!/usr/bin/env -S python3 -E\n": ["python3", "-E"],
            b"hello\n": [],
        }.items():
            self.assertEqual(_shell.interpreter(line), expected)


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: MIT
"""`gilyield run`: what it sets, what it starts, and why it refuses."""

import os
import shutil
import subprocess
import unittest

from test_python_cli_common import CLEAN, PACKAGES, Made, gilyield

PRELOAD = os.path.realpath(f"{PACKAGES}/../lib/libgilyield.so")
IMPORTABLE = f"{PACKAGES}/gilyield/_path/importable"


class Refuses(Made):
    def test_not_found(self):
        self.assertRefuses(127, "no-such-program was not found on PATH.", "--", "no-such-program")
        self.assertRefuses(127, "/nowhere/p does not exist.", "--", "/nowhere/p")

    def test_not_executable(self):
        path = self.script("p", "#!/bin/sh\n", mode=0o644)
        self.assertRefuses(126, f"{path} is not executable.", "--", path)
        self.assertRefuses(126, f"{self.dir} is a directory.", "--", self.dir)

    def test_broken_elf(self):
        path = self.dir / "p"
        whole = self.program("whole").read_bytes()
        for size in (4, 7, 30, 60, 70):
            path.write_bytes(whole[:size])
            path.chmod(0o755)
            self.assertRefuses(126, f"{path} is not a complete ELF file.", "--", path)

    def test_static(self):
        for number, options in enumerate((["-static"], ["-static-pie"])):
            path = self.program(f"p{number}", *options)
            self.assertRefuses(126, f"{path} is statically linked", "--", path)

    def test_set_user_id_and_set_group_id(self):
        path = self.program("p")
        for mode in (0o4755, 0o2755):
            path.chmod(mode)
            self.assertRefuses(126, "is set-user-ID or set-group-ID", "--", path)
        # To the kernel these bits mean nothing on a script.
        script = self.script("w", "#!/bin/sh\n", mode=0o4755)
        self.assertTrue(self.dry_run(script))

    def test_file_capabilities(self):
        path = self.program("p")
        try:
            os.setxattr(path, "security.capability", bytes.fromhex("0100000200040000000000000000000000000000"))
        except OSError:
            self.skipTest("this user may not set file capabilities here")
        self.assertRefuses(126, f"{path} has file capabilities", "--", path)

    def test_wrong_architecture(self):
        path = self.program("p")
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

    def copy(self, name, library):
        """A gilyield that lies elsewhere; return a command that runs it."""
        shutil.copytree(os.path.join(PACKAGES, "gilyield"), self.dir / name / "python/gilyield")
        if library:
            (self.dir / name / "lib").mkdir()
            (self.dir / name / "lib/libgilyield.so").symlink_to(PRELOAD)
        return ["/usr/bin/env", f"PYTHONPATH={self.dir / name}/python", "python3", "-m", "gilyield", "run", "--dry-run", "--", "true"]

    def test_incomplete_installation(self):
        process = subprocess.run(self.copy("copy", library=False), stderr=subprocess.PIPE, text=True)
        self.assertEqual(process.returncode, 126)
        self.assertIn(f"there is no libgilyield.so in {self.dir}/copy/lib: ", process.stderr)

    def test_path_that_the_loader_would_split(self):
        process = subprocess.run(self.copy("a b", library=True), stderr=subprocess.PIPE, text=True)
        self.assertEqual(process.returncode, 126)
        self.assertIn("there is a space or a colon in its path", process.stderr)

    def test_bad_options(self):
        for words, sentence in {
            ("--mode", "fast"): "--mode: mode=fast is not accepted: use auto, wait, timer",
            ("--interval-ms", "0"): "interval_ms=0 is not accepted: use whole numbers from 1 to 10000 (milliseconds)",
            ("--slice-ms", "10001"): "whole numbers from 1 to 10000 (milliseconds)",
            ("--switch-us", "1e3"): "whole numbers from 1 to 1000000 (microseconds)",
            ("--priority", "gil"): "priority=gil is not accepted",
            ("--log-level", "all"): "use error, warn, info, debug",
            ("--watch-ms", "60001"): "--watch-ms: watch_ms=60001 is not accepted: use whole numbers from 1 to 60000 (milliseconds)",
            ("--trace-seconds", "0"): "whole numbers from 1 to 86400 (seconds)",
            ("--stat",): "unrecognized arguments: --stat",
        }.items():
            with self.subTest(words=words):
                result = gilyield("run", *words, "--", "true")
                self.assertEqual(result.code, 2)
                self.assertIn(sentence, result.err)
        self.assertEqual(gilyield("run").code, 2)
        self.assertEqual(gilyield("run", "--").code, 2)
        self.assertEqual(gilyield().code, 2)


class Starts(Made):
    """Real starts of a program that says what it got."""

    def started(self, *words, program=None, **environment):
        script = program or self.script("show", '#!/bin/sh\nprintf "%s\\n" "$0" "$@"; exec env\n')
        result = gilyield("run", *words, "--", script, "a b", "--mode", "", **environment)
        lines = result.out.splitlines()
        return lines[:4], dict(line.partition("=")[::2] for line in lines[4:]), result

    def test_words_and_variables(self):
        words, variables, result = self.started(
            "--mode", "timer", "--interval-ms", "30", "--slice-ms=7", "--priority", "switch-interval", "--switch-us", "50", "--log-level", "error",
            "--stats", "--strict", "--children",
        )  # fmt: skip
        self.assertEqual(words, [str(self.dir / "show"), "a b", "--mode", ""])
        expected = {
            "GILYIELD": "1", "GILYIELD_MODE": "timer", "GILYIELD_INTERVAL_MS": "30", "GILYIELD_SLICE_MS": "7", "GILYIELD_PRIORITY": "switch-interval",
            "GILYIELD_SWITCH_US": "50", "GILYIELD_LOG_LEVEL": "error", "GILYIELD_STATS": "1", "GILYIELD_STRICT": "1", "GILYIELD_CHILDREN": "1",
        }  # fmt: skip
        self.assertEqual({name: value for name, value in variables.items() if name.startswith("GILYIELD")}, expected)
        self.assertEqual(os.path.realpath(variables["LD_PRELOAD"]), PRELOAD)
        self.assertEqual((result.code, result.err), (0, ""))

    def test_every_kind_of_program_starts(self):
        program = self.program("p", source='#include <stdio.h>\nint main(int c, char **v) { return puts(v[c - 1]) < 0; }')
        for number, script in enumerate(
            (
                f'#!/bin/sh\nexec {program} "$@"\n',
                f"#!/bin/sh\ncommand='{program}'\neval \"$command\" '\"$@\"'\n",
                f'#!/usr/bin/env bash\nenv -u HOME {program} "$@" || exit 1\n',
                f"#!/usr/bin/perl\nexec '{program}', @ARGV;\n",
            )
        ):
            path = self.script(f"w{number}", script)
            result = gilyield("run", path, "end", HOME=self.dir)
            self.assertEqual((result.code, result.out, result.err), (0, "end\n", ""), script)

    def test_program_on_path(self):
        self.program("bin/viewer", source="int main(void) { return 9; }")
        self.assertEqual(gilyield("run", "--", "viewer", PATH=f"{self.dir}/bin:{os.environ['PATH']}").code, 9)

    def test_without_two_dashes_and_with_options_of_the_program(self):
        script = self.script("show", '#!/bin/sh\necho "$@"\n')
        self.assertEqual(gilyield("run", script, "--help", "--dry-run").out, "--help --dry-run\n")
        self.assertEqual(gilyield("run", "--", script, "--", "-x").out, "-- -x\n")

    def test_keeps_what_is_there(self):
        _, variables, _ = self.started(LD_PRELOAD="libm.so.6 libgilyield-qt5.so", PYTHONPATH="/x::/y")
        self.assertEqual(variables["LD_PRELOAD"].split(":")[1:], ["libm.so.6"])
        self.assertEqual(variables["PYTHONPATH"], f"{IMPORTABLE}:/x:.:/y")
        self.assertEqual(self.started(PYTHONPATH=PACKAGES)[1]["PYTHONPATH"], PACKAGES)

    def test_environment_that_was_set_before_is_the_default(self):
        self.assertEqual(self.started(GILYIELD_MODE="wait")[1]["GILYIELD_MODE"], "wait")
        self.assertEqual(self.started("--mode", "auto", GILYIELD_MODE="wait")[1]["GILYIELD_MODE"], "auto")

    def test_exit_code_is_the_program_s(self):
        self.assertEqual(self.started(program=self.script("p", "#!/bin/sh\nexit 42\n"))[2].code, 42)

    def test_script_without_first_line(self):
        self.assertEqual(self.started(program=self.script("p", "exit 43\n"))[2].code, 43)

    def test_neither_program_nor_script(self):
        path = self.dir / "p"
        path.write_bytes(b"MZ\0\0")
        path.chmod(0o755)
        result = self.started(program=path)[2]
        self.assertEqual((result.code, result.err), (126, f"gilyield run: {path} cannot be started: Exec format error.\n"))

    def test_interpreter_that_does_not_exist(self):
        result = self.started(program=self.script("p", "#!/nowhere/sh\n"))[2]
        self.assertEqual((result.code, result.err), (127, f"gilyield run: {self.dir}/p cannot be started: its interpreter does not exist.\n"))

    def test_dry_run_is_a_command_that_does_the_same(self):
        script = self.script("show it", "#!/bin/sh\nenv | grep \"^GILYIELD\" | sort; echo \"$@\"\n")
        words = ["run", "--mode", "wait", "--", script, "$HOME"]
        shell = gilyield(*words[:1], "--dry-run", *words[1:]).out
        self.assertEqual(subprocess.run(["sh", "-c", shell], env=CLEAN, stdout=subprocess.PIPE, text=True).stdout, gilyield(*words).out)

    def test_module_is_importable_and_nothing_beside_it(self):
        code = f"import sys, gilyield, gilyield._text; print(gilyield.__file__, {PACKAGES!r} in sys.path)"
        self.assertEqual(gilyield("run", "--", "/usr/bin/python3", "-c", code).out, f"{PACKAGES}/gilyield/__init__.py False\n")


if __name__ == "__main__":
    unittest.main()

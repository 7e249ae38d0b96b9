# SPDX-License-Identifier: MIT
"""`gilyield doctor` in a shell, and what the console's report says for each finding."""

import os
import shutil
import subprocess
import sys
import unittest
from unittest import mock

from test_python_cli_common import PACKAGES, Made, gilyield

from gilyield import _doctor
from gilyield._command import process_linux

SLEEP = "#include <unistd.h>\nint main(void) { sleep(60); return 0; }"


class Program(Made):
    def test_report(self):
        program = self.program("viewer")
        result = gilyield("doctor", program, "-e")
        self.assertEqual(result.code, 0, result.err)
        for text in (f"program    {program}, 64-bit ", "libgilyield.so, for Qt ", "would set  LD_PRELOAD=", f"run -- {program} -e"):
            self.assertIn(text, result.out)
        self.assertIn(", a script\n", gilyield("doctor", self.script("w", "#!/bin/sh\n")).out)

    def test_refusal(self):
        result = gilyield("doctor", "no-such-program")
        self.assertEqual(result.code, 127)
        self.assertIn("why  no-such-program was not found on PATH.", result.out)

    def test_usage(self):
        self.assertEqual(gilyield("doctor").code, 2)
        self.assertEqual(gilyield("doctor", "--pid", "1", "--", "true").code, 2)
        self.assertEqual(gilyield("doctor", "--pid", "x").code, 2)


class Process(Made):
    def start(self, *words, **environment):
        process = subprocess.Popen([str(word) for word in words], env=environment, stdout=subprocess.PIPE)
        self.addCleanup(lambda: (process.kill(), process.wait(), process.stdout.close()))
        return process

    def report(self, pid, expected=0):
        result = gilyield("doctor", "--pid", pid)
        self.assertEqual(result.code, expected, result.err)
        return result.out

    def wait_for(self, pid, text):
        for _ in range(200):
            with open(f"/proc/{pid}/maps") as maps:
                if text in maps.read():
                    return

    def test_qt_and_environment(self):
        program = self.program("viewer", *self.qt(5), "-Wl,-rpath,$ORIGIN/lib", source=SLEEP)
        process = self.start(program, GILYIELD="1", OTHER="2")
        self.wait_for(process.pid, "libQt5Core")
        out = self.report(process.pid)
        for text in (f"process {process.pid} (viewer)", f"5: {self.dir}/lib/libQt5Core.so.5", "GILYIELD=1", "library       not loaded", "threads       1,"):
            self.assertIn(text, out)
        self.assertNotIn("OTHER", out)

    def test_python_interpreter(self):
        process = self.start(sys.executable, "-c", "print('x', flush=True); import time; time.sleep(60)")
        process.stdout.read(1)
        out = self.report(process.pid)
        self.assertRegex(out, r"Python        3\.\d+: ")
        self.assertIn("There is no Qt in this process", out)

    def test_no_such_process(self):
        process = subprocess.Popen(["true"])
        process.wait()
        self.assertEqual(self.report(process.pid, 1), f"gilyield doctor: there is no process {process.pid}.\n")

    def test_interpreter_whose_name_has_no_minor_version(self):
        program = self.dir / "python3"
        shutil.copy(os.path.realpath(sys.executable), program)
        code = "import _lsprof, sys; print('x', flush=True); import time; time.sleep(60)"
        process = self.start(program, "-c", code, PYTHONHOME=sys.base_prefix)
        self.assertEqual(process.stdout.read(1), b"x")
        self.assertIn(f"Python        {sys.version_info[0]}.{sys.version_info[1]}: {program}\n", self.report(process.pid))

    def test_preloaded_into_a_program_without_qt(self):
        process = self.start(self.program("launcher", source=SLEEP), LD_PRELOAD=f"{PACKAGES}/../lib/libgilyield.so", GILYIELD="1")
        self.wait_for(process.pid, "libgilyield")
        out = self.report(process.pid)
        self.assertIn("libgilyield.so has met no Qt application\n", out)
        self.assertIn("look at its children", out)

    def test_process_of_somebody_else(self):
        for user, advice in ((1000, "ask as its owner, or as root"), (0, "takes CAP_SYS_PTRACE")):
            with mock.patch.object(process_linux, "_read", lambda pid, name: None), mock.patch.object(os, "geteuid", lambda user=user: user):
                text, code = process_linux.report(os.getpid())
            self.assertEqual(code, 1)
            self.assertIn(advice, text)

    def test_kernel_thread(self):
        text, code = process_linux.report(2) if os.path.exists("/proc/2") and not os.path.exists("/proc/2/exe") else ("has ended", 1)
        self.assertEqual(code, 1)


class Report(unittest.TestCase):
    """The sentence at the end, for each finding."""

    def next(self, enabled=False, problem="", live=(0, 95), host="unknown"):
        measured = _doctor.Live(*live, 1.0) if live else None
        return _doctor.Report(enabled, 1, problem, None, measured, "", host).next

    def test_sentences(self):
        self.assertEqual(self.next(problem="there is no Qt"), "There is no Qt.")
        self.assertIn("Type gilyield.enable(), or start", self.next(host="holds"))
        self.assertIn("Nothing: gilyield is on.", self.next(enabled=True, host="holds"))
        self.assertIn("gives the GIL away by itself", self.next(host="releases"))
        self.assertIn("Threads hardly run even with gilyield on", self.next(enabled=True, live=(0, 3), host="holds"))

    def test_what_an_earlier_report_has_learnt(self):
        learnt = _doctor._Learnt
        self.addCleanup(setattr, learnt, "host", learnt.host)
        self.addCleanup(setattr, learnt, "watch", learnt.watch)
        self.assertEqual(learnt.learn("no-python"), "unknown")
        with mock.patch.object(_doctor.threading, "Thread"), mock.patch.object(_doctor.time, "monotonic", lambda: now):
            now = 10.0
            watch = learnt.begin()
            now = 10.9
            self.assertEqual(learnt.learn("unknown"), "unknown")
            self.assertIs(learnt.begin(), watch)
            watch.spoilt = True
            now = 20.0
            self.assertEqual(learnt.learn("unknown"), "unknown")
            self.assertIsNot(learnt.begin(), watch)
            now = 21.1
            self.assertEqual(learnt.learn("unknown"), "holds")
        self.assertEqual(learnt.learn("unknown"), "holds")
        self.assertEqual(learnt.learn("releases"), "releases")

    def test_without_qt(self):
        code = "import gilyield; print(gilyield.doctor())"
        environment = {**os.environ, "PYTHONPATH": PACKAGES}
        out = subprocess.run([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout
        self.assertIn("next      There is no Qt in this process", out)
        self.assertIn("gilyield  off", out)


if __name__ == "__main__":
    unittest.main()

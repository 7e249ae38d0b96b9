# SPDX-License-Identifier: MIT
"""libgilyield.so, the library to preload: what it is made of, and which shim it opens in programs that the compiler makes in a moment.

Qt Core is here a library of that DT_SONAME which calls setlocale(), and a shim one that says that it was opened.
"""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

LIBRARY = os.environ["GILYIELD_TEST_PRELOAD"]
CC = os.environ.get("CC", "cc")

QT = """
#include <locale.h>
#include <stdio.h>
const char *construct(void) { const char *name = setlocale(LC_ALL, "C"); return name ? name : "none"; }
"""
SHIM = """
#include <stdio.h>
const char *construct(void);
__attribute__((constructor)) static void opened(void) { printf("%s ", NAME); fflush(stdout); }
"""
PLAIN = "#include <locale.h>\n#include <stdio.h>\nint main(void) { puts(setlocale(LC_ALL, \"C\")); return 0; }\n"
LINKED = "#include <stdio.h>\nconst char *construct(void);\nint main(void) { puts(construct()); return 0; }\n"
#: argv: directory to change to, then libraries to open and to call, each for itself.
OPENS = """
#include <dlfcn.h>
#include <locale.h>
#include <stdio.h>
#include <unistd.h>
int main(int argc, char **argv)
{
    setlocale(LC_ALL, "C");
    if (chdir(argv[1]))
        return 3;
    for (int i = 2; i < argc; i++) {
        void *handle = dlopen(argv[i], RTLD_NOW | RTLD_LOCAL);
        if (!handle)
            return puts(dlerror()), 4;
        printf("%s ", (*(const char *(**)(void))&(void *){dlsym(handle, "construct")})());
    }
    return puts("end"), 0;
}
"""


def tool(*words):
    return subprocess.run(words, stdout=subprocess.PIPE, check=True, text=True).stdout


class Made(unittest.TestCase):
    def test_needs_nothing(self):
        dynamic = tool("readelf", "-dW", LIBRARY)
        self.assertNotIn("(NEEDED)", dynamic)
        self.assertNotIn("(SONAME)", dynamic)
        self.assertRegex(dynamic, r"\(RPATH\) +Library rpath: \[\$ORIGIN\]")

    def test_asks_for_no_version_and_for_nothing_that_has_to_be_there(self):
        self.assertIn("No version information found", tool("readelf", "-VW", LIBRARY))
        undefined = [line.split() for line in tool("nm", "-D", "--undefined-only", LIBRARY).splitlines()]
        self.assertTrue(undefined)
        self.assertEqual({kind for kind, _ in undefined}, {"w"}, undefined)

    def test_exports_one_function(self):
        self.assertEqual([line.split()[1:] for line in tool("nm", "-D", "--defined-only", LIBRARY).splitlines()], [["T", "setlocale"]])

    def test_is_small_and_runs_nothing_at_its_start(self):
        self.assertNotRegex(tool("readelf", "-dW", LIBRARY), r"\(INIT|\(FINI")
        sizes = re.findall(r"LOAD +\S+ \S+ \S+ (\S+)", tool("readelf", "-lW", LIBRARY))
        self.assertLess(sum(int(size, 16) for size in sizes), 8192)


class Opens(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.dir = pathlib.Path(directory.name).resolve()
        (self.dir / "ours").mkdir()
        shutil.copy(LIBRARY, self.dir / "ours/libgilyield.so")
        for major in (5, 6):
            qt = self.qt(major, "built")
            self.library(f"ours/libgilyield-qt{major}.so.0", SHIM, f'-DNAME="shim{major}"', f"-L{qt.parent}", f"-l:{qt.name}")

    def compile(self, name, source, *options):
        path = self.dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([CC, "-x", "c", "-", "-o", str(path), "-Wl,--no-as-needed", *map(str, options), "-ldl"], input=source, text=True, check=True)
        return path

    def library(self, name, source, *options):
        return self.compile(name, source, "-shared", "-fPIC", f"-Wl,-soname,{os.path.basename(name)}", *options)

    def qt(self, major, directory, name=""):
        return self.library(f"{directory}/{name or f'libQt{major}Core.so.{major}'}", QT)

    def linked(self, qt, *options):
        return self.compile("app", LINKED, f"-L{qt.parent}", f"-l:{qt.name}", *options)

    def run_with(self, *words, preload=None, cwd=None, code=0, **environment):
        environment = {"LD_PRELOAD": str(preload or self.dir / "ours/libgilyield.so"), **environment}
        process = subprocess.run([str(word) for word in words], env=environment, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=20)
        self.assertEqual(process.returncode, code, process.stdout + process.stderr)
        self.err = process.stderr
        return process.stdout

    def silent(self, expected, *words, **more):
        self.assertEqual((self.run_with(*words, GILYIELD="1", **more), self.err), (expected, ""))

    def test_program_without_qt(self):
        self.silent("C\n", self.compile("app", PLAIN))
        self.silent("hello\n", "/bin/sh", "-c", 'eval "echo hello"')

    def test_static_program(self):
        try:
            app = self.compile("app", PLAIN, "-static")
        except subprocess.CalledProcessError:
            self.skipTest("no static C library here")
        self.silent("C\n", app)

    def test_program_without_the_c_library(self):
        source = '__attribute__((noreturn)) void _start(void) { for (;;) { EXIT; } }'
        exit_ = {"x86_64": '__asm__ volatile("syscall" ::"a"(60), "D"(7))'}.get(os.uname().machine)
        if not exit_:
            self.skipTest("made for x86-64")
        app = self.compile("app", source, "-nostdlib", "-Wl,--as-needed", f"-DEXIT={exit_}")
        self.run_with(app, code=7)

    def test_qt_by_runpath_and_by_library_path(self):
        for major in (5, 6):
            qt = self.qt(major, "lib with space")
            self.silent(f"shim{major} C\n", self.linked(qt, "-Wl,--enable-new-dtags,-rpath,$ORIGIN/lib with space"))
            self.silent(f"shim{major} C\n", self.linked(qt), LD_LIBRARY_PATH=qt.parent)

    def test_qt_that_a_library_of_the_program_brings(self):
        qt = self.qt(5, "lib")
        middle = self.library("lib/libmiddle.so", "", f"-L{qt.parent}", f"-l:{qt.name}", "-Wl,--enable-new-dtags,-rpath,$ORIGIN")
        app = self.compile("app", LINKED, f"-L{qt.parent}", f"-l:{middle.name}", f"-l:{qt.name}", "-Wl,--disable-new-dtags,-rpath,$ORIGIN/lib")
        self.silent("shim5 C\n", app)

    def test_qt_that_comes_later(self):
        app = self.compile("app", OPENS)
        self.silent("shim6 C end\n", app, "/", self.qt(6, "lib"))
        self.silent("shim5 C end\n", app, "/", self.qt(5, "lib", "libQt5Core.so.5"))

    def test_of_two_qts_the_one_that_has_an_application(self):
        app = self.compile("app", OPENS)
        self.silent("shim6 C C end\n", app, "/", self.qt(6, "six"), self.qt(5, "five"))
        both = self.compile("both", LINKED, f"-L{self.qt(6, 'six').parent}", "-l:libQt6Core.so.6", f"-L{self.dir}/five", "-l:libQt5Core.so.5")
        self.silent("shim6 C\n", both, LD_LIBRARY_PATH=f"{self.dir}/six:{self.dir}/five")

    def test_qt_of_another_name_brings_in_no_second_one(self):
        self.silent("C end\n", self.compile("app", OPENS), "/", self.qt(5, "lib", "libQt5Core-39545cc7.so.5.15.0"), LD_LIBRARY_PATH=self.dir / "built")

    def test_copy_that_the_name_does_not_lead_to(self):
        out = self.run_with(self.compile("app", OPENS), "/", self.library("other/libother.so", "const char *construct(void) { return \"other\"; }",
                            f"-L{self.qt(5, 'five').parent}", "-l:libQt5Core.so.5", "-Wl,-rpath,$ORIGIN/../five"), self.qt(5, "lib"), GILYIELD="1")  # fmt: skip
        self.assertEqual(out, "other C end\n")
        self.assertEqual(self.err.count("\n"), 1)
        self.assertIn("another Qt in this process goes by the name of its Qt Core", self.err)

    def test_preloaded_by_a_relative_path(self):
        self.silent("shim5 C end\n", self.compile("app", OPENS), "/", self.qt(5, "lib"), preload="./ours/libgilyield.so", cwd=self.dir)

    def test_what_lies_beside_it_comes_before_library_path(self):
        (self.dir / "wrong").mkdir()
        self.library("wrong/libgilyield-qt5.so.0", SHIM, '-DNAME="wrong"')
        qt = self.qt(5, "lib")
        self.silent("shim5 C\n", self.linked(qt), LD_LIBRARY_PATH=f"{self.dir}/wrong:{qt.parent}")

    def test_shim_that_is_missing(self):
        (self.dir / "ours/libgilyield-qt5.so.0").unlink()
        qt = self.qt(5, "lib")
        app = self.linked(qt, "-Wl,-rpath,$ORIGIN/lib")
        self.assertEqual(self.run_with(app, GILYIELD="1"), "C\n")
        self.assertRegex(self.err, r"\Agilyield: off: libgilyield-qt5\.so\.0 cannot be loaded for this application: .*\n\Z")
        for quiet in ({}, {"GILYIELD": "0"}, {"GILYIELD": ""}, {"GILYIELD": "1", "GILYIELD_LOG_LEVEL": "error"}):
            self.assertEqual((self.run_with(app, **quiet), self.err), ("C\n", ""))

    def test_goes_on_to_the_next_library_that_wants_the_call(self):
        other = self.library("libother.so", 'char *setlocale(int a, const char *b) { (void)a; (void)b; return "other"; }')
        self.silent("shim5 other\n", self.linked(self.qt(5, "lib"), "-Wl,-rpath,$ORIGIN/lib"), preload=f"{self.dir}/ours/libgilyield.so:{other}")

    def test_child_of_a_fork(self):
        qt = self.qt(5, "lib")
        source = LINKED.replace("{ puts", "{ if (fork()) { int code; return wait(&code) > 0 ? code : 5; } puts")
        app = self.compile("app", "#include <sys/wait.h>\n#include <unistd.h>\n" + source, f"-L{qt.parent}", f"-l:{qt.name}", "-Wl,-rpath,$ORIGIN/lib")
        self.silent("shim5 C\n", app)


if __name__ == "__main__":
    unittest.main()

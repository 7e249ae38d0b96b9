# SPDX-License-Identifier: MIT
"""`gilyield startup`: what it writes, that it goes again without a trace, and that no Python is ever kept from starting."""

import os
import shutil
import stat
import subprocess
import sys
import unittest

from test_python_cli_common import CLEAN, PACKAGES, Made, gilyield

NAMES = ["_gilyield_startup.py", "gilyield-startup.pth", "gilyield.py"]


class Startup(Made):
    def setUp(self):
        super().setUp()
        self.base = self.dir / "base"
        process = self.python("import site; print(site.getusersitepackages())")
        self.site = self.dir / process.stdout.strip()
        self.assertTrue(str(self.site).startswith(str(self.base)), self.site)
        self.site.mkdir(parents=True)

    def startup(self, action, directory=None, expected=0):
        result = gilyield("startup", action, "--site-packages", directory or self.site)
        self.assertEqual(result.code, expected, result.out + result.err)
        return result

    def python(self, code, **environment):
        environment = {**CLEAN, "PYTHONUSERBASE": str(self.base), **environment}
        return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=30)

    def files(self):
        return {str(path.relative_to(self.dir)): path.read_bytes() if path.is_file() else None for path in self.dir.rglob("*")}

    def test_install_show_remove(self):
        self.script(self.site / "other.py", "")
        before = self.files()
        self.assertIn("nothing of it is installed here", self.startup("show", expected=1).out)
        out = self.startup("install").out
        self.assertEqual([line.rpartition("/")[2] for line in out.splitlines()], NAMES)
        self.assertIn("when GILYIELD=1 is in its environment", self.startup("show").out)
        self.python("import _gilyield_startup, gilyield, other", PYTHONDONTWRITEBYTECODE="")
        self.assertTrue((self.site / "__pycache__").exists())
        self.startup("remove")
        shutil.rmtree(self.site / "__pycache__")  # other.py's
        self.assertEqual(self.files(), before)
        self.assertEqual(self.startup("remove").out, "nothing of gilyield is installed there\n")

    def test_remove_takes_the_byte_code_along(self):
        before = self.files()
        self.startup("install")
        self.python("import _gilyield_startup, gilyield")
        self.startup("remove")
        self.assertEqual(self.files(), before)

    def test_installing_twice_is_installing_once(self):
        self.startup("install")
        once = self.files()
        self.startup("install")
        self.assertEqual(self.files(), once)

    def test_one_line_that_site_runs(self):
        self.startup("install")
        lines = (self.site / "gilyield-startup.pth").read_text().splitlines()
        self.assertTrue(lines[0].startswith("#"))
        self.assertTrue(lines[1].startswith("import os; "))
        self.assertEqual(len(lines), 2)

    def test_dormant(self):
        self.startup("install")
        code = 'import sys; print([m for m in sys.modules if "gilyield" in m], [f for f in sys.meta_path if "Binding" in type(f).__name__])'
        for environment in ({}, {"GILYIELD": ""}, {"GILYIELD": "0"}):
            process = self.python(code, **environment)
            self.assertEqual((process.stdout, process.stderr), ("[] []\n", ""))

    def test_module_is_importable_and_nothing_beside_it(self):
        self.startup("install")
        process = self.python(f"import sys, gilyield, gilyield._text; print(gilyield.__file__, {PACKAGES!r} in sys.path)")
        self.assertEqual(process.stdout, f"{PACKAGES}/gilyield/__init__.py False\n", process.stderr)

    def test_waits_for_qt(self):
        self.startup("install")
        process = self.python('import sys; print("_BindingFinder" in [type(f).__name__ for f in sys.meta_path], "gilyield" in sys.modules)', GILYIELD="1")
        self.assertEqual((process.stdout, process.stderr), ("True False\n", ""))

    def test_package_that_is_gone(self):
        copy = self.dir / "copy"
        shutil.copytree(os.path.join(PACKAGES, "gilyield"), copy / "gilyield")
        start = f"import sys; sys.path.insert(0, {str(copy)!r}); from gilyield._command.main import main; sys.exit(main())"
        subprocess.run([sys.executable, "-c", start, "startup", "install", "--site-packages", str(self.site)], check=True, stdout=subprocess.DEVNULL)
        shutil.rmtree(copy)
        process = self.python("print('started')", GILYIELD="1")
        self.assertEqual(process.stdout, "started\n")
        self.assertIn("gilyield: does not start with Python: ", process.stderr)
        self.assertEqual(process.stderr.count("\n"), 1, process.stderr)
        self.assertEqual(self.python("").stderr, "")
        self.assertIn(f"the package that it starts is gone: {copy}/gilyield", self.startup("show", expected=1).out)

    def test_files_that_were_changed_or_lost(self):
        self.startup("install")
        pth = self.site / "gilyield-startup.pth"
        pth.write_text(pth.read_text() + "import this\n")
        self.assertIn("was changed after it was installed", self.startup("show", expected=1).out)
        self.startup("install")
        self.startup("show")
        (self.site / "_gilyield_startup.py").unlink()
        self.assertIn("_gilyield_startup.py is missing.", self.startup("show", expected=1).out)

    def test_package_in_the_same_directory(self):
        shutil.copytree(os.path.join(PACKAGES, "gilyield"), self.site / "gilyield")
        out = self.startup("install").out
        self.assertNotIn("gilyield.py", [line.rpartition("/")[2] for line in out.splitlines()])

    def test_foreign_files_are_left_alone(self):
        for name in NAMES:
            self.script(self.site / name, "mine = 1\n")
            before = self.files()
            self.assertIn("is there already and was not written by gilyield: nothing was changed.", self.startup("install", expected=2).err)
            self.startup("remove")
            self.assertEqual(self.files(), before)
            (self.site / name).unlink()

    def test_refused_directories(self):
        for directory, sentence in {
            self.dir: "is no site-packages directory",
            self.dir / "lib/python3.11/site-packages": "does not exist: if it is the right one, create it with mkdir -p.",
            self.dir / "lib/python3.7/site-packages": "belongs to a Python before 3.8",
            self.dir / "lib/python2.7/dist-packages": "belongs to a Python before 3.8",
        }.items():
            if "before" in sentence:
                directory.mkdir(parents=True)
            result = self.startup("install", directory, expected=2)
            self.assertIn(sentence, result.err)
            self.assertEqual((result.out, result.err.count("\n")), ("", 1))

    def test_directory_that_is_not_writable(self):
        self.site.chmod(stat.S_IRUSR | stat.S_IXUSR)
        self.addCleanup(self.site.chmod, 0o755)
        if os.access(self.site, os.W_OK):
            self.skipTest("this user may write everywhere")
        self.assertIn("is not writable for this user", self.startup("install", expected=2).err)

    def test_debian_names(self):
        for name in ("lib/python3/dist-packages", "lib/python3.13t/site-packages"):
            (self.dir / name).mkdir(parents=True)
            self.startup("install", self.dir / name)


if __name__ == "__main__":
    unittest.main()

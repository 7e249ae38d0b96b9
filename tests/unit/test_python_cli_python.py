# SPDX-License-Identifier: MIT
"""`gilyield run` with Python programs: nothing is preloaded; the start waits for the import of a Qt binding."""

import os
import subprocess
import sys
import unittest

from test_python_cli_common import CLEAN, PACKAGES, Made, gilyield

SITE = f"{PACKAGES}/gilyield/_path/site"
QT6_SHIM = f"{PACKAGES}/../lib/libgilyield-qt6.so"
IMPORTABLE = f"{PACKAGES}/gilyield/_path/importable"
REPORT = 'import os, sys; print("GILYIELD" in os.environ, os.environ.get("LD_PRELOAD"), os.environ.get("PYTHONPATH"))\n'


class Recognises(Made):
    def test_interpreter_script_and_first_line(self):
        script = self.script("app.py", "#!/usr/bin/env python3\nimport os\nfrom PyQt5 import QtWidgets\n")
        for words in (["python3", script], [script], [sys.executable, "-X", "dev", "-W", "error", script, "x"]):
            with self.subTest(words=words):
                out = self.dry_run(*words)
                self.assertIn(f"{script} imports PyQt5, which is Qt 5.", out)
                self.assertIn(f"PYTHONPATH={SITE}:{IMPORTABLE} ", out)
                self.assertNotIn("LD_PRELOAD", out)

    @unittest.skipUnless(os.path.exists(QT6_SHIM), "built without Qt 6")
    def test_imports_of_modules_beside_the_script(self):
        script = self.script("app.py", "import sys\nimport window, os\n")
        self.script("window/__init__.py", "    from PySide6.QtWidgets import QApplication\n")
        self.assertIn("imports PySide6, which is Qt 6.", self.dry_run("python3", script))

    def test_qt_that_cannot_be_seen(self):
        script = self.script("app.py", "import qtpy\n")
        self.assertIn("# A Python program: gilyield starts when it has imported its Qt", self.dry_run("python3", script))
        self.assertIn("# A Python program:", self.dry_run("python3", "-m", "spyder"))

    def test_qt_4(self):
        script = self.script("app.py", "import PyQt4\n")
        self.assertRefuses(126, f"{script} imports PyQt4, which is Qt 4", "--", "python3", script)

    def test_interpreter_that_ignores_the_environment(self):
        for option in ("-I", "-E", "-S", "-uE"):
            self.assertRefuses(126, "and so does not read PYTHONPATH: preload with --qt 5", "--", "python3", option, "-c", "1")
        self.assertIn("-I", self.dry_run("python3", "-c", "1", "-I"))

    def test_told_which_qt(self):
        self.assertIn("LD_PRELOAD=", gilyield("run", "--dry-run", "--qt", 5, "--", "python3", "-I", "x.py").out)


class Starts(Made):
    """Real interpreters, with a made-up binding in place of PyQt5."""

    def setUp(self):
        super().setUp()
        self.script("path/PyQt5/__init__.py", "")
        self.script("path/PyQt5/QtCore.py", "loaded = True\n")
        self.script("path/sitecustomize.py", "import sys; sys.the_other = True\n")
        # In place of the module: says when it is told to start.
        self.script(
            "path/gilyield.py",
            "import sys\nsys.told = []\nclass Error(RuntimeError): pass\ndef is_enabled(): return bool(sys.told)\n"
            'def enable(): sys.told.append("PyQt5.QtCore" in sys.modules and hasattr(sys.modules["PyQt5.QtCore"], "loaded"))\n',
        )

    def run_python(self, code, *words, **environment):
        script = self.script("app.py", code)
        environment.setdefault("PYTHONPATH", self.dir / "path")
        result = gilyield("run", *words, "--", sys.executable, script, **environment)
        self.assertEqual(result.code, 0, result.err)
        return result

    def test_waits_for_the_binding(self):
        code = """
            import sys
            print("gilyield" in sys.modules)
            import json
            print("gilyield" in sys.modules)
            from PyQt5 import QtCore
            print(sys.told, type(QtCore.__loader__).__name__, "exec_module" in vars(QtCore.__loader__))
            print(any("BindingFinder" in type(finder).__name__ for finder in sys.meta_path))
        """
        code = "\n".join(line.strip() for line in code.splitlines())
        self.assertEqual(self.run_python(code, "--no-pythonpath").out, "False\nFalse\n[True] SourceFileLoader False\nFalse\n")

    def test_runs_the_other_sitecustomize(self):
        code = 'import sys; print(sys.the_other, sys.modules["sitecustomize"].__file__)\n'
        self.assertEqual(self.run_python(code).out, f"True {self.dir}/path/sitecustomize.py\n")

    def test_broken_binding_stays_broken_and_is_tried_again(self):
        self.script("path/PyQt5/QtCore.py", "import sys\nif not getattr(sys, 'second', 0):\n    sys.second = 1\n    raise ImportError('x')\nloaded = 1\n")
        code = "import sys\ntry:\n    import PyQt5.QtCore\nexcept ImportError as e:\n    print(e)\nimport PyQt5.QtCore\nprint(sys.told)\n"
        self.assertEqual(self.run_python(code, "--no-pythonpath").out, "x\n[True]\n")

    def test_no_binding_at_all(self):
        # Whatever is installed here.
        code = "import sys\nsys.path = [p for p in sys.path if not p.endswith('-packages')]\n"
        code += "try:\n    import PySide2.QtCore\nexcept ImportError as e:\n    print(e)\n"
        self.assertEqual(self.run_python(code).out, "No module named 'PySide2'\n")

    def test_child_processes_are_clean_once_there_is_qt(self):
        code = 'import os, PyQt5.QtCore\nprint(os.environ["PYTHONPATH"])\n'
        self.assertEqual(self.run_python(code, "--no-pythonpath").out, f"{self.dir}/path\n")

    def test_failure_is_one_line_and_the_program_goes_on(self):
        self.script("path/gilyield.py", "raise RuntimeError('broken\\nfor a test')\n")
        result = self.run_python("import PyQt5.QtCore\nprint('on')\n", "--no-pythonpath")
        self.assertEqual((result.out, result.err), ("on\n", "gilyield: does not start with Python: broken\nfor a test\n"))
        self.assertEqual(self.run_python("import PyQt5.QtCore\n", "--no-pythonpath", "--log", "error").err, "")
        self.assertIn("Traceback", self.run_python("import PyQt5.QtCore\n", "--no-pythonpath", "--log", "debug").err)

    def test_module_can_be_imported_and_brings_nothing_else(self):
        os.unlink(self.dir / "path/gilyield.py")
        code = "import sys, gilyield, gilyield.cli\nprint(gilyield.__file__, gilyield.cli.__name__, [p for p in sys.path if p == %r])\n" % PACKAGES
        self.assertEqual(self.run_python(code).out, f"{PACKAGES}/gilyield/__init__.py gilyield.cli []\n")

    def test_sitecustomize_in_a_python_that_was_not_asked(self):
        environment = {**CLEAN, "PYTHONPATH": f"{SITE}:{self.dir}/path"}
        code = "import sys; print(sys.the_other, any('BindingFinder' in type(f).__name__ for f in sys.meta_path))"
        process = subprocess.run([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True)
        self.assertEqual(process.stdout, "True False\n")


if __name__ == "__main__":
    unittest.main()

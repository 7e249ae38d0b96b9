# SPDX-License-Identifier: MIT
"""What the tests of the command share: a directory of made-up programs, and the command itself."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import runner

PACKAGES = os.environ["GILYIELD_TEST_PACKAGES"]
CC = os.environ.get("CC", "cc")
sys.path.insert(0, PACKAGES)
sys.dont_write_bytecode = True

#: Nothing of the test's own surroundings reaches the command.
CLEAN = runner.environment(tools=True)


class Result:
    def __init__(self, process):
        self.code, self.out, self.err = process.returncode, process.stdout, process.stderr


def gilyield(*words, directory=None, **environment):
    """Run the command from a directory that is not the package's; return code, out and err."""
    start = f"import sys; sys.path.insert(0, {PACKAGES!r}); sys.argv[0] = 'gilyield'; from gilyield._command.main import main; sys.exit(main())"
    process = subprocess.run(
        [sys.executable, "-c", start, *map(str, words)],
        env={**CLEAN, **{name: str(value) for name, value in environment.items()}},
        cwd=directory,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        text=True,
    )
    return Result(process)


class Made(unittest.TestCase):
    """Tests with a directory of their own in which programs are made."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        # Its real path, as some programs here say where they are.
        self.dir = pathlib.Path(directory.name).resolve()

    def script(self, name, text, mode=0o755):
        path = self.dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    def compile(self, name, source, *options):
        path = self.dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [CC, "-x", "c", "-", "-o", str(path), "-Wl,--no-as-needed", *map(str, options)], input=source, text=True, check=True
        )
        return path

    def library(self, name, *options, source=""):
        soname = os.path.basename(name)
        return self.compile(name, source or "int in_library;", "-shared", "-fPIC", f"-Wl,-soname,{soname}", *options)

    def program(self, name, *options, source="int main(void) { return 0; }"):
        return self.compile(name, source, *options)

    def qt(self, major=5, directory="lib"):
        """A library by the name of Qt Core, and the options that link with it."""
        name = f"libQt{major}Core.so.{major}"
        self.library(f"{directory}/{name}")
        return [f"-L{self.dir / directory}", f"-l:{name}"]

    def dry_run(self, *words, **environment):
        result = gilyield("run", "--dry-run", "--", *words, **environment)
        self.assertEqual(result.code, 0, result.err)
        return result.out

    def assertRefuses(self, code, sentence, *words, **environment):
        result = gilyield("run", "--dry-run", *words, **environment)
        self.assertEqual((result.code, result.out), (code, ""), result.err)
        self.assertIn(sentence, result.err)
        self.assertEqual(result.err.count("\n"), 1, f"not one sentence: {result.err}")

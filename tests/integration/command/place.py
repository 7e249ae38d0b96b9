# SPDX-License-Identifier: MIT
"""What the tests of the command with real programs share: a directory with a home, and the command in it."""

import os
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))

import runner

BUILD = pathlib.Path(os.environ["GILYIELD_TEST_BUILD"]).resolve()


class Place:
    """A directory with a home, and with the command `gilyield` on PATH."""

    def __init__(self):
        self._directory = tempfile.TemporaryDirectory(prefix="gilyield-cli-")
        self.dir = pathlib.Path(self._directory.name).resolve()
        for name in ("bin", "home"):
            (self.dir / name).mkdir(mode=0o700)
        # What pip makes of the entry point. The package is found by this script only, not by what it starts.
        self.write(
            "bin/gilyield",
            f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(BUILD / 'python')!r})\n"
            "from gilyield._command.main import main\nsys.exit(main())\n",
        )
        self.environment = runner.environment(str(self.dir / "home"), tools=True)
        self.environment.update(
            PATH=f"{self.dir / 'bin'}:{self.environment['PATH']}", KLAYOUT_HOME=str(self.dir / "home/klayout"), QT_QPA_PLATFORM="xcb"
        )

    def write(self, name, text):
        path = self.dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
        return path

    def close(self):
        # An application that was just killed may have written a last file.
        shutil.rmtree(self.dir, ignore_errors=True)


class Running(runner.Running):
    """A command in a Place."""

    def __init__(self, place, words, **variables):
        env = {**place.environment, **{name: str(value) for name, value in variables.items()}}
        super().__init__([str(word) for word in words], env, str(place.dir))

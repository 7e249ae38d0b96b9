# SPDX-License-Identifier: MIT
"""What the tests of the command with real programs share: a clean environment, a display, and processes that end."""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

BUILD = pathlib.Path(os.environ["GILYIELD_TEST_BUILD"]).resolve()
SKIP = 77


def skip(reason):
    print("skipped:", reason)
    sys.exit(SKIP)


def need(*programs):
    for program in programs:
        if not shutil.which(program):
            skip(f"{program} is not installed")


class Place:
    """A directory with a home, and with the command `gilyield` on PATH."""

    def __init__(self):
        self._directory = tempfile.TemporaryDirectory(prefix="gilyield-cli-")
        self.dir = pathlib.Path(self._directory.name).resolve()
        for name in ("bin", "home", "run"):
            (self.dir / name).mkdir(mode=0o700)
        # What pip makes of the entry point. The package is found by this script only, not by what it starts.
        self.write(
            "bin/gilyield",
            f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(BUILD / 'python')!r})\n"
            "from gilyield.cli import main\nsys.exit(main())\n",
        )
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(("GILYIELD", "LD_", "PYTHON", "XDG_", "QT_"))}
        self.environment.update(
            HOME=str(self.dir / "home"),
            XDG_RUNTIME_DIR=str(self.dir / "run"),
            PATH=f"{self.dir / 'bin'}:{os.environ['PATH']}",
            KLAYOUT_HOME=str(self.dir / "home/klayout"),
            QT_QPA_PLATFORM="xcb",
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


class Running:
    """A command with a display of its own, in a process group of its own, with its output in a file."""

    def __init__(self, place, words, **variables):
        self.output = place.dir / "output"
        need("xvfb-run")
        with open(self.output, "wb") as file:
            self.process = subprocess.Popen(
                ["xvfb-run", "-a", *map(str, words)],
                cwd=place.dir,
                env={**place.environment, **{name: str(value) for name, value in variables.items()}},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def text(self):
        return self.output.read_text(errors="replace")

    def until(self, condition, seconds, what):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            result = condition()
            if result:
                return result
            if self.process.poll() is not None:
                result = condition()
                if result:
                    return result
                raise AssertionError(f"ended with {self.process.returncode} before: {what}\n{self.text()}")
            time.sleep(0.05)
        raise AssertionError(f"not within {seconds} s: {what}\n{self.text()}")

    def end(self):
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                break
            try:
                self.process.wait(3)
            except subprocess.TimeoutExpired:
                pass
        self.process.wait()

# SPDX-License-Identifier: MIT
"""The Python tools of the lint tests, in a virtual environment of the build tree: made once for each requirements.txt.

Skipped, and the tests that need them with it, where they cannot be had: no network, no venv, no wheel for this Python.
Argument: the directory.
"""

import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "support"))

import runner

REQUIREMENTS = pathlib.Path(__file__).with_name("requirements.txt")
LIMIT_S = 240


def command(*words: str) -> None:
    try:
        done = subprocess.run(words, env=runner.environment(tools=True), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="backslashreplace", timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        runner.skip(f"not within {LIMIT_S} s: {' '.join(words)}")
    if done.returncode != 0:
        runner.skip(f"the tools cannot be had here (network? Debian: python3-venv):\n{done.stdout}")


def test() -> None:
    directory = pathlib.Path(sys.argv[1])
    stamp, wanted = directory / "installed.txt", f"{REQUIREMENTS.read_text()}for {sys.version}"
    if stamp.exists() and stamp.read_text() == wanted:
        print(f"{directory} has been made before")
        return
    shutil.rmtree(directory, ignore_errors=True)
    command(sys.executable, "-m", "venv", str(directory))
    command(str(directory / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input",
            "--only-binary=:all:", "--retries=1", "--timeout=20", "-r", str(REQUIREMENTS))
    stamp.write_text(wanted)


if __name__ == "__main__":
    runner.main(test)

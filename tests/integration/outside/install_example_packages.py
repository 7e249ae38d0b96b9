# SPDX-License-Identifier: MIT
"""The package that an example needs, from PyPI into a directory of the build tree: once. Arguments: directory, package.

Skipped, and the example with it, where it cannot be had: no network, no pip, no wheel for this Python.
"""

import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "support"))

import runner

LIMIT_S = 600  # up to 140 MB


def already_there(stamp: str, wanted: str) -> bool:
    try:
        with open(stamp) as file:
            return file.read() == wanted
    except OSError:
        return False


def install(directory: str, package: str) -> None:
    stamp = os.path.join(directory, "installed.txt")
    wanted = f"{package} for {sys.version}"
    if already_there(stamp, wanted):
        print(f"{directory} has been made before")
        return
    shutil.rmtree(directory, ignore_errors=True)
    # Without what they depend on: VTK's filters need no matplotlib.
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--root-user-action=ignore",
               "--no-input", "--only-binary=:all:", "--no-deps", "--no-compile", "--retries=1", "--timeout=20", "--target", directory,
               package]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="backslashreplace", timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        runner.skip(f"pip has not fetched {package} within {LIMIT_S} s")
    if done.returncode != 0:
        runner.skip(f"pip cannot install {package} here (network? Debian: python3-pip):\n{done.stdout}")
    with open(stamp, "w") as file:
        file.write(wanted)


if __name__ == "__main__":
    runner.main(lambda: install(sys.argv[1], sys.argv[2]))

# SPDX-License-Identifier: MIT
"""Every command of python/docs/examples.md, in what looks like the root of a source tree that has been built.

What the page has pip install is taken from the build tree, where a fixture has put it. Without it the commands that need it are
left out, and the test is skipped.
"""

import pathlib
import subprocess

from documentation import blocks
from place import BUILD, Place
from runner import need, skip

SOURCE = pathlib.Path(__file__).resolve().parents[3]
PAGE = SOURCE / "python/docs/examples.md"
PIP = "/usr/bin/python3 -m pip install --no-deps --target packages "


def source_tree(place):
    (place.dir / "build").mkdir()
    (place.dir / "build/release").symlink_to(BUILD)
    (place.dir / "python").symlink_to(SOURCE / "python")


def provide_packages(place, wanted):
    """Return whether they are there."""
    packages = place.dir / "packages"
    packages.mkdir()
    made = list((BUILD / "example-packages").glob("*/installed.txt"))
    for stamp in made:
        for entry in stamp.parent.iterdir():
            if not (packages / entry.name).exists():
                (packages / entry.name).symlink_to(entry)
    there = {stamp.read_text().split(" for ")[0] for stamp in made}
    if not there <= wanted:
        raise AssertionError(f"the tests install {there}, the page {wanted}")
    return there == wanted


def run(place, line):
    done = subprocess.run(["sh", "-euc", line], cwd=place.dir, env=place.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=60)  # fmt: skip
    print(done.stdout, flush=True)
    wanted = '"end": "finished"' if "demo" in line else "PASSED"
    if done.returncode != 0 or wanted not in done.stdout:
        raise AssertionError(f"exit code {done.returncode}, or it does not say {wanted}")


def main():
    for file in ("gilyield-testhost-qt5", "gilyield-demo-qt5"):
        need(BUILD / "bin" / file)
    need("/usr/bin/python3")
    if subprocess.run(["/usr/bin/python3", "-c", "import numpy, PyQt5.QtCore"], stderr=subprocess.DEVNULL).returncode != 0:
        skip("no numpy and PyQt5 here (Debian: python3-numpy, python3-pyqt5)")
    place = Place()
    place.environment.update(QT_QPA_PLATFORM="offscreen", PYTHONDONTWRITEBYTECODE="1")
    have_packages = False
    left_out = []
    try:
        source_tree(place)
        for line in [line for language, text, _ in blocks(PAGE) if language == "sh" for line in text.splitlines()]:
            print("$", line, flush=True)
            if line.startswith(PIP):
                have_packages = provide_packages(place, set(line[len(PIP):].replace('"', "").split()))
            elif "PYTHONPATH=packages" in line and not have_packages:
                left_out.append(line)
            else:
                run(place, line)
    finally:
        place.close()
    if left_out:
        skip("all but these passed, for want of packages: " + "; ".join(left_out))
    print("PASSED")


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: MIT
"""A PyQt or PySide program started as `python3 app.py`: nothing is given away, and the GUI is first. Arguments: build, binding."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "support"))

import runner

HERE = os.path.dirname(os.path.abspath(__file__))

#: Debian's packages, and the Qt that they have.
BINDINGS = {
    "PyQt5": ("python3-pyqt5", 5),
    "PyQt6": ("python3-pyqt6", 6),
    "PySide2": ("python3-pyside2.qtwidgets", 5),
    "PySide6": ("python3-pyside6.qtwidgets", 6),
}


def once(build: runner.Build, binding: str) -> runner.Result:
    with runner.scratch() as home, runner.display() as display:
        env = runner.environment(home, build.python)
        env.update(QT_QPA_PLATFORM="xcb", DISPLAY=display, LD_PRELOAD=build.preload, GILYIELD="1")
        return runner.run(["/usr/bin/python3", os.path.join(HERE, "pyqt_app.py"), binding], env, 60)


def test() -> None:
    binding = sys.argv[2]
    package, qt_major = BINDINGS[binding]
    build = runner.Build(sys.argv[1], qt_major)
    if not os.path.exists(build.shim):
        runner.skip(f"gilyield was built without Qt {qt_major}")
    with runner.scratch() as home:
        if runner.run(["/usr/bin/python3", "-c", f"import {binding}.QtWidgets"], runner.environment(home), 60).code != 0:
            runner.skip(f"no {binding} for /usr/bin/python3 (Debian: {package})")
    result = once(build, binding)
    print(result.describe())
    result.check_clean()
    runner.check("PASSED" in result.stdout, "the program did not get to its end")


if __name__ == "__main__":
    runner.main(test)

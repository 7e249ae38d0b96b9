# SPDX-License-Identifier: MIT
"""`while thread.is_alive(): processEvents()` in a real application is no slower with gilyield. Arguments: build, klayout or PyQt5."""

import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "support"))

import runner

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPT = os.path.join(HERE, "pump_script.py")
LIMIT_S = 90
COMMANDS = {"klayout": ["klayout", "-e", "-rm", SCRIPT], "PyQt5": ["/usr/bin/python3", SCRIPT, "PyQt5"]}


def test() -> None:
    build, application = runner.Build(sys.argv[1], 5), sys.argv[2]
    if application == "klayout" and not shutil.which("klayout"):
        runner.skip("klayout is not installed here (Debian: klayout)")
    with runner.scratch() as home, runner.display() as display:
        env = runner.environment(home, build.python)
        log = os.path.join(home, "apptest.log")
        env.update(QT_QPA_PLATFORM="xcb", DISPLAY=display, GILYIELD="1", LD_PRELOAD=build.preload)
        env.update(PUMPING_DIR=runner.__file__.rpartition(os.sep)[0], APPTEST_LOG=log)
        if application == "PyQt5" and runner.run(["/usr/bin/python3", "-c", "import PyQt5.QtWidgets"], env, 60).code != 0:
            runner.skip("no PyQt5 for /usr/bin/python3 (Debian: python3-pyqt5)")
        result = runner.run(COMMANDS[application], env, LIMIT_S, cwd=home)
        lines = open(log, encoding="utf-8").read().splitlines() if os.path.exists(log) else []
    print(result.describe(), *lines, sep="\n")
    result.check_clean()
    runner.check("PASSED" in lines, "the script did not get to its end")


if __name__ == "__main__":
    runner.main(test)

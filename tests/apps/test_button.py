# SPDX-License-Identifier: MIT
"""The example that people copy, in a real window. Arguments: build, "pya" or a binding. BUTTON_PICTURES: a directory for pictures."""

import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "support"))

import runner

HERE = os.path.dirname(os.path.abspath(__file__))
EXAMPLES = os.path.normpath(os.path.join(HERE, os.pardir, os.pardir, "python", "examples"))
QT = {"PyQt5": 5, "PyQt6": 6, "PySide2": 5, "pya": 5}


def test() -> None:
    binding = sys.argv[2]
    build = runner.Build(sys.argv[1], QT[binding])
    if not os.path.exists(build.shim):
        runner.skip(f"gilyield was built without Qt {QT[binding]}")
    if binding == "pya":
        if not shutil.which("klayout"):
            runner.skip("there is no klayout here (Debian: klayout)")
        command = ["klayout", "-e", "-rm", os.path.join(HERE, "button_pya_run.py")]
    else:
        command = ["/usr/bin/python3", os.path.join(HERE, "button_qt_run.py"), EXAMPLES]
        with runner.scratch() as home:
            if runner.run(["/usr/bin/python3", "-c", f"import {binding}.QtWidgets"], runner.environment(home), 60).code != 0:
                runner.skip(f"no {binding} for /usr/bin/python3")
    with runner.scratch() as home, runner.display() as display:
        env = runner.environment(home, build.python)
        env.update(QT_QPA_PLATFORM="xcb", DISPLAY=display, LD_PRELOAD=build.preload, GILYIELD="1", QT_BINDING=binding)
        env.update(APPTEST_DIR=HERE, EXAMPLES_DIR=EXAMPLES)
        if os.environ.get("BUTTON_PICTURES"):
            env["BUTTON_PICTURES"] = os.environ["BUTTON_PICTURES"]
        result = runner.run(command, env, 60)
    print(result.describe())
    result.check_clean()
    runner.check("PASSED" in result.stdout and "FAILED" not in result.stdout, "the window did not do what the example promises")


if __name__ == "__main__":
    runner.main(test)

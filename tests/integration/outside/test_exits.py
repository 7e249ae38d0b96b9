# SPDX-License-Identifier: MIT
"""An application ends with the shim as it ends without: same exit code, same stderr, nothing from us. Arguments: build,
Qt, way, options of the host."""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "support"))

import runner

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPT = os.path.join(HERE, os.pardir, "in_host", "exits.py")


def without_addresses(text: str) -> str:
    return re.sub("0x[0-9a-f]+", "0x", text)


def test() -> None:
    build, way = runner.Build(sys.argv[1], int(sys.argv[2])), sys.argv[3]
    options = sys.argv[4:]
    # Without the shim, quit_from_a_thread would wait for its thread's turn; that is the disease, not the exit path.
    plain = runner.run_host(build, options + [SCRIPT, way], preload=False)
    for mode in ("auto", "timer"):
        result = runner.run_host(build, options + [SCRIPT, way], variables={"GILYIELD": "1", "GILYIELD_MODE": mode})
        print(mode, result.describe())
        if way == "quit_from_a_thread":
            result.check_clean(0)
            continue
        print("without:", plain.describe())
        result.check_clean(plain.code)
        runner.check(without_addresses(result.stderr) == without_addresses(plain.stderr), "stderr is not what it is without the shim")


if __name__ == "__main__":
    runner.main(test)

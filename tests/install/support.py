# SPDX-License-Identifier: MIT
"""What the install tests share: commands with a limit, fresh directories, and how far a host's thread came."""

import os
import re
import shutil
import subprocess
import sys
from typing import Dict, List, Optional

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "support"))

import runner
from runner import skip  # noqa: F401  for the scripts that import all from here

# A thread that sleeps 20 ms for a second comes round 49 times. A third of that is enough on a loaded machine, and three is
# more than a host ever lets through that keeps the GIL.
MOVES, STANDS_STILL = 16, 3


def fresh(directory: str) -> str:
    """Return the directory, empty: what an earlier run left must not make this one pass."""
    shutil.rmtree(directory, ignore_errors=True)
    os.makedirs(directory)
    return directory


def attempt(command: List[str], env: Optional[Dict[str, str]] = None, cwd: Optional[str] = None, limit: float = 120):
    return subprocess.run(
        command,
        env={**runner.environment(tools=True), **(env or {})},
        cwd=cwd,
        timeout=limit,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(command: List[str], env: Optional[Dict[str, str]] = None, cwd: Optional[str] = None, limit: float = 120) -> str:
    """Run a command that has to succeed; return its output."""
    done = attempt(command, env, cwd, limit)
    if done.returncode != 0:
        sys.exit("failed with %d: %s\n%s" % (done.returncode, " ".join(command), done.stdout))
    return done.stdout


def expect(good: bool, what: str) -> None:
    if not good:
        sys.exit("wrong: " + what)


def progress(command: List[str], env: Optional[Dict[str, str]] = None) -> int:
    """Run a host that prints how far its Python thread came; return that."""
    output = run(command, env, limit=90)
    found = re.search(r"^progress (\d+)$", output, re.MULTILINE)
    if found is None:
        sys.exit("%s printed no progress:\n%s" % (command[0], output))
    print("%s %s: %s" % (" ".join("=".join(item) for item in (env or {}).items()), os.path.basename(command[0]), found.group(0)))
    return int(found.group(1))


def expect_started(command: List[str], env: Optional[Dict[str, str]] = None) -> None:
    """Expect of a host that it starts with gilyield when it is enabled, and is left alone when it is not."""
    expect(progress(command, env) <= STANDS_STILL, "gilyield was not enabled, and the Python thread moved")
    expect(progress(command, dict(env or {}, GILYIELD="1")) >= MOVES, "gilyield was enabled, and the Python thread did not move")

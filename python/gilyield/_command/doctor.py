# SPDX-License-Identifier: MIT
"""`gilyield doctor PROGRAM` in a shell: whether it can be started with gilyield, and what would be set."""

import os
from typing import List, Tuple

from .. import _text
from .system import program, start
from .unsuitable import Unsuitable


def report(words: List[str]) -> Tuple[str, int]:
    """Return the report on a command line and the exit code."""
    title = f"gilyield doctor: {words[0]}"
    try:
        path = program.locate(words[0], dict(os.environ))
        program.check(path)
        variables = start.changes({}, dict(os.environ))
        library = f"{program.library()}, for {program.what_it_serves()}"
    except Unsuitable as problem:
        return _text.table(title, [("run", "cannot start it with gilyield"), ("why", str(problem))]), problem.code
    rows = [
        ("program", f"{path}, {program.kind(path)}"),
        ("library", library),
        ("Qt", "that of the program, once it runs; gilyield doctor --pid PID says which"),
    ]
    rows += [("would set" if index == 0 else "", f"{name}={value}") for index, (name, value) in enumerate(variables.items())]
    return _text.table(title, [*rows, ("next", f"gilyield run -- {' '.join(words)}")]), 0

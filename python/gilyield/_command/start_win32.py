# SPDX-License-Identifier: MIT
"""The environment in which an application starts with gilyield, and the start.

Qt loads a plug-in that its variables name, which loads gilyield.dll; in a process without a Qt application they do nothing. Whatever
the program is, a script, a launcher or an interpreter, it is not looked into.
"""

import os
import re
import subprocess
import sys
from typing import Dict, List, NoReturn

from . import program_win32 as program
from .python_path import with_package
from .unsuitable import CANNOT, Unsuitable

assert sys.platform == "win32"  # for type checkers: the twin is start_linux.py

_KEY = "gilyield"  #: what Qt calls the plug-in


def _with_key(before: str) -> str:
    """QT_QPA_GENERIC_PLUGINS: names with a comma between them."""
    return ",".join([entry for entry in before.split(",") if entry and entry != _KEY] + [_KEY])


def _with_directories(before: str) -> str:
    """QT_PLUGIN_PATH. Ours come last: they hold nothing that Qt would take for another plug-in of the same name."""
    ours = program.plugin_directories()
    return os.pathsep.join([entry for entry in before.split(os.pathsep) if entry and entry not in ours] + ours)


def changes(options: Dict[str, str], environment: Dict[str, str]) -> Dict[str, str]:
    """Return the variables to set. `options` are GILYIELD_* variables. Raises Unsuitable."""
    return {
        "QT_QPA_GENERIC_PLUGINS": _with_key(environment.get("QT_QPA_GENERIC_PLUGINS", "")),
        "QT_PLUGIN_PATH": _with_directories(environment.get("QT_PLUGIN_PATH", "")),
        "PYTHONPATH": with_package(environment.get("PYTHONPATH", "")),
        "GILYIELD": "1",
        **options,
    }


def describe(words: List[str], variables: Dict[str, str]) -> str:
    """Return what would be done as commands of the command prompt."""
    return "\n".join([*(f'set "{name}={value}"' for name, value in variables.items()), subprocess.list2cmdline(words)])


def _check_for_prompt(path: str, words: List[str]) -> None:
    """cmd.exe runs scripts, and reads their arguments its own way. Raises Unsuitable for what it would change."""
    for word in words:
        if re.search(r'["%&|<>^!\r\n]', word):
            raise Unsuitable(f"{path} is a script, to which cmd.exe cannot hand on the argument {word!r}: start what it starts.")


def start(path: str, words: List[str], environment: Dict[str, str]) -> NoReturn:
    """Run the program to its end, and exit with its exit code. Raises Unsuitable.

    Windows cannot replace a process by another, and whoever waits for this one wants to wait for the program.
    """
    if program.kind(path) == "a script":
        _check_for_prompt(path, words[1:])
    try:
        process = subprocess.Popen([path, *words[1:]], env=environment)
    except OSError as problem:
        raise Unsuitable(f"{path} cannot be started: {problem.strerror}.", CANNOT) from None
    while True:
        try:
            sys.exit(process.wait())
        except KeyboardInterrupt:
            pass  # the program has got it, too, and says when it ends

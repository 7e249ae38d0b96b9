# SPDX-License-Identifier: MIT
"""The command `gilyield`: run, startup, doctor."""

import argparse
import os
import sys
from typing import Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

from . import _doctor_shell, _launch, _program, _startup
from ._gilyield import __version__

_MODES, _PRIORITIES, _LEVELS = ("auto", "wait", "timer"), ("gui", "switch-interval", "none"), ("error", "warn", "info", "debug")

_EXAMPLES = {
    "gilyield": """
examples:
  gilyield run -- klayout -e
  gilyield doctor klayout
  gilyield run --help
""",
    "run": """
examples:
  gilyield run -- klayout -e                       start KLayout; its Python threads run
  gilyield run --stats -- paraview --script=s.py   and print what gilyield did when it ends
  gilyield run --dry-run -- scribus                say what would be done
  gilyield run -- python3 app.py                   a PyQt or PySide program: its GUI thread is first in line for the GIL

The application's child processes start without it. Exit codes are a shell's: 127 not found, 126 cannot be run with gilyield, 2 bad
options; else the application's own.
""",
    "startup": """
Writes files that Python reads when it starts, for applications that are not to be started with `gilyield run`. They do nothing
unless GILYIELD=1 is in the environment.

examples:
  gilyield startup install --site-packages "$(/usr/bin/python3 -m site --user-site)"
  gilyield startup show --site-packages ~/Slicer/lib/Python/lib/python3.12/site-packages
""",
    "doctor": """
examples:
  gilyield doctor klayout        what klayout is made of, and what `gilyield run` would do
  gilyield doctor --pid 1234     what is in a running process

In the application's own Python console, gilyield.doctor() knows more and measures.
""",
}


class _Option(NamedTuple):
    """An option of `run` that becomes a variable of the library, which checks it again."""

    flag: str
    variable: str
    choices: Optional[Tuple[str, ...]]
    maximum: int
    unit: str
    help: str


_OPTIONS = (
    _Option("--mode", "GILYIELD_MODE", _MODES, 0, "", "when the GIL is given away: in the event loop's waits, by a timer, or both (default: auto)"),
    _Option(
        "--interval-ms", "GILYIELD_INTERVAL_MS", None, 10000, "milliseconds", "the longest the GUI thread keeps the GIL while others want it (default: 20)",
    ),
    _Option("--slice-ms", "GILYIELD_SLICE_MS", None, 10000, "milliseconds", "what the others then get at least (default: 5)"),
    _Option("--priority", "GILYIELD_PRIORITY", _PRIORITIES, 0, "", "how the GUI thread takes the GIL back (default: gui)"),
    _Option("--switch-us", "GILYIELD_SWITCH_US", None, 1000000, "microseconds", "switch interval for --priority interval (default: 100)"),
    _Option("--log", "GILYIELD_LOG_LEVEL", _LEVELS, 0, "", "how much is written to file descriptor 2 (default: warn)"),
)


def _number(option: _Option) -> Callable[[str], str]:
    def convert(text: str) -> str:
        if text.isascii() and text.isdigit() and 1 <= int(text) <= option.maximum:
            return text
        raise argparse.ArgumentTypeError(f"'{text}' is not accepted: use whole numbers from 1 to {option.maximum} ({option.unit})")

    return convert


def _add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, summary: str, usage: str) -> argparse.ArgumentParser:
    return commands.add_parser(
        name,
        help=summary,
        description=summary[0].upper() + summary[1:] + ".",
        usage=usage,
        epilog=_EXAMPLES[name],
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gilyield",
        description="Python threads just work in Qt applications that embed Python.",
        epilog=_EXAMPLES["gilyield"],
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"gilyield {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="command", required=True)

    run = _add_parser(commands, "run", "start a Qt application with gilyield", "gilyield run [options] -- program [arguments]")
    for option in _OPTIONS:
        run.add_argument(
            option.flag,
            dest=option.variable,
            choices=option.choices,
            type=str if option.choices else _number(option),
            metavar=None if option.choices else "N",
            help=option.help,
        )
    run.add_argument("--stats", dest="GILYIELD_STATS", action="store_const", const="1", help="print a summary when the application ends")
    run.add_argument("--strict", dest="GILYIELD_STRICT", action="store_const", const="1", help="stay off if a GILYIELD_ variable has a bad value")
    run.add_argument("--qt", type=int, choices=(5, 6), help="the application's major version of Qt, if it cannot be found out")
    run.add_argument("--no-pythonpath", action="store_true", help="do not make `import gilyield` work in the application")
    run.add_argument("--dry-run", action="store_true", help="print what would be done, as a shell command")

    startup = _add_parser(commands, "startup", "let an application's own Python start gilyield", "gilyield startup install|remove|show --site-packages DIR")
    startup.add_argument("action", choices=("install", "remove", "show"))
    startup.add_argument("--site-packages", required=True, metavar="DIR", help="a directory of the application's Python")

    doctor = _add_parser(commands, "doctor", "say what a program or a process is made of, and what to do", "gilyield doctor [--pid PID | program [arguments]]")
    doctor.add_argument("--pid", type=int, help="a running process")
    return parser


def _split(words: Sequence[str]) -> Tuple[List[str], List[str]]:
    """Return a command's own options and the program with its arguments; argparse must not see the latter."""
    with_value = {option.flag for option in _OPTIONS} | {"--qt", "--pid"}
    index = 0
    while index < len(words):
        word = words[index]
        if word == "--":
            return list(words[:index]), list(words[index + 1 :])
        if not word.startswith("-"):
            break
        index += 2 if word in with_value else 1
    return list(words[:index]), list(words[index:])


def _run(arguments: argparse.Namespace, program: List[str]) -> int:
    options: Dict[str, str] = {name: value for name, value in vars(arguments).items() if name.startswith("GILYIELD_") and value}
    try:
        found = _program.examine(program, dict(os.environ), arguments.qt)
        variables = _launch.changes(found, options, not arguments.no_pythonpath, dict(os.environ))
        if not arguments.dry_run:
            sys.stdout.flush()
            _launch.start(found, variables)
        print(_launch.describe(found, variables))
        return 0
    except _program.Unsuitable as problem:
        print(f"gilyield run: {problem}", file=sys.stderr)
        return problem.code


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Run the command and return its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    program: List[str] = []
    if words[:1] in (["run"], ["doctor"]):
        options, program = _split(words[1:])
        words = words[:1] + options
    parser = _parser()
    arguments = parser.parse_args(words)
    if arguments.command == "run":
        if not program:
            print("gilyield run: which program? For example: gilyield run -- klayout -e", file=sys.stderr)
            return _program.USAGE
        return _run(arguments, program)
    if arguments.command == "startup":
        text, code = _startup.main(arguments.action, arguments.site_packages)
        print(text, file=sys.stderr if code == _program.USAGE else sys.stdout)
        return code
    if (arguments.pid is None) == (not program):
        print("gilyield doctor: give a program or --pid PID. In the application's Python console: gilyield.doctor()", file=sys.stderr)
        return _program.USAGE
    text, code = _doctor_shell.process(arguments.pid) if arguments.pid is not None else _doctor_shell.program(program)
    print(text)
    return code


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: MIT
"""The command line: `gilyield run`, `gilyield startup`, `gilyield doctor`, `gilyield trace`, `gilyield top`."""

import argparse
import os
import sys
from typing import Callable, List, Optional, Sequence

from .. import _gilyield
from . import doctor, startup, top, trace
from .system import process, program, start
from .unsuitable import USAGE, Unsuitable

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

The program may be a wrapper or a launcher. Child processes of the application start without gilyield unless --children is given; an
application that restarts itself needs it. Exit codes are a shell's: 127 not found, 126 cannot be run with gilyield, 2 bad options; else
the program's own.
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
  gilyield doctor klayout        whether klayout can be started with gilyield, and what `gilyield run` would do
  gilyield doctor --pid 1234     what is in a running process

In the application's own Python console, gilyield.doctor() knows more and measures.
""",
    "top": """
examples:
  gilyield top --pid "$(pgrep -n klayout)"
  gilyield top --pid 1234 --seconds 5 --count 1      one table, of five seconds

In the application's own Python console: print(gilyield.threads())
""",
    "trace": """
examples:
  gilyield run --trace gil.json --trace-seconds 10 -- klayout -e     record
  gilyield trace gil.json                                            print who had the GIL, and draw gil.png
  gilyield trace gil.json --start-ms 1200 --length-ms 50             draw a part of it

ui.perfetto.dev opens the same file.
""",
}

#: Options of `run` that become variables of the library: --slice-ms is GILYIELD_SLICE_MS. The C library says what it accepts.
_OPTIONS = {
    "--mode": "when the GIL is given away: wait, in the event loop's waits; timer, by a timer; auto, both (default)",
    "--interval-ms": "the longest the GUI thread keeps the GIL while others want it, in milliseconds (default: 20)",
    "--slice-ms": "what the others then get at least, in milliseconds (default: 5)",
    "--priority": "how the GUI thread takes the GIL back: gui (default), switch-interval or none",
    "--switch-us": "switch interval for --priority switch-interval, in microseconds (default: 100)",
    "--log-level": "how much is written to file descriptor 2: error, warn (default), info or debug",
}


def _accepted(flag: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        problem = _gilyield.check_option(flag[2:].replace("-", "_"), text)
        if problem:
            raise argparse.ArgumentTypeError(problem)
        return text

    return check


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
    parser.add_argument("--version", action="version", version=f"gilyield {_gilyield.__version__}")
    commands = parser.add_subparsers(dest="command", metavar="command", required=True)

    run_parser = _add_parser(commands, "run", "start a Qt application with gilyield", "gilyield run [options] -- program [arguments]")

    def add_option(flag: str, text: str) -> None:
        variable = "GILYIELD_" + flag[2:].replace("-", "_").upper()
        run_parser.add_argument(flag, dest=variable, type=_accepted(flag), metavar="N" if flag.endswith("s") else "WORD", help=text)

    for flag, text in _OPTIONS.items():
        add_option(flag, text)
    run_parser.add_argument("--stats", dest="GILYIELD_STATS", action="store_const", const="1", help="print a summary when the application ends")
    run_parser.add_argument("--strict", dest="GILYIELD_STRICT", action="store_const", const="1", help="stay off if a GILYIELD_ variable has a bad value")
    add_option("--watch-ms", "report when the GUI is late for its events by more than N milliseconds")
    run_parser.add_argument("--trace", dest="GILYIELD_TRACE", metavar="FILE", type=os.path.abspath, help="record who has the GIL and write it to FILE")
    add_option("--trace-seconds", "for so long (default: until the application ends)")
    run_parser.add_argument("--children", dest="GILYIELD_CHILDREN", action="store_const", const="1", help="start child processes with it, too")
    run_parser.add_argument("--dry-run", action="store_true", help="print what would be done, as a shell command")
    run_parser.add_argument("program", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)

    startup_parser = _add_parser(
        commands, "startup", "let an application's own Python start gilyield", "gilyield startup install|remove|show --site-packages DIR"
    )
    startup_parser.add_argument("action", choices=("install", "remove", "show"))
    startup_parser.add_argument("--site-packages", required=True, metavar="DIR", help="a directory of the application's Python")

    doctor_parser = _add_parser(commands, "doctor", "say what a program or a process is, and what to do", "gilyield doctor [--pid PID | program]")
    doctor_parser.add_argument("--pid", type=int, help="a running process")
    doctor_parser.add_argument("program", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)

    trace_parser = _add_parser(commands, "trace", "print and draw a recorded timeline", "gilyield trace FILE [--picture FILE] [--start-ms MS] [--length-ms MS]")
    trace_parser.add_argument("file", help="what gilyield.trace() or `gilyield run --trace` has written")
    trace_parser.add_argument("--picture", metavar="FILE", help="where to draw it (default: beside the file, as .png)")
    trace_parser.add_argument("--start-ms", type=float, default=0.0, metavar="MS", help="where the picture begins (default: 0)")
    trace_parser.add_argument("--length-ms", type=float, metavar="MS", help="how much it shows (default: all)")

    top_parser = _add_parser(commands, "top", "show what the threads of a process get of the GIL", "gilyield top --pid PID [--seconds S] [--count N]")
    top_parser.add_argument("--pid", type=int, required=True, help="a running process that has gilyield on")
    top_parser.add_argument("--seconds", type=float, default=1.0, metavar="S", help="between two tables (default: 1)")
    top_parser.add_argument("--count", type=int, default=-1, metavar="N", help="how many tables (default: until interrupted)")
    return parser


def _run(arguments: argparse.Namespace, words: List[str]) -> int:
    options = {name: value for name, value in vars(arguments).items() if name.startswith("GILYIELD_") and value}
    environment = dict(os.environ)
    try:
        path = program.locate(words[0], environment)
        program.check(path)
        variables = start.changes(options, environment)
        if not arguments.dry_run:
            sys.stdout.flush()
            start.start(path, words, {**environment, **variables})
        print(start.describe(words, variables))
        return 0
    except Unsuitable as problem:
        print(f"gilyield run: {problem}", file=sys.stderr)
        return problem.code


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Run the command and return its exit code."""
    arguments = _parser().parse_args(argv)
    if arguments.command == "startup":
        text, code = startup.main(arguments.action, arguments.site_packages)
        print(text, file=sys.stderr if code == USAGE else sys.stdout)
        return code
    if arguments.command == "top" and sys.platform == "win32":
        print("gilyield top: not on Windows. In the application's own Python console: print(gilyield.threads())", file=sys.stderr)
        return 1
    if arguments.command == "top":
        return top.main(arguments.pid, max(arguments.seconds, 0.1), arguments.count)
    if arguments.command == "trace":
        return trace.main(arguments.file, arguments.picture, arguments.start_ms, arguments.length_ms)
    words: List[str] = arguments.program[1:] if arguments.program[:1] == ["--"] else arguments.program
    if arguments.command == "run":
        if words:
            return _run(arguments, words)
        print("gilyield run: which program? For example: gilyield run -- klayout -e", file=sys.stderr)
        return USAGE
    if (arguments.pid is None) == (not words):
        print("gilyield doctor: give a program or --pid PID. In the application's Python console: gilyield.doctor()", file=sys.stderr)
        return USAGE
    text, code = process.report(arguments.pid) if arguments.pid is not None else doctor.report(words)
    print(text)
    return code


if __name__ == "__main__":
    sys.exit(main())

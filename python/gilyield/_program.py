# SPDX-License-Identifier: MIT
"""What a command line starts: which file in the end, with which Qt and which Python, and why gilyield could not be put into it."""

import configparser
import dataclasses
import os
import re
import shutil
import stat
import sys
from typing import Dict, List, Optional, Set, Tuple

from . import _elf, _shell, _shim

NOT_FOUND, CANNOT, USAGE = 127, 126, 2  #: exit codes, as shells use them

_SHELLS = ("sh", "bash", "dash", "ash", "ksh", "mksh", "zsh")
_PYTHON = re.compile(r"python(?:\d+(?:\.\d+)?)?t?")
_QT_CORE = re.compile(r"libQt(5|6)?Core([-_.].*)?\.so(?:\.(\d+))?(?:\..*)?")
_LIBPYTHON = re.compile(r"libpython(\d+\.\d+)t?\.so.*")
_BINDINGS = {"PyQt5": 5, "PySide2": 5, "PyQt6": 6, "PySide6": 6, "PyQt4": 4, "PySide": 4}
_IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t]+([\w.]+(?:[ \t]*,[ \t]*[\w.]+)*)", re.MULTILINE)
_DEPTH = 8  #: wrappers that start wrappers


class Unsuitable(Exception):
    """gilyield cannot be put into that program; the text says why in one sentence."""

    def __init__(self, sentence: str, code: int = CANNOT) -> None:
        super().__init__(sentence)
        self.code = code


@dataclasses.dataclass
class Program:
    """What a command line starts, and what is known about it."""

    words: List[str]  #: the command line
    path: str  #: of the file that is started
    final: str = ""  #: of the file that it ends in
    is_python: bool = False  #: an interpreter that runs a Python program; Qt comes in by import
    qt: Optional[int] = None  #: major version; None: not known before it runs
    qt_path: str = ""  #: of its Qt Core, "" if that comes in later
    qt_to_preload: str = ""  #: its Qt Core, if the loader would give the shim another one
    python: str = ""  #: "3.11": libpython is among its libraries, or the interpreter's version as far as its name says
    notes: List[str] = dataclasses.field(default_factory=list)  #: how it was found, sentences
    shim: str = ""  #: to preload; "" where nothing is


def find_shim(major: int) -> str:
    """Return the path of the shim for that Qt. Raises Unsuitable."""
    directories = _shim.library_dirs()
    for directory in [*directories, *_elf.system_directories()]:
        for name in (f"libgilyield-qt{major}.so.0", f"libgilyield-qt{major}.so"):
            path = os.path.join(directory, name)
            if os.path.exists(path):
                if re.search(r"[\s:]", path):
                    raise Unsuitable(f"the library {path} cannot be preloaded: there is a space or a colon in its path.")
                return path
    raise Unsuitable(f"there is no libgilyield-qt{major}.so.0 for its Qt {major} in {directories[0]}: build gilyield with that Qt.")


def _first_line(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.readline(512)


def _text(path: str) -> str:
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        return file.read(1 << 20)


def locate(name: str, environment: Dict[str, str]) -> str:
    """Return the path of a program as a shell would find it. Raises Unsuitable."""
    if "/" in name:
        if not os.path.exists(name):
            raise Unsuitable(f"{name} does not exist.", NOT_FOUND)
        if os.path.isdir(name):
            raise Unsuitable(f"{name} is a directory.")
        if not os.access(name, os.X_OK):
            raise Unsuitable(f"{name} is not executable.")
        return name
    found = shutil.which(name, path=environment.get("PATH", os.defpath))
    if not found:
        raise Unsuitable(f"{name} was not found on PATH.", NOT_FOUND)
    return found


def _check_privileges(path: str) -> None:
    """The loader ignores LD_PRELOAD for programs that run with more rights than their user."""
    status = os.stat(path)
    if status.st_mode & (stat.S_ISUID | stat.S_ISGID):
        raise Unsuitable(f"{path} is set-user-ID or set-group-ID, and the system preloads nothing into such programs.")
    try:
        capabilities = os.getxattr(path, "security.capability")
    except (OSError, AttributeError):
        return
    if capabilities:
        raise Unsuitable(f"{path} has file capabilities, and the system preloads nothing into such programs.")


def imported_names(path: str) -> List[str]:
    """Return the top-level names that a Python file imports, in their order."""
    try:
        text = _text(path)
    except OSError:
        return []
    return [name.strip().split(".")[0] for match in _IMPORT.finditer(text) for name in match.group(1).split(",")]


def binding(path: str) -> Tuple[str, int]:
    """Return the Qt binding that a Python file, or a file beside it that it imports, imports: ("PyQt5", 5), or ("", 0)."""
    queue = [path]
    seen: Set[str] = set()
    while queue and len(seen) < 200:
        current = queue.pop(0)
        if current in seen:
            continue
        seen.add(current)
        for name in imported_names(current):
            if name in _BINDINGS:
                return name, _BINDINGS[name]
            beside = os.path.join(os.path.dirname(path), name)
            queue += [file for file in (beside + ".py", os.path.join(beside, "__init__.py")) if os.path.isfile(file)]
    return "", 0


class _Tracer:
    """Follows a command line from wrapper to wrapper to what runs in the end."""

    def __init__(self, words: List[str], environment: Dict[str, str], qt: Optional[int]) -> None:
        self.environment = dict(environment)
        self.forced = qt
        self.program = Program(words=list(words), path=locate(words[0], environment))
        self.program.final = self.program.path

    def trace(self) -> Program:
        program = self.program
        _check_privileges(program.path)
        if self.forced:
            program.qt = self.forced
            program.notes.append(f"Qt {self.forced}: as asked for with --qt.")
        else:
            self._follow(program.path, program.words, 0)
        if program.qt and not program.is_python:
            program.shim = find_shim(program.qt)
            if not self.forced:
                self._check_loader()
        return program

    def _follow(self, path: str, words: List[str], depth: int) -> None:
        self.program.final = path
        if _PYTHON.fullmatch(os.path.basename(path)):
            return self._python(path, words)
        if depth > _DEPTH:
            raise Unsuitable(f"{self.program.path} starts scripts that start scripts, more than {_DEPTH} deep.")
        if not os.access(path, os.R_OK):
            raise Unsuitable(f"{path} cannot be read, so its Qt is not known: say it with --qt 5 or --qt 6.")
        if _elf.is_elf(path):
            return self._elf_program(path, depth)
        words_of_shebang = _shell.interpreter(_first_line(path))
        name = os.path.basename(words_of_shebang[0]) if words_of_shebang else ""
        if _PYTHON.fullmatch(name):
            return self._python(words_of_shebang[0], words_of_shebang + [path] + words[1:])
        if name in _SHELLS or (not name and b"\0" not in _first_line(path)):
            return self._shell_script(path, depth)
        if name:
            raise Unsuitable(f"{path} is a script for {name}, and what it starts is not known: say its Qt with --qt 5 or --qt 6.")
        raise Unsuitable(f"{path} is neither an ELF file nor a script.")

    def _shell_script(self, path: str, depth: int) -> None:
        first_problem: Optional[Unsuitable] = None
        before = dict(self.environment)
        for command in _shell.commands(path, _text(path), before):
            try:
                target = locate(command.words[0], {**before, **command.variables})
            except Unsuitable:
                continue
            if os.path.realpath(target) == os.path.realpath(path):
                continue
            self.environment = {**before, **command.variables}
            notes = list(self.program.notes)
            self.program.notes.append(f"{path} is a shell script that starts {target}.")
            library_path = self.environment.get("LD_LIBRARY_PATH", "")
            if library_path != before.get("LD_LIBRARY_PATH", ""):
                self.program.notes.append(f"It sets LD_LIBRARY_PATH={library_path}")
            try:
                _check_privileges(target)
                return self._follow(target, command.words, depth + 1)
            except Unsuitable as problem:
                first_problem = first_problem or problem
                self.program.notes = notes
        self.environment = before
        raise first_problem or Unsuitable(
            f"{path} is a shell script, and what it starts is not clear from reading it: start that program itself, or say its Qt "
            "with --qt 5 or --qt 6."
        )

    def _elf_program(self, path: str, depth: int) -> None:
        try:
            # To the loader, $ORIGIN is where the file itself is, however it was named.
            program = _elf.read(os.path.realpath(path))
        except _elf.NotElf as problem:
            raise Unsuitable(f"{problem}.") from None
        self._check_architecture(path, program)
        launched = self._ctk_launcher(path)
        if launched:
            return self._follow(launched, [launched], depth + 1)
        if not program.interpreter and not program.needed:
            raise Unsuitable(f"{path} is statically linked, and nothing can be preloaded into such programs.")
        search = _elf.Search(program, self.environment.get("LD_LIBRARY_PATH", ""))
        libraries = search.loaded()
        for name, library in libraries.items():
            match = _LIBPYTHON.fullmatch(name)
            if match:
                self.program.python = match.group(1)
            match = _QT_CORE.fullmatch(name)
            if match:
                self._qt_core(path, name, library, match)
        if self.program.qt:
            return
        self._qt_beside(path, program)

    def _qt_core(self, path: str, name: str, library: Optional[_elf.Elf], match: "re.Match[str]") -> None:
        major = int(match.group(1) or match.group(3) or 0)
        if major == 4:
            raise Unsuitable(f"{path} is built with Qt 4; gilyield works with Qt 5 and Qt 6.")
        if match.group(2) or not major:
            raise Unsuitable(
                f"the Qt of {path} goes by the name {name}, and preloading would bring in a second Qt: call gilyield.enable() in its console."
            )
        if library is None:
            raise Unsuitable(f"{path} needs {name}, which is not found where the loader looks: does it start at all?")
        self.program.qt = major
        self.program.qt_path = os.path.normpath(library.path)

    def _qt_beside(self, path: str, program: _elf.Elf) -> None:
        """A program that loads its Qt later, from its own directory."""
        here = os.path.dirname(os.path.realpath(path))
        name = os.path.basename(path)
        for directory in (here, f"{here}/lib", f"{here}/../lib", f"{here}/../lib/{name}"):
            for major in (5, 6):
                core = os.path.join(directory, f"libQt{major}Core.so.{major}")
                if os.path.exists(core):
                    self.program.qt = major
                    self.program.qt_path = os.path.normpath(core)
                    self.program.notes.append(f"Qt {major} is not among the libraries of {path}; there is one in its own directory.")
                    return
        if path != self.program.path:
            raise Unsuitable(
                f"{self.program.path} starts {path}, which has no Qt among its libraries: put `gilyield run` before the application "
                "itself, or say its Qt with --qt 5 or --qt 6."
            )
        raise Unsuitable(
            f"{path} has no Qt among its libraries: if it starts the application, put `gilyield run` before that one; if it loads Qt "
            "later, say which with --qt 5 or --qt 6."
        )

    def _ctk_launcher(self, path: str) -> str:
        """3D Slicer's `Slicer` is CTKAppLauncher: a program with settings beside it that name the application."""
        path = os.path.realpath(path)
        here, name = os.path.split(path)
        for directory in (here, f"{here}/bin", f"{here}/lib"):
            settings = os.path.join(directory, f"{name}LauncherSettings.ini")
            if not os.path.isfile(settings):
                continue
            parser = configparser.RawConfigParser(strict=False, delimiters=("=",))
            parser.optionxform = str  # type: ignore[assignment,method-assign]
            try:
                parser.read_string(_text(settings))
            except configparser.Error:
                return ""

            def expanded(value: str) -> str:
                value = value.strip('"').replace("<APPLAUNCHER_SETTINGS_DIR>", directory)
                return os.path.normpath(value.replace("<APPLAUNCHER_DIR>", here).replace("<APPLAUNCHER_NAME>", name))

            application = expanded(parser.get("Application", "path", fallback=""))
            if not os.path.isfile(application):
                return ""
            paths = parser["LibraryPaths"] if parser.has_section("LibraryPaths") else {}
            libraries = [expanded(value) for key, value in paths.items() if key.endswith("path")]
            libraries += [self.environment["LD_LIBRARY_PATH"]] if self.environment.get("LD_LIBRARY_PATH") else []
            self.environment["LD_LIBRARY_PATH"] = ":".join(libraries)
            self.program.notes.append(f"{path} is a CTK launcher that starts {application}.")
            return application
        return ""

    def _check_architecture(self, path: str, program: _elf.Elf) -> None:
        """The shim's architecture is the one of this build; any of the shims tells, else this interpreter."""
        mine = None
        for major in (5, 6):
            try:
                mine = _elf.read(find_shim(major))
                break
            except (Unsuitable, _elf.NotElf, OSError):
                continue
        mine = mine or _elf.read(os.path.realpath(sys.executable))
        if not program.loads_with(mine):
            raise Unsuitable(f"{path} is a {program.architecture} program, and this gilyield is built for {mine.architecture}.")

    def _python(self, interpreter: str, words: List[str]) -> None:
        program = self.program
        program.is_python = True
        program.python = os.path.basename(interpreter)[len("python") :]
        options, script = python_arguments(words[1:])
        ignored = sorted(set("IES") & set(options))
        if ignored:
            raise Unsuitable(
                f"{interpreter} is started with -{ignored[0]} and so does not read PYTHONPATH: preload with --qt 5 or --qt 6, or call "
                "gilyield.enable() in the program."
            )
        if script:
            name, major = binding(script)
            if major == 4:
                raise Unsuitable(f"{script} imports {name}, which is Qt 4; gilyield works with Qt 5 and Qt 6.")
            if major:
                find_shim(major)
                program.qt = major
                program.notes.append(f"{script} imports {name}, which is Qt {major}.")
        program.notes.append("A Python program: gilyield starts when it has imported its Qt; nothing is preloaded.")

    def _check_loader(self) -> None:
        """Make sure that the shim will get the program's own Qt.

        The loader goes breadth first: what the program itself needs, then what the shim needs, then the rest. A Qt that only a
        library of the program needs, found by that library's RUNPATH, comes too late: the shim's need is met by the system's Qt.
        """
        program = self.program
        if not program.qt_path or not _elf.is_elf(program.final):
            return
        elf = _elf.read(os.path.realpath(program.final))
        name = f"libQt{program.qt}Core.so.{program.qt}"
        if name in elf.needed:
            return
        search = _elf.Search(elf, self.environment.get("LD_LIBRARY_PATH", ""))
        shim = _elf.read(program.shim)
        found = search.find(name, (elf, shim))
        if found is None or os.path.realpath(found.path) != os.path.realpath(program.qt_path):
            program.qt_to_preload = program.qt_path
            program.notes.append(f"Its Qt is preloaded as well: the loader would give the library {found.path if found else 'none'}.")


def python_arguments(words: List[str]) -> Tuple[str, str]:
    """Return the letters of an interpreter's options, and the script it runs, "" if it is none."""
    letters, index = "", 0
    while index < len(words):
        word = words[index]
        index += 1
        if word == "--":
            continue
        if not word.startswith("-") or word == "-":
            return letters, word if os.path.isfile(word) else ""
        if word.startswith("--"):
            index += word == "--check-hash-based-pycs"
            continue
        for position, letter in enumerate(word[1:], 1):
            letters += letter
            if letter in "cm":
                return letters, ""
            if letter in "XW":
                index += position == len(word) - 1
                break
    return letters, ""


def examine(words: List[str], environment: Dict[str, str], qt: Optional[int] = None) -> Program:
    """Return what the command line starts. Raises Unsuitable; `qt` is the user's word for it."""
    return _Tracer(words, environment, qt).trace()

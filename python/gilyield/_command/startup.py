# SPDX-License-Identifier: MIT
"""Files in a site-packages directory that let that Python start gilyield: install, remove, show.

Three files: a .pth file, whose one import line costs an environment lookup while gilyield is not wanted; the module that the
line imports when GILYIELD=1; and, unless the package is in that directory anyway, a `gilyield.py` that leads to it. The directory
of the package itself is not added to sys.path: it may hold modules for another Python.
"""

import ast
import os
import re
import sys
from typing import Dict, List, Sequence, Tuple

from .. import _location
from .unsuitable import USAGE

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_MARK = "# Written by `gilyield startup install`; `gilyield startup remove` deletes it.\n"
_PTH, _MODULE, _REDIRECT = "gilyield-startup.pth", "_gilyield_startup.py", "gilyield.py"

_LIBRARY = "gilyield.dll" if sys.platform == "win32" else "libgilyield-qt5 or libgilyield-qt6"

_LINE = 'import os; os.environ.get("GILYIELD") == "1" and __import__("_gilyield_startup")\n'
_MODULE_TEXT = '''
PACKAGE = {package}

try:
    import importlib.util
    import os

    spec = importlib.util.spec_from_file_location("_gilyield_autostart", os.path.join(PACKAGE, "_autostart.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.run()
except Exception as error:
    os.write(2, ("gilyield: does not start with Python: " + ascii(str(error)) + "\\n").encode())
'''
_REDIRECT_TEXT = '''
PACKAGE = {package}

import os

__file__ = os.path.join(PACKAGE, "_path", "importable", "gilyield.py")
with open(__file__, encoding="utf-8") as _file:
    exec(compile(_file.read(), __file__, "exec"))
'''


class Refused(Exception):
    """The directory is not one to write to; the text says why in one sentence."""


def _is_ours(path: str) -> bool:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.readline() == _MARK
    except OSError:
        return False


def _checked(directory: str, writing: bool) -> str:
    """Return the absolute path of a site-packages directory. Raises Refused."""
    directory = os.path.abspath(directory)
    if os.path.basename(directory) not in ("site-packages", "dist-packages"):
        raise Refused(
            f"{directory} is no site-packages directory: Python reads .pth files only in directories of the name site-packages "
            "(Debian: dist-packages)."
        )
    if not os.path.isdir(directory):
        raise Refused(f"{directory} does not exist: if it is the right one, create it with mkdir -p.")
    if writing and not os.access(directory, os.W_OK | os.X_OK):
        raise Refused(f"{directory} is not writable for this user.")
    if writing and _python_of(directory) < (3, 8):
        raise Refused(f"{directory} belongs to a Python before 3.8, which gilyield does not work with.")
    return directory


def _python_of(directory: str) -> Tuple[int, ...]:
    """The Python version that the path names; (3, 8) if it names none that can be ruled out."""
    match = re.fullmatch(r"python(\d+)(?:\.(\d+))?t?", os.path.basename(os.path.dirname(directory)))
    if not match:
        return (3, 8)
    return (int(match.group(1)), int(match.group(2))) if match.group(2) else (int(match.group(1)), 99)


def _files(directory: str) -> Dict[str, str]:
    """What install() writes, by path."""
    texts = {_PTH: _MARK + _LINE, _MODULE: _MARK + _MODULE_TEXT.format(package=ascii(_PACKAGE))}
    if not os.path.exists(os.path.join(directory, "gilyield", "__init__.py")):
        texts[_REDIRECT] = _MARK + _REDIRECT_TEXT.format(package=ascii(_PACKAGE))
    return {os.path.join(directory, name): text for name, text in texts.items()}


def install(directory: str) -> List[str]:
    """Write the files and return their paths. Raises Refused, OSError."""
    directory = _checked(directory, writing=True)
    files = _files(directory)
    for path in files:
        if os.path.lexists(path) and not _is_ours(path):
            raise Refused(f"{path} is there already and was not written by gilyield: nothing was changed.")
    remove(directory)  # what an earlier version wrote
    # The line comes last: without what it imports, every start of that Python would print an error.
    for path in sorted(files, key=lambda path: path.endswith(".pth")):
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(files[path])
        os.replace(path + ".new", path)
    return sorted(files)


def remove(directory: str) -> List[str]:
    """Delete what install() wrote, and its byte code; return the paths. Raises Refused, OSError."""
    directory = _checked(directory, writing=True)
    removed = []
    for name in (_PTH, _MODULE, _REDIRECT):
        path = os.path.join(directory, name)
        if _is_ours(path):
            os.unlink(path)
            removed.append(path)
            _remove_byte_code(directory, name)
    return removed


def _remove_byte_code(directory: str, name: str) -> None:
    cache = os.path.join(directory, "__pycache__")
    stem = name[: -len(".py")]
    for entry in os.listdir(cache) if name.endswith(".py") and os.path.isdir(cache) else ():
        if re.fullmatch(re.escape(stem) + r"\.[^.]+(\.opt-\d)?\.pyc", entry):
            os.unlink(os.path.join(cache, entry))
    try:
        os.rmdir(cache)
    except OSError:
        pass  # other modules' is in it, or there is none


def _package_in(path: str) -> str:
    """The PACKAGE that a written file names, or ""."""
    try:
        with open(path, encoding="utf-8") as file:
            match = re.search(r"^PACKAGE = (.*)$", file.read(), re.MULTILINE)
        value = ast.literal_eval(match.group(1)) if match else ""
    except (OSError, ValueError, SyntaxError):
        return ""
    return value if isinstance(value, str) else ""


def _library_dirs(package: str) -> List[str]:
    """Where that package looks for shims."""
    relative: Sequence[str] = _location.LIBRARY_DIRS
    if package != _PACKAGE:
        with open(os.path.join(package, "_location.py"), encoding="utf-8") as file:
            match = re.search(r"^LIBRARY_DIRS = (.*)$", file.read(), re.MULTILINE)
        relative = ast.literal_eval(match.group(1)) if match else ()
    return [os.path.normpath(os.path.join(package, entry)) for entry in relative]


def _shim_names() -> List[str]:
    if sys.platform == "win32":
        return ["gilyield.dll"]
    return [f"libgilyield-qt{major}.so{end}" for major in (5, 6) for end in (".0", "")]


def _shims(package: str) -> List[str]:
    names = _shim_names()
    paths = [os.path.join(directory, name) for directory in _library_dirs(package) for name in names]
    return [path for path in paths if os.path.exists(path) and not os.path.exists(path + ".0")]


def problems(directory: str) -> List[str]:
    """Return what keeps the files in the directory from working, sentences; [] if nothing does. Raises Refused."""
    directory = _checked(directory, writing=False)
    here = {name: os.path.join(directory, name) for name in (_PTH, _MODULE, _REDIRECT)}
    if not any(_is_ours(path) for path in here.values()):
        return ["gilyield does not start with this Python: nothing of it is installed here."]
    result = [f"{here[name]} is missing." for name in (_PTH, _MODULE) if not _is_ours(here[name])]
    try:
        with open(here[_PTH], encoding="utf-8") as file:
            if file.read() != _MARK + _LINE:
                result.append(f"{here[_PTH]} was changed after it was installed.")
    except OSError:
        pass
    package = _package_in(here[_MODULE])
    if package and not os.path.isfile(os.path.join(package, "_autostart.py")):
        result.append(f"the package that it starts is gone: {package}")
    elif package:
        try:
            if not _shims(package):
                result.append(f"there is no {_LIBRARY} where the package looks: {_library_dirs(package)[0]}")
        except (OSError, ValueError, SyntaxError, IndexError):
            result.append(f"the package that it starts is not complete: {package}")
    if _python_of(directory) < (3, 8):
        result.append("this Python is older than 3.8.")
    return [*result, "Install it again."] if result else []


def show(directory: str) -> str:
    """Return what is installed in the directory and whether it would work, lines. Raises Refused."""
    found = problems(directory)
    if found:
        return "\n".join(found)
    directory = os.path.abspath(directory)
    package = _package_in(os.path.join(directory, _MODULE))
    lines = [f"gilyield starts with the Python of {directory} when GILYIELD=1 is in its environment."]
    lines += [f"  file     {os.path.join(directory, name)}" for name in (_PTH, _MODULE, _REDIRECT) if _is_ours(os.path.join(directory, name))]
    lines += [f"  package  {package}"] + [f"  library  {path}" for path in _shims(package)]
    return "\n".join(lines)


def main(action: str, directory: str) -> Tuple[str, int]:
    """Return the text and the exit code of `gilyield startup ACTION`."""
    try:
        if action == "install":
            return "\n".join(f"wrote {path}" for path in install(directory)), 0
        if action == "remove":
            removed = remove(directory)
            return "\n".join(f"removed {path}" for path in removed) or "nothing of gilyield is installed there", 0
        return show(directory), 1 if problems(directory) else 0
    except Refused as problem:
        return str(problem), USAGE
    except OSError as problem:
        return f"{problem.filename}: {problem.strerror}", 1

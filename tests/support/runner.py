# SPDX-License-Identifier: MIT
"""The one launcher of all tests and of the benchmark: a program in a clean environment, under a hard limit, with a display of its own
if it wants one; and the one way in which a test says that it has failed or is skipped."""

import contextlib
import dataclasses
import fnmatch
import functools
import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from typing import Callable, Dict, Iterator, List, NoReturn, Optional, Sequence

SKIP = 77  # SKIP_RETURN_CODE of the tests; the line that says why begins with SKIP_WORD
SKIP_WORD = "skipped: "
TSAN_SUPPRESSIONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tsan.supp")
OURS = "gilyield"  # all that the shim writes begins with it


class Failure(Exception):
    """The test has failed; the text says why."""


def skip(sentence: str) -> NoReturn:
    """End this test as skipped."""
    print(f"{SKIP_WORD}{sentence}", flush=True)
    sys.exit(SKIP)


def need(*programs: str) -> None:
    """Skip the test unless these programs are installed."""
    for program in programs:
        if not shutil.which(program):
            skip(f"{program} is not installed here")


def check(condition: object, sentence: str) -> None:
    """Raise Failure unless the condition holds."""
    if not condition:
        raise Failure(sentence)


@dataclasses.dataclass(frozen=True)
class Build:
    """Where the build tree has what the tests run."""

    directory: str
    qt: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "directory", os.path.abspath(self.directory))

    @property
    def host(self) -> str:
        return os.path.join(self.directory, "bin", f"gilyield-testhost-qt{self.qt}")

    @property
    def shim(self) -> str:
        # GILYIELD_TEST_SHIM: a mutated shim, to see a test fail.
        return os.environ.get("GILYIELD_TEST_SHIM") or os.path.join(self.directory, "lib", f"libgilyield-qt{self.qt}.so")

    @property
    def preload(self) -> str:
        """What LD_PRELOAD names: as a user does it, the library that opens the right shim."""
        return os.environ.get("GILYIELD_TEST_SHIM") or os.path.join(self.directory, "lib", "libgilyield.so")

    @property
    def python(self) -> str:
        return os.path.join(self.directory, "python")


@dataclasses.dataclass
class Result:
    """How a program ended."""

    code: int  # negative: the signal that killed it
    stdout: str
    stderr: str
    timed_out: bool

    def our_lines(self) -> List[str]:
        """Return what the shim wrote to stderr."""
        return [line for line in self.stderr.splitlines() if line.startswith(OURS)]

    def describe(self) -> str:
        """Return all of it, for the log of a failed test."""
        end = "was killed at its time limit" if self.timed_out else f"ended with code {self.code}"
        return f"The program {end}.\n--- stdout\n{self.stdout}--- stderr\n{self.stderr}---"

    def pass_on_skip(self) -> None:
        """Skip this test if the program said that it is to be skipped."""
        reasons = [line for line in self.stdout.splitlines() if line.startswith(SKIP_WORD)]
        if self.code == SKIP and reasons:
            skip(reasons[-1][len(SKIP_WORD):])

    def check_clean(self, code: int = 0) -> None:
        """Raise Failure unless it ended with that code and the shim wrote nothing."""
        check(not self.timed_out and self.code == code, f"exit code {code} was wanted")
        check(not self.our_lines(), f"the shim wrote to stderr: {self.our_lines()}")


@contextlib.contextmanager
def scratch() -> Iterator[str]:
    """Yield a directory that is gone afterwards."""
    path = tempfile.mkdtemp(prefix="gilyield-test-")
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


#: What compilers, CMake and pip are told by the environment.
FOR_TOOLS = ("PATH", "HOME", "TMPDIR", "CC", "CXX", "PIP_*", "*_PROXY", "*_proxy", "SSL_CERT_*", "REQUESTS_CA_BUNDLE", "XDG_RUNTIME_DIR")


def environment(home: str = "", pythonpath: str = "", tools: bool = False) -> Dict[str, str]:
    """Return an environment with nothing in it from the person or machine that runs the tests.

    tools: for a test that builds or installs, keep FOR_TOOLS; home: "" is then the person's own.
    """
    variables = {
        "ASAN_OPTIONS": "detect_leaks=0",  # CPython's and Qt's
        "LANG": "C.UTF-8",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "PYTHONDONTWRITEBYTECODE": "1",
        "QT_QPA_PLATFORM": "offscreen",
        "TSAN_OPTIONS": f"die_after_fork=0 suppressions={TSAN_SUPPRESSIONS}",
    }
    if tools:
        variables.update({name: value for name, value in os.environ.items() if any(fnmatch.fnmatchcase(name, kept) for kept in FOR_TOOLS)})
    if home:
        variables["HOME"] = home
        variables["XDG_RUNTIME_DIR"] = os.path.join(home, "runtime")
        os.makedirs(variables["XDG_RUNTIME_DIR"], mode=0o700, exist_ok=True)
        # ParaView's Open MPI: one that ends takes away the folder in /tmp that another is just about to use.
        variables["OMPI_MCA_orte_tmpdir_base"] = home
    if pythonpath:
        variables["PYTHONPATH"] = pythonpath
    return variables


@contextlib.contextmanager
def display() -> Iterator[str]:
    """Yield the name of a new X display. The server picks a free one itself: xvfb-run would race with other tests."""
    need("Xvfb")
    reader, writer = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1280x1024x24", "-nolisten", "tcp", "-ac"],
        pass_fds=[writer], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    try:
        with os.fdopen(reader) as answer:
            number = answer.readline().strip()
        check(number, "Xvfb did not start")
        yield f":{number}"
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@functools.lru_cache(maxsize=None)
def sanitizer_of(library: str) -> str:
    """Return the path of the sanitizer's runtime that a library of a sanitized build needs, "" of an ordinary one."""
    if os.path.basename(library) == "libgilyield.so":
        found = glob.glob(os.path.join(os.path.dirname(library), "libgilyield-qt?.so.0"))  # what it will open
        return sanitizer_of(found[0]) if found else ""
    needed = subprocess.run(["ldd", library], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    match = re.search(r"lib[at]san\.so\S* => (\S+)", needed)
    return match.group(1) if match else ""


def with_sanitizer(env: Dict[str, str]) -> Dict[str, str]:
    """Return an environment in which a sanitized library can be preloaded: the runtime has to come first."""
    first = [sanitizer_of(entry) for entry in env.get("LD_PRELOAD", "").split(":") if OURS in entry]
    return {**env, "LD_PRELOAD": ":".join([first[0], env["LD_PRELOAD"]])} if any(first) else env


def run(command: List[str], env: Dict[str, str], timeout: float, cwd: Optional[str] = None) -> Result:
    """Run a program in a process group of its own, all of which is killed at the limit."""
    env = with_sanitizer(env)
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        # Files, not pipes: a grandchild that lives on must not keep us waiting.
        process = subprocess.Popen(command, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                   start_new_session=True)
        timed_out = False
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            timed_out = True
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode("utf-8", "backslashreplace"))
    return Result(process.returncode, texts[0], texts[1], timed_out)


def run_host(
    build: Build,
    arguments: List[str],
    *,
    preload: bool = True,
    variables: Optional[Dict[str, str]] = None,
    platform: str = "offscreen",
    timeout: float = 60,
) -> Result:
    """Run the test host; a variable with the value "" is left out of its environment."""
    with contextlib.ExitStack() as stack:
        home = stack.enter_context(scratch())
        env = environment(home, build.python)
        env["QT_QPA_PLATFORM"] = platform
        if platform == "xcb":
            env["DISPLAY"] = stack.enter_context(display())
        if preload:
            env["LD_PRELOAD"] = build.preload
        env.update(variables or {})
        env = {name: value for name, value in env.items() if value}
        return run([build.host] + arguments, env, timeout, cwd=home)


class Running:
    """A program that goes on beside the test, on a display of its own, with all it prints in one file."""

    def __init__(self, command: Sequence[str], env: Dict[str, str], cwd: str) -> None:
        with contextlib.ExitStack() as stack:
            self._file = stack.enter_context(tempfile.TemporaryFile())
            env = with_sanitizer({**env, "DISPLAY": stack.enter_context(display())})
            self.process = subprocess.Popen(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=self._file,
                                            stderr=subprocess.STDOUT, start_new_session=True)
            self._stack = stack.pop_all()

    def text(self) -> str:
        """Return what it has printed so far."""
        size = os.fstat(self._file.fileno()).st_size
        return os.pread(self._file.fileno(), size, 0).decode("utf-8", "replace")

    def until(self, condition: Callable[[], object], seconds: float, what: str) -> object:
        """Wait until condition() is true and return its value; raise Failure if the program ends before, or after that time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            ended = self.process.poll() is not None
            result = condition()
            if result:
                return result
            check(not ended, f"ended with {self.process.returncode} before: {what}\n{self.text()}")
            time.sleep(0.05)
        raise Failure(f"not within {seconds} s: {what}\n{self.text()}")

    def end(self) -> None:
        """End all of its process group, and its display."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(3)
        self.process.wait()
        self._stack.close()


def main(test: Callable[[], object]) -> None:
    """Run test(); a Failure ends this process with code 1."""
    try:
        test()
    except Failure as failure:
        print(f"FAILED: {failure}")
        sys.exit(1)

# SPDX-License-Identifier: MIT
"""scikit-build-core, with a source distribution that is complete.

The project that is built starts one directory above this one, and a source distribution cannot reach up. So it is laid out
here with the project in a directory below: the same pyproject.toml, with `..` turned into that directory.
"""

import contextlib
import os
import shutil
import tempfile

from scikit_build_core import build as _build
from scikit_build_core.build import *  # noqa: F403  the other hooks, as they are

PROJECT = "project"
PARTS = ("CMakeLists.txt", "LICENSE", "cmake", "shim", "python/CMakeLists.txt", "python/gilyield", "python/src", "python/docs/changelog.md")


def _lay_out(root):
    for part in PARTS:
        source, target = os.path.join("..", part), os.path.join(root, PROJECT, part)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if os.path.isdir(source):
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)
    shutil.copy2("build_backend.py", root)
    with open("pyproject.toml", encoding="utf-8") as stream:
        text = stream.read()
    with open(os.path.join(root, "pyproject.toml"), "w", encoding="utf-8") as stream:
        stream.write(text.replace('"..', '"' + PROJECT))


@contextlib.contextmanager
def _inside(directory):
    before = os.getcwd()
    os.chdir(directory)
    try:
        yield
    finally:
        os.chdir(before)


def build_sdist(sdist_directory, config_settings=None):
    if os.path.isdir(PROJECT):
        # This is a source distribution already.
        return _build.build_sdist(sdist_directory, config_settings)
    sdist_directory = os.path.abspath(sdist_directory)
    with tempfile.TemporaryDirectory() as root:
        _lay_out(root)
        with _inside(root):
            return _build.build_sdist(sdist_directory, config_settings)

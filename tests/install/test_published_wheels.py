# SPDX-License-Identifier: MIT
"""Builds the wheels that are published: what is in them, what that needs, and that the same sources give the same bytes."""

import argparse
import hashlib
import os
import re
import shutil
import tempfile
import zipfile
from typing import Dict, List, Set

from support import attempt, expect, fresh, run, skip

MACHINES = ("x86_64", "aarch64")
LIBRARIES = (
    "gilyield/lib/libgilyield.so",
    "gilyield/_gilyield.abi3.so",
    "gilyield/lib/libgilyield-qt5.so.0",
    "gilyield/lib/libgilyield-qt6.so.0",
    "gilyield/lib/gilyield/qt5/plugins/generic/libgilyield.so",
    "gilyield/lib/gilyield/qt6/plugins/generic/libgilyield.so",
)
METADATA = ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")
# What a library may need: parts of glibc, the Qt in the process and, beside it in the wheel, a shim.
MAY_NEED = re.compile(
    r"(libc\.so\.6|libdl\.so\.2|libpthread\.so\.0|ld-linux-[\w-]+\.so\.\d|libgilyield-qt[56]\.so\.0|libQt([56])(Core|Gui)\.so\.\2)$"
)
OLDEST_GLIBC = (2, 17)


def name_of(version: str, machine: str) -> str:
    return "gilyield-%s-cp38-abi3-manylinux2014_%s.manylinux_2_17_%s.whl" % (version, machine, machine)


def build(source: str, machines: List[str], **variables: str) -> Dict[str, bytes]:
    """Return the wheels by name, or skip where what builds them cannot be had."""
    with tempfile.TemporaryDirectory() as wheels:
        command = ["sh", os.path.join(source, "python/build_wheels.sh"), wheels, *machines]
        done = attempt(command, {"SOURCE_DATE_EPOCH": "1767225600", **variables}, limit=1200)
        if done.returncode != 0:
            if re.search(r"No matching distribution found|Could not find a version|Missing packages", done.stdout):
                skip("what builds the wheels cannot be had here (network?):\n" + done.stdout[-2000:])
            raise SystemExit("build_wheels.sh failed:\n" + done.stdout[-6000:])
        result = {}
        for name in os.listdir(wheels):
            with open(os.path.join(wheels, name), "rb") as stream:
                result[name] = stream.read()
        return result


def expected_files(source: str, version: str) -> Set[str]:
    files = set(LIBRARIES) | {"gilyield/_location.py", "gilyield/changelog.md"}
    package = os.path.join(source, "python")
    for directory, _, names in os.walk(os.path.join(package, "gilyield")):
        if "__pycache__" not in directory:
            files |= {os.path.relpath(os.path.join(directory, name), package) for name in names if not name.endswith((".in", ".pyc"))}
    return files | {"gilyield-%s.dist-info/%s" % (version, name) for name in METADATA}


def check_library(readelf: str, path: str) -> None:
    text = run([readelf, "-dVW", path], {"LC_ALL": "C"})
    needed = re.findall(r"\(NEEDED\).*\[(.*)\]", text)
    for name in needed:
        expect(MAY_NEED.match(name) is not None, "%s needs %s" % (path, name))
    for glibc in re.findall(r"Name: GLIBC_([\d.]+)", text):
        expect(tuple(map(int, glibc.split(".")[:2])) <= OLDEST_GLIBC, "%s needs glibc %s" % (path, glibc))
    expect("GLIBCXX" not in text and "CXXABI" not in text, path + " needs a certain libstdc++")
    # A shim says whose it is: the loader then finds that Qt's functions where the Qt is private to a Python module.
    shim = re.search(r"libgilyield-qt(\d)\.so", path)
    if shim:
        expect("libQt%sCore.so.%s" % shim.group(1, 1) in needed, path + " names no Qt")
    else:
        expect("/plugins/" in path or not any("Qt" in name for name in needed), path + " needs Qt")
    if "/plugins/" in path:
        expect(any(name.startswith("libgilyield-qt") for name in needed), path + " does not load the shim")


def check(args: argparse.Namespace, name: str, content: bytes, work: str) -> None:
    path = os.path.join(work, name)
    with open(path, "wb") as stream:
        stream.write(content)
    with zipfile.ZipFile(path) as archive:
        names, expected = set(archive.namelist()), expected_files(args.source, args.version)
        expect(names == expected, "in %s: missing %s, not expected %s" % (name, sorted(expected - names), sorted(names - expected)))
        archive.extractall(os.path.join(work, "files"))
    for library in LIBRARIES:
        check_library(args.readelf, os.path.join(work, "files", library))
    for directory, _, files in os.walk(os.path.join(work, "files")):
        for file in files:
            with open(os.path.join(directory, file), "rb") as stream:
                expect(args.source.encode() not in stream.read(), "%s names the directory that it was built in" % file)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in "source work version readelf".split():
        parser.add_argument("--" + name, required=True)
    args = parser.parse_args()
    work = fresh(args.work)

    wheels = build(args.source, list(MACHINES))
    expect(sorted(wheels) == sorted(name_of(args.version, machine) for machine in MACHINES), "the wheels are %s" % sorted(wheels))
    for machine in MACHINES:
        name = name_of(args.version, machine)
        check(args, name, wheels[name], fresh(os.path.join(work, machine)))

    # Once more, elsewhere. The venv and the C library's files are taken from here, not what was made of our sources.
    name = name_of(args.version, MACHINES[0])
    with tempfile.TemporaryDirectory() as directory:
        copy = os.path.join(directory, "another place")
        shutil.copytree(args.source, copy, ignore=shutil.ignore_patterns("build", ".git", "__pycache__"))
        os.makedirs(os.path.join(copy, "build/wheels-work"))
        os.symlink(os.path.join(args.source, "build/wheels-work/venv"), os.path.join(copy, "build/wheels-work/venv"))
        again = build(copy, [MACHINES[0]], ZIG_GLOBAL_CACHE_DIR=os.path.join(args.source, "build/wheels-work/zig"))[name]
    if again != wheels[name]:
        with open(os.path.join(work, "again.whl"), "wb") as stream:
            stream.write(again)
        raise SystemExit("wrong: the same sources gave two wheels, %s and %s" % (os.path.join(work, "again.whl"), name))
    for name, content in wheels.items():
        print(hashlib.sha256(content).hexdigest(), name)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: MIT
"""What a built shim shows to the process that loads it, and what it asks of it."""
import argparse
import re
import subprocess
import sys


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"}).stdout


def names(nm, library, which):
    """Dynamic symbols of the library, {name: version}."""
    found = {}
    for line in output_of(nm, "-D", which, library).splitlines():
        name, _, version = line.split()[-1].partition("@")
        found[name] = version.lstrip("@")
    return found


def main():
    parser = argparse.ArgumentParser()
    for name in ("library", "soname", "map", "header", "nm", "readelf"):
        parser.add_argument("--" + name, required=True)
    args = parser.parse_args()
    problems = []

    def same(what, left_name, left, right_name, right):
        if set(left) != set(right):
            only_left, only_right = sorted(set(left) - set(right)), sorted(set(right) - set(left))
            problems.append(f"{what}: only in {left_name}: {only_left}; only in {right_name}: {only_right}")

    script = open(args.map, encoding="utf-8").read()
    version = re.search(r"^(\w+)\s*\{", script, re.MULTILINE).group(1)
    promised = re.findall(r"^\s*(\w+);", script.split("global:")[1].split("local:")[0], re.MULTILINE)
    declared = re.findall(r"^GILYIELD_API\b[^;(]*?\b(gilyield_\w+)\(", open(args.header, encoding="utf-8").read(), re.MULTILINE)
    exported = names(args.nm, args.library, "--defined-only")
    exported.pop(version, None)  # the version itself
    same("exports", "the library", exported, "gilyield.map", promised)
    same("declarations", "gilyield.h", declared, "gilyield.map", promised)
    if not promised:
        problems.append("gilyield.map promises nothing")
    for name, its_version in exported.items():
        if its_version != version:
            problems.append(f"{name} has version {its_version!r}, not {version}")

    dynamic = output_of(args.readelf, "-dW", args.library)
    soname = re.findall(r"\(SONAME\).*\[(.*)\]", dynamic)
    if soname != [args.soname]:
        problems.append(f"SONAME is {soname}, not {args.soname}")
    if not re.search(r"\(FLAGS_1\).*\bNODELETE\b", dynamic):
        problems.append("not linked with -z nodelete")

    # CPython is looked for in the running process, Qt Core is the only Qt that every host has.
    needed = re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic)
    for library in needed:
        if re.search(r"python|glib|Qt\dGui|Qt\dWidgets", library):
            problems.append(f"needs {library}")
    if not any(re.match(r"libQt\dCore\.so", library) for library in needed):
        problems.append(f"does not need Qt Core: {needed}")
    for name in names(args.nm, args.library, "--undefined-only"):
        if re.match(r"_?Py", name):
            problems.append(f"needs the symbol {name}")

    for problem in problems:
        print(problem)
    return 1 if problems else 0


sys.exit(main())

# SPDX-License-Identifier: MIT
"""An application as 3D Slicer is made: a launcher that needs no Qt sets LD_LIBRARY_PATH and starts a program whose Qt lies in a directory
of its own. Started by `gilyield run`, by plain preloading, and through a shell that no one could read. Arguments: build, Qt."""

import glob
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "support"))

import runner

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "in_host", "bundled.py")
LAUNCHER = """
#include <stdlib.h>
#include <unistd.h>
int main(int argc, char **argv)
{
    (void)argc;
    setenv("LD_LIBRARY_PATH", DIRECTORY "/lib", 1);
    argv[0] = DIRECTORY "/bin/App-real";
    execv(argv[0], argv);
    return 1;
}
"""


def make_bundle(build: runner.Build, directory: str) -> str:
    """Return the path of the launcher."""
    os.makedirs(os.path.join(directory, "lib"))
    os.makedirs(os.path.join(directory, "bin"))
    listed = subprocess.run(["ldd", build.host], stdout=subprocess.PIPE, text=True, check=True).stdout
    for line in listed.splitlines():
        name, _, path = line.strip().partition(" => ")
        if name.startswith("libQt"):
            shutil.copy(path.split(" (")[0], os.path.join(directory, "lib", name))
    runner.check(glob.glob(os.path.join(directory, "lib", f"libQt{build.qt}Core*")), f"no Qt Core among the libraries of {build.host}:\n{listed}")
    shutil.copy(build.host, os.path.join(directory, "bin", "App-real"))
    launcher = os.path.join(directory, "App")
    subprocess.run([os.environ.get("CC", "cc"), "-x", "c", "-", "-o", launcher, f'-DDIRECTORY="{directory}"'], input=LAUNCHER, text=True, check=True)
    return launcher


def test() -> None:
    build = runner.Build(sys.argv[1], int(sys.argv[2]))
    preload = {"LD_PRELOAD": build.preload, "GILYIELD": "1"}
    with runner.scratch() as directory:
        launcher = make_bundle(build, os.path.join(os.path.realpath(directory), "app"))
        command = [launcher, SCRIPT, os.path.dirname(launcher)]
        for words, variables, pythonpath in (
            (["/usr/bin/python3", "-m", "gilyield", "run", "--", *command], {}, build.python),
            (command, preload, ""),
            (["sh", "-c", "words='\"$@\"'; eval \"$words\"", "sh", *command], preload, ""),
        ):
            result = runner.run(words, {**runner.environment(directory, pythonpath), **variables}, 60)
            print(words[:3], result.describe())
            result.check_clean()
            runner.check("PASSED" in result.stdout, "the script did not get to its end")


if __name__ == "__main__":
    runner.main(test)

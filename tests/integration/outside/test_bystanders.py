# SPDX-License-Identifier: MIT
"""Processes that are not meant: without Python, without a Qt application, short-lived. Arguments: build, Qt."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "support"))

import runner


def without_python(build: runner.Build) -> None:
    for options in (["--no-python"], ["--no-python", "--core"], ["--no-python", "--exec-twice"], ["--no-python", "--recreate", "3"]):
        for mode in ("auto", "timer", "wait"):
            result = runner.run_host(build, options + ["--quit-after-ms", "150"],
                                     variables={"GILYIELD": "1", "GILYIELD_MODE": mode})
            print(options, mode, result.describe())
            result.check_clean()
            runner.check(result.stderr == "" and result.stdout == "", "a host without Python says nothing")
    result = runner.run_host(build, ["--no-python", "--quit-after-ms", "150"], variables={"GILYIELD": "1", "GILYIELD_STATS": "1"})
    print(result.describe())
    runner.check(result.code == 0 and len(result.our_lines()) == 1 and " 0 yields" in result.stderr, "no Python, no yields")


NO_APPLICATION = """
import sys, threading, time
count = 0
def work():
    global count
    while count < 100000: count += 1
threads = [threading.Thread(target=work) for _ in range(4)]
[thread.start() for thread in threads]; [thread.join() for thread in threads]
print("WORKED")
"""

NO_QT = """
import gilyield
assert not gilyield.is_enabled()
gilyield.disable()
gilyield.reset_stats()
with gilyield.paused():
    pass
for function in (gilyield.enable, gilyield.status, gilyield.stats, lambda: gilyield.configure(mode="timer")):
    try:
        function()
    except gilyield.Error as error:
        assert "Qt" in str(error), error
    else:
        raise AssertionError(f"{function} must raise without Qt")
print("WORKED")
"""

# A shim brings Qt Core with it; there is no application, so it is armed and does nothing: by the environment, then by the API.
ARMED = """
import gilyield
for _ in range(2):
    status = gilyield.status()
    assert status.state == "armed" and status.stats.yields == 0 and gilyield.is_enabled(), status
    assert (status.since is None) == ("waiting for the application object" in str(status)), status
    gilyield.disable()
    assert gilyield.status().state == "dormant" and not gilyield.is_enabled()
    gilyield.enable()
print("WORKED")
"""


def without_application(build: runner.Build) -> None:
    for script, preload in ((NO_APPLICATION, build.preload), (NO_QT, ""), (NO_QT, build.preload), (ARMED, build.shim)):
        with runner.scratch() as home:
            env = runner.environment(home, build.python)
            if preload:
                env.update(LD_PRELOAD=preload, GILYIELD="1")
            result = runner.run(["/usr/bin/python3", "-c", script], env, 60)
        print(result.describe())
        result.check_clean()
        runner.check(result.stdout == "WORKED\n" and result.stderr == "", "it must be as without the shim")


def other_programs(build: runner.Build) -> None:
    with runner.scratch() as home:
        env = runner.environment(home)
        env.update(LD_PRELOAD=build.preload, GILYIELD="1", GILYIELD_MODE="nonsense")
        for command in (["true"], ["sh", "-c", "echo x | cat >/dev/null; exit 5"]):
            result = runner.run(command, env, 60)
            print(command, result.describe())
            result.check_clean(5 if "sh" in command else 0)
            runner.check(result.stderr == "", "a program without Qt application must not hear of it")


def test() -> None:
    build = runner.Build(sys.argv[1], int(sys.argv[2]))
    without_python(build)
    without_application(build)
    other_programs(build)


if __name__ == "__main__":
    runner.main(test)

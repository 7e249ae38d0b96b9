# SPDX-License-Identifier: MIT
"""Environment variables: bad values are named and do no harm; GILYIELD_STATS. Arguments: build, Qt."""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "support"))

import runner

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPT = os.path.join(HERE, os.pardir, "in_host", "print_status.py")

# variable, bad value, what has to be in the line besides, field of the status, default
BAD = [
    ("GILYIELD_MODE", "fast", "auto, wait, timer", "mode", "auto"),
    ("GILYIELD_INTERVAL_MS", "0", "1 to 10000", "interval_ms", "20"),
    ("GILYIELD_INTERVAL_MS", "-5", "1 to 10000", "interval_ms", "20"),
    ("GILYIELD_INTERVAL_MS", "10001", "1 to 10000", "interval_ms", "20"),
    ("GILYIELD_INTERVAL_MS", "20ms", "1 to 10000", "interval_ms", "20"),
    ("GILYIELD_SLICE_MS", "five", "1 to 10000", "slice_ms", "5"),
    ("GILYIELD_SLICE_MS", "99999999999999999999", "1 to 10000", "slice_ms", "5"),
    ("GILYIELD_PRIORITY", "high", "gui, switch-interval, none", "priority", "gui"),
    ("GILYIELD_SWITCH_US", "0x10", "1 to 1000000", "switch_us", "100"),
    ("GILYIELD_LOG_LEVEL", "verbose", "error, warn, info, debug", "log_level", "warn"),
    ("GILYIELD_STATS", "yes", "0, 1", "mode", "auto"),
    ("GILYIELD_STRICT", "on", "0, 1", "mode", "auto"),
]


def status(build: runner.Build, **variables: str):
    """Return (fields, lines of ours) of a host that runs with these variables."""
    result = runner.run_host(build, [SCRIPT], variables=variables)
    print(variables, result.describe())
    runner.check(result.code == 0, f"exit code {result.code}")
    fields = dict(line.split("=", 1) for line in result.stdout.splitlines() if "=" in line)
    runner.check(fields, "the script printed no status")
    runner.check(len(result.our_lines()) == len(result.stderr.splitlines()), "stderr has lines that are not ours")
    return fields, result.our_lines()


def check_bad_values(build: runner.Build) -> None:
    # All at once, as far as the variables differ: one process, one line each.
    for rows in (BAD[0:2] + BAD[5:6] + BAD[7:], BAD[2:3] + BAD[6:7], BAD[3:4], BAD[4:5]):
        fields, lines = status(build, GILYIELD="1", **{row[0]: row[1] for row in rows})
        runner.check(len(lines) == len(rows), f"{len(rows)} lines were wanted")
        runner.check(fields["state"] == "running", "bad values must not keep it off")
        for variable, value, accepted, field, default in rows:
            matching = [line for line in lines if f"{variable}={value} " in line and accepted in line]
            runner.check(len(matching) == 1, f"one line about {variable}={value} was wanted, with {accepted!r}")
            runner.check(fields[field] == default, f"{field} is {fields[field]}, not {default}")


def check_strict(build: runner.Build) -> None:
    fields, lines = status(build, GILYIELD="1", GILYIELD_STRICT="1", GILYIELD_SLICE_MS="x")
    runner.check(fields["state"] == "dormant" and fields["yields"] == "0", "strict and a bad value: it must stay off")
    runner.check(any("GILYIELD_SLICE_MS=x" in line for line in lines) and any("GILYIELD_STRICT" in line for line in lines),
                 "it must say what is bad, and that it stays off")
    fields, lines = status(build, GILYIELD="1", GILYIELD_STRICT="1", GILYIELD_SLICE_MS="7")
    runner.check(fields["state"] == "running" and fields["slice_ms"] == "7" and not lines, "strict and a good value")


def check_others(build: runner.Build) -> None:
    fields, lines = status(build, GILYIELD="1", GILYIELD_INTERVALL_MS="10")
    runner.check(len(lines) == 1 and "GILYIELD_INTERVALL_MS" in lines[0], "an unknown variable is named once")
    runner.check(fields["interval_ms"] == "20" and fields["state"] == "running", "and ignored")
    for value in ("0", ""):
        fields, lines = status(build, GILYIELD=value, GILYIELD_MODE="nonsense", GILYIELD_UNKNOWN="1")
        runner.check(fields["state"] == "dormant", f"GILYIELD={value!r} is off")
    fields, lines = status(build, GILYIELD="maybe")
    runner.check(fields["state"] == "dormant" and len(lines) == 1 and "GILYIELD=maybe" in lines[0], "GILYIELD=maybe")
    fields, lines = status(build, GILYIELD="1", GILYIELD_MODE="", GILYIELD_SLICE_MS="")
    runner.check(fields["state"] == "running" and not lines, "an empty variable is as none")


def check_summary(build: runner.Build) -> None:
    for preset, arguments in ((("1", "auto"), [SCRIPT]), (("1", "timer"), [SCRIPT]), (("1", "auto"), ["--release-gil", SCRIPT])):
        result = runner.run_host(build, arguments,
                                 variables={"GILYIELD": preset[0], "GILYIELD_MODE": preset[1], "GILYIELD_STATS": "1"})
        print(result.describe())
        lines = result.our_lines()
        runner.check(result.code == 0 and len(lines) == 1, "one line at the exit was wanted")
        match = re.search(r"summary: .* (\d+) yields .* (\d+) skipped", lines[0])
        runner.check(match, "the summary has no figures")
        yields, skipped = int(match.group(1)), int(match.group(2))
        if "--release-gil" in arguments:
            runner.check(yields == 0 and skipped > 0, "a releasing host: skipped only")
        else:
            runner.check(yields > 0, "yields were wanted")


def test() -> None:
    build = runner.Build(sys.argv[1], int(sys.argv[2]))
    check_bad_values(build)
    check_strict(build)
    check_others(build)
    check_summary(build)


if __name__ == "__main__":
    runner.main(test)

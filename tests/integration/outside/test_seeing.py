# SPDX-License-Identifier: MIT
"""What the environment asks for: stall reports, the worst places at exit, a timeline. Arguments: build, Qt, case."""

import json
import os
import re
import sys
from typing import Any, Dict, List

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "support"))

import runner

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPT = os.path.normpath(os.path.join(HERE, os.pardir, "in_host", "stall_for.py"))
PLACE = r"stall_for\.py:\d+, in made_stall"
END = "the made stall ends"


def run(build: runner.Build, *arguments: str, **variables: str) -> runner.Result:
    result = runner.run_host(build, [SCRIPT, *arguments], variables={"GILYIELD": "1", **variables})
    print(result.describe())
    runner.check(result.code == 0 and "PASSED" in result.stdout, f"exit code {result.code}")
    return result


def matching(result: runner.Result, pattern: str) -> List[int]:
    """Return the numbers of the lines of stderr that match."""
    return [number for number, line in enumerate(result.stderr.splitlines()) if re.search(pattern, line)]


def reports(build: runner.Build) -> None:
    result = run(build, "300", "300", GILYIELD_WATCH_MS="100", GILYIELD_STATS="1")
    told = matching(result, f"^gilyield: the GUI thread was late for its events by .*{PLACE}")
    again = matching(result, f"was late .*{PLACE} \\(here 2 times, ")
    runner.check(len(told) == 2 and again == told[1:], "a report of each stall was wanted, the second with how often")
    summary = matching(result, "^gilyield: summary: ")
    worst = matching(result, f"^gilyield: late 2 times, [0-9.]+ s in all, longest [0-9.]+ s: it slept in C .*{PLACE}")
    runner.check(len(summary) == len(worst) == 1 and told[-1] < summary[0] < worst[0], "the worst places at exit, after the summary")
    quiet = run(build, "300", GILYIELD_STATS="1")
    runner.check(len(quiet.our_lines()) == 1, "without GILYIELD_WATCH_MS nothing is reported")


def lasting(build: runner.Build) -> None:
    result = run(build, "2500", GILYIELD_WATCH_MS="100")
    before = matching(result, f"^gilyield: the GUI thread has been late for its events for .*{PLACE}")
    after = matching(result, f"^gilyield: the GUI thread was late for its events by 2\\.\\d s: .*{PLACE}")
    end = matching(result, END)
    runner.check(len(before) == len(after) == len(end) == 1, "one report while it lasts and one when it is over were wanted")
    runner.check(before[0] < end[0] < after[0], "the first of them was to come while it lasts")


def unwritable(build: runner.Build) -> None:
    result = runner.run_host(build, [os.path.join(HERE, os.pardir, "in_host", "report_files.py")], variables={"GILYIELD": "1"})
    print(result.describe())
    runner.check(result.code == 0 and "PASSED" in result.stdout, f"exit code {result.code}")
    sentence = "gilyield: watch: reports cannot be written to their file: "
    runner.check(result.our_lines() == [sentence + "Broken pipe", sentence + "No space left on device"],
                 "one sentence for each file was wanted, whatever the number of reports")


def timeline(path: str) -> List[Dict[str, Any]]:
    with open(path, encoding="utf-8") as file:
        events = json.load(file)["traceEvents"]
    names = {event["args"]["name"]: event["tid"] for event in events if event["name"] == "thread_name"}
    runner.check({"computes", "GUI thread"} <= set(names), f"these have a track: {sorted(names)}")
    own = [event for event in events if event["tid"] == names["computes"] and event["name"] == "has the GIL"]
    runner.check(own, "the thread that computes never had the GIL")
    return events


def recorded(build: runner.Build) -> None:
    with runner.scratch() as directory:
        path = os.path.join(directory, "gil.json")
        result = run(build, "300", GILYIELD_TRACE=path, GILYIELD_WATCH_MS="100")
        runner.check(len(matching(result, f"^gilyield: the GUI thread was late .*{PLACE}")) == 1, "a report of the stall was wanted")
        stalls = [event["args"]["report"] for event in timeline(path) if event["name"] == "stall"]
        runner.check(any(re.search(PLACE, report) for report in stalls), f"the stall is not in the timeline: {stalls}")
        missing = run(build, GILYIELD_TRACE=os.path.join(directory, "no", "where.json"))
        runner.check(len(missing.our_lines()) == 1 and "where.json: the file cannot be written" in missing.stderr, "it must say so")


def recorded_for_seconds(build: runner.Build) -> None:
    with runner.scratch() as directory:
        path = os.path.join(directory, "gil.json")
        result = run(build, path, GILYIELD_TRACE=path, GILYIELD_TRACE_SECONDS="1")
        runner.check(not result.our_lines(), "nothing was to be said")
        match = re.search(r"while it runs: (\d+) (\d+)", result.stdout)
        runner.check(match, "it was to be written while the application runs")
        now = os.stat(path)
        runner.check((now.st_mtime_ns - int(match.group(2))) < 200_000_000, "it was written once more at the exit")
        timeline(path)
        os.remove(path)
        run(build, path, GILYIELD_TRACE=path, GILYIELD_TRACE_SECONDS="1", STALL_FOR_STARTS_LATE_S="2")
        timeline(path)  # the seconds count from the first turn of the event loop


CASES = {case.__name__: case for case in (reports, lasting, unwritable, recorded, recorded_for_seconds)}

if __name__ == "__main__":
    runner.main(lambda: CASES[sys.argv[3]](runner.Build(sys.argv[1], int(sys.argv[2]))))

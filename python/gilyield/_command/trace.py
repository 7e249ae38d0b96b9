# SPDX-License-Identifier: MIT
"""`gilyield trace FILE`: a recorded timeline as a picture and as figures."""

import collections
import importlib
import json
import os
import sys
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from .. import _text

_HAS, _WAITS, _LONG, _TURN, _IDLE = "has the GIL", "waits for the GIL", "handlers over 1 ms", "turn", "waits for events"
_NEITHER = "neither"
_COLOURS = {_HAS: "#2a78b5", _WAITS: "#f0a35e", _LONG: "#c23b22", _TURN: "#7f9f7f", _IDLE: "#ececec"}
_LOOP = 0x7FFFFFFF  # the track of the GUI thread's event loop
_WORST = 5


class Unreadable(Exception):
    """The file is no timeline of gilyield; the text says why."""


class Slice(NamedTuple):
    """Something that took time. Milliseconds since the beginning of the timeline."""

    name: str
    start: float
    length: float


class Timeline(NamedTuple):
    """What a file has, by the numbers of the threads."""

    names: Dict[int, str]
    slices: Dict[int, List[Slice]]
    stalls: List[Tuple[float, str]]
    lost: int


def read(path: str) -> Timeline:
    """Return what is in the file. Raises Unreadable."""
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        events: List[Dict[str, Any]] = content["traceEvents"]
        timeline = Timeline({}, collections.defaultdict(list), [], int(content["otherData"]["events lost"]))
        for event in events:
            if event["name"] == "thread_name":
                timeline.names[event["tid"]] = event["args"]["name"]
            elif event["ph"] == "X":
                timeline.slices[event["tid"]].append(Slice(event["name"], event["ts"] / 1e3, event["dur"] / 1e3))
            elif event["ph"] == "i" and event["name"] == "stall":
                timeline.stalls.append((event["ts"] / 1e3, event["args"]["report"]))
    except OSError as problem:
        raise Unreadable(f"{path}: {problem.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise Unreadable(f"{path} is no timeline of gilyield") from None
    return timeline


def _sum(slices: List[Slice], name: str) -> float:
    return sum(entry.length for entry in slices if entry.name == name)


def _end(timeline: Timeline) -> float:
    return max((entry.start + entry.length for slices in timeline.slices.values() for entry in slices), default=0.0)


def _threads(timeline: Timeline) -> List[int]:
    """The tracks of threads: the GUI thread first, then those that had most."""
    tracks = [track for track in timeline.names if track != _LOOP]
    return sorted(tracks, key=lambda track: (timeline.names[track] != "GUI thread", -_sum(timeline.slices[track], _HAS)))


def _blamed(timeline: Timeline, gui: int, wait: Slice) -> str:
    """Who had the GIL for most of that wait."""
    had: Dict[str, float] = collections.defaultdict(float)
    for track in _threads(timeline):
        for entry in timeline.slices[track]:
            if track != gui and entry.name == _HAS:
                had[timeline.names[track]] += max(0.0, min(entry.start + entry.length, wait.start + wait.length) - max(entry.start, wait.start))
    name = max(had, key=lambda name: had[name], default="")
    return name if name and had[name] > 0 else "nobody that was seen"


def _ms(value: float) -> str:
    return _text.milliseconds(int(value * 1e6))


def summary(timeline: Timeline) -> str:
    """Return who had the GIL how much, and the longest waits of the GUI thread and for whom."""
    length = _end(timeline) or 1.0
    lines = [f"{_ms(length)} recorded" + (f", {timeline.lost} events lost before that" if timeline.lost else "")]
    lines += ["", f"{'thread':24} {'had the GIL':>12} {'waited':>10} {'times':>7} {'longest wait':>13}"]
    for track in _threads(timeline):
        slices = timeline.slices[track]
        waits = [entry.length for entry in slices if entry.name == _WAITS]
        times = f"{100 * _sum(slices, _HAS) / length:.1f} %", f"{100 * sum(waits) / length:.1f} %", str(len(waits))
        lines.append(f"{timeline.names[track][:24]:24} {times[0]:>12} {times[1]:>10} {times[2]:>7} {_ms(max(waits, default=0)):>13}")
    gui = next((track for track in _threads(timeline) if timeline.names[track] == "GUI thread"), None)
    if gui is not None:
        waits_of_gui = sorted((entry for entry in timeline.slices[gui] if entry.name == _WAITS), key=lambda entry: -entry.length)
        lines += ["", "longest waits of the GUI thread for the GIL:"] if waits_of_gui else ["", "the GUI thread never waited for the GIL"]
        for wait in waits_of_gui[:_WORST]:
            lines.append(f"  {_ms(wait.length):>9} at {wait.start:.0f} ms: {_blamed(timeline, gui, wait)} had it")
    lines += [f"  stall at {when:.0f} ms: {report}" for when, report in timeline.stalls]
    return "\n".join(lines)


def draw(timeline: Timeline, path: str, start: float, length: Optional[float], title: str) -> None:
    """Draw a part of the timeline, in milliseconds, as a picture. Raises ImportError where there is no matplotlib."""
    # Not at the top: most never draw, and it is no dependency. By name: it brings no types along.
    matplotlib = importlib.import_module("matplotlib")
    matplotlib.use("Agg")
    patch = importlib.import_module("matplotlib.patches").Patch
    plot = importlib.import_module("matplotlib.pyplot")

    tracks = _threads(timeline) + ([_LOOP] if _LOOP in timeline.names else [])
    end = start + (length or _end(timeline) - start)
    figure, axes = plot.subplots(figsize=(11, 1.3 + 0.36 * len(tracks)))
    for row, track in enumerate(tracks):
        for name in (_IDLE, _TURN, _LONG, _WAITS, _HAS):
            bars = [(entry.start, entry.length) for entry in timeline.slices[track]
                    if entry.name == name and entry.start < end and entry.start + entry.length > start]
            axes.broken_barh(bars, (row - 0.36, 0.72), facecolors=_COLOURS[name], linewidth=0)
    for when, _ in timeline.stalls:
        axes.axvline(when, color="#c23b22", linewidth=1)
    axes.set_xlim(start, end)
    axes.set_ylim(len(tracks) - 0.5, -0.5)
    axes.set_yticks(range(len(tracks)), [timeline.names[track] for track in tracks])
    axes.set_xlabel("milliseconds")
    axes.set_title(title, fontsize=10, loc="left")
    used = {entry.name for slices in timeline.slices.values() for entry in slices}
    patches = [patch(color=_COLOURS[name], label=name) for name in _COLOURS if name in used]
    patches.insert(2, patch(facecolor="white", edgecolor="#b0b0b0", label=_NEITHER))  # sleeps, or computes without the GIL
    axes.legend(handles=patches, ncol=len(patches), fontsize=8, frameon=False, loc="upper right", bbox_to_anchor=(1, -0.14))
    for side in "top", "right":
        axes.spines[side].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, dpi=110, bbox_inches="tight")
    plot.close(figure)


def main(path: str, picture: Optional[str], start: float, length: Optional[float]) -> int:
    """Print the figures, draw the picture, and return the exit code of `gilyield trace`."""
    try:
        timeline = read(path)
    except Unreadable as problem:
        print(f"gilyield trace: {problem}", file=sys.stderr)
        return 1
    if not any(timeline.slices.values()):
        print(f"gilyield trace: {path}: nothing was recorded; did the event loop of the application run, and its Python?", file=sys.stderr)
        return 1
    print(summary(timeline))
    target = picture or os.path.splitext(path)[0] + ".png"
    try:
        draw(timeline, target, start, length, os.path.basename(path))
    except ImportError:
        print("\nno picture: there is no matplotlib (pip install matplotlib). ui.perfetto.dev opens the file, too.")
        return 0
    except OSError as problem:
        print(f"gilyield trace: {target}: {problem.strerror}", file=sys.stderr)
        return 1
    print(f"\npicture: {target}")
    return 0

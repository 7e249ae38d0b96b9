# SPDX-License-Identifier: MIT
"""Two pictures, as SVG and PNG, made for a page about 900 pixels wide: latency against threads, and throughput against R.

Colours are those of Okabe and Ito, which people with any kind of colour vision can tell apart; lines also differ in their marks.
"""

import math

import matplotlib

matplotlib.use("agg")

from matplotlib import pyplot
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from figures import Figures

BLUE, ORANGE, VERMILLION, PURPLE, GREEN, GREY = "#0072B2", "#E69F00", "#D55E00", "#CC79A7", "#009E73", "#6b6b6b"
INK, FAINT = "#222222", "#d9d9d9"
THREADS = (1, 4, 8, 16)
WIDTH_INCHES, DPI = 9.4, 100

pyplot.rcParams.update(
    {
        "font.family": "DejaVu Sans",
        "font.size": 9.5,
        "text.color": INK,
        "axes.edgecolor": INK,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "svg.fonttype": "path",
        "svg.hashsalt": "gilyield",
    }
)


def save(figure, out, name):
    figure.savefig(out / f"{name}.svg", facecolor="white", metadata={"Date": None})
    figure.savefig(out / f"{name}.png", facecolor="white", dpi=2 * DPI)
    pyplot.close(figure)


def duration(ms):
    if ms < 1:
        return f"{ms:.2f} ms"
    return f"{ms:.{0 if ms >= 9.5 else 1}f} ms" if ms < 1000 else f"{ms / 1000:.1f} s"


def origin(data):
    machine = data["machine"]
    note = f"{machine['processor']}, {machine['cpus']} processors, Qt {machine['qt']}, Python {machine['python']}, {data['date'][:10]}"
    return note + (" (quick run)" if data["quick"] else "")


def spread_labels(labels, gap):
    """Moves (y, ...) labels apart in log10(y), so that none covers another; returns their heights in the same order."""
    order = sorted(range(len(labels)), key=lambda i: labels[i])
    heights = dict(zip(order, (labels[i] for i in order)))
    for _ in range(200):
        for low, high in zip(order, order[1:]):
            short = gap - (heights[high] - heights[low])
            if short > 1e-9:
                heights[low] -= short / 2
                heights[high] += short / 2
    return [heights[i] for i in range(len(labels))]


def lateness_axes(axes, low_ms, high_ms):
    """Milliseconds against the number of threads, both logarithmic."""
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xlim(0.88, 17.5)
    axes.set_ylim(low_ms, high_ms)
    axes.xaxis.set_major_locator(FixedLocator(THREADS))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda n, _: f"{n:.0f}"))
    axes.yaxis.set_major_locator(FixedLocator((0.01, 0.1, 1, 10, 100, 1000)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda ms, _: f"{ms:g} ms" if ms < 1000 else "1 s"))
    axes.grid(axis="y", color=FAINT, linewidth=0.7)
    axes.set_axisbelow(True)


def latency_panel(axes, figures, title, subtitle, sides):
    ends = []
    for side, text, colour, mark in sides:
        points = [
            (n, *(figures.percentile("events", side, n, "latency_ms", percent).value for percent in (50, 99)))
            for n in THREADS
            if figures.samples("events", side, n, "latency_ms")
        ]
        if not points:
            continue
        x, p50, p99 = zip(*points)
        bold = "gilyield" in side or side == "auto"
        axes.fill_between(x, p50, p99, color=colour, alpha=0.13 if bold else 0.05, linewidth=0)
        axes.plot(x, p99, color=colour, linewidth=1, linestyle=(0, (1, 1.5)))
        axes.plot(x, p50, color=colour, linewidth=2.6 if bold else 1.6, marker=mark, markersize=6 if bold else 5, zorder=3)
        ends.append((p50[-1], p99[-1], text, colour, bold))
    heights = spread_labels([math.log10(end[0]) for end in ends], 0.57)
    for height, (p50, p99, text, colour, bold) in zip(heights, ends):
        style = {"color": colour, "annotation_clip": False, "textcoords": "offset points"}
        at = (16 * 1.16, 10**height)
        axes.annotate(text, at, xytext=(0, 1.5), va="bottom", fontsize=9, fontweight="bold" if bold else "normal", **style)
        axes.annotate(f"{duration(p50)}, p99 {duration(p99)}", at, xytext=(0, 0.5), va="top", fontsize=8, **style)
    lateness_axes(axes, 0.006, 2500)
    axes.axhline(1000 / 60, color=INK, linewidth=0.8, linestyle="--", alpha=0.6)
    axes.set_title(title, loc="left", fontsize=10.5, fontweight="bold", pad=22)
    axes.text(0, 1.025, subtitle, transform=axes.transAxes, fontsize=8.6, color=GREY)
    axes.set_xlabel("CPU-bound Python threads")


def latency(data, figures, out):
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(WIDTH_INCHES, 4.9), sharey=True)
    figure.subplots_adjust(left=0.072, right=0.835, top=0.775, bottom=0.175, wspace=0.66)
    latency_panel(
        left,
        figures,
        "Applications that hold the GIL",
        "3D Slicer, KLayout, ParaView, Scribus …",
        (
            ("none", "without gilyield*", GREY, "s"),
            ("simplefilters", "SimpleFilters", VERMILLION, "^"),
            ("timer", "QTimer tick", ORANGE, "D"),
            ("auto", "gilyield", BLUE, "o"),
        ),
    )
    latency_panel(
        right,
        figures,
        "Applications that release it",
        "PyQt, PySide, QGIS, FreeCAD …",
        (
            ("R", "C++ without", PURPLE, "s"),
            ("pyqt", "PyQt5 without", GREEN, "^"),
            ("R+gilyield", "C++ with gilyield", BLUE, "o"),
            ("pyqt+gilyield", "PyQt5 with gilyield", "#56B4E9", "v"),
        ),
    )
    left.text(0.95, 1000 / 60 * 1.12, "one frame at 60 Hz", fontsize=7.6, color=INK, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5, "alpha": 0.7})
    figure.text(
        0.012, 0.955, "How long the GUI keeps an event waiting while Python threads compute", fontsize=13, fontweight="bold"
    )
    figure.text(
        0.012,
        0.91,
        "From the event to the end of its Python handler. Marks: median; dotted: 99th percentile. Logarithmic: from grid line to grid line ten times.",
        fontsize=8.8,
        color=GREY,
    )
    note = "* There the threads do not run at all, but for the moments in which such an event lets them in."
    figure.text(0.012, 0.045, note, fontsize=8, color=GREY)
    figure.text(0.012, 0.012, origin(data), fontsize=7.4, color=GREY)
    save(figure, out, "latency")


ROWS = (
    ("1 thread, idle GUI", "idle", 1, ("idle", 1)),
    ("4 threads, idle GUI", "idle", 4, ("idle", 4)),
    ("16 threads, idle GUI", "idle", 16, ("idle", 16)),
    ("1 thread that sleeps 1 ms", "sleepers", 1, ("sleepers", 1)),
    ("8 threads that sleep 1 ms", "sleepers", 8, ("sleepers", 8)),
    ("hashlib thread, 60 Hz animation", "hashing", "animation", ("hashing", "idle")),
    ("1 thread, events every 7–16 ms", "events", 1, None),
    ("8 threads, events every 7–16 ms", "events", 8, None),
    ("8 threads, 60 Hz animation", "animation", 8, None),
    ("1 thread, 6 ms slot every 35 ms", "slot", 1, None),
    ("1 thread, GUI never idle: 20 % meant", "saturated", 1, None),
)


def throughput(data, figures, out):
    sides = (
        ("none", "nothing", GREY, "s", 34),
        ("simplefilters", "SimpleFilters technique", VERMILLION, "^", 40),
        ("timer", "QTimer tick, 10 ms", ORANGE, "D", 32),
        ("auto", "gilyield", BLUE, "o", 70),
    )
    figure, axes = pyplot.subplots(figsize=(WIDTH_INCHES, 5.2))
    figure.subplots_adjust(left=0.275, right=0.955, top=0.86, bottom=0.155)
    for row, (_, load, phase, reference) in enumerate(ROWS):
        axes.axhline(row, color=FAINT, linewidth=0.8, zorder=0)
        for side, _, colour, mark, size in sides:
            share = figures.share_of_idle(load, side, phase, reference)
            if not share:
                continue
            axes.plot((100 * share.low, 100 * share.high), (row, row), color=colour, linewidth=2.5, alpha=0.35, zorder=2)
            axes.scatter(min(100 * share.value, 112), row, color=colour, marker=mark, s=size, zorder=3, clip_on=False)
            if side == "auto":
                axes.annotate(
                    f"{100 * share.value:.0f} %",
                    (min(100 * share.value, 112), row),
                    xytext=(0, 7),
                    textcoords="offset points",
                    ha="center",
                    fontsize=8.4,
                    fontweight="bold",
                    color=BLUE,
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
                )
    axes.axvline(100, color=INK, linewidth=1)
    axes.set_ylim(len(ROWS) - 0.4, -0.75)
    axes.set_xlim(-1.5, 112)
    axes.set_yticks(range(len(ROWS)), [row[0] for row in ROWS])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_locator(FixedLocator(range(0, 101, 20)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda percent, _: f"{percent:.0f} %"))
    axes.set_xlabel("100 %: what the same threads do where the application releases the GIL for good and its GUI is idle", fontsize=8.8)
    figure.text(0.012, 0.952, "How much of their speed Python threads get in an application that holds the GIL", fontsize=13, fontweight="bold")
    x = 0.012
    for _, text, colour, mark, size in sides:
        figure.text(x + 0.022, 0.905, text, color=colour, fontsize=9.4, va="center", fontweight="bold" if text == "gilyield" else "normal")
        legend = figure.add_axes((x, 0.88, 0.02, 0.05))
        legend.scatter(0, 0, color=colour, marker=mark, s=size)
        legend.axis("off")
        x += 0.05 + 0.0082 * len(text)
    figure.text(0.012, 0.018, origin(data) + ". Marks: median; thin lines: from the lowest to the highest repetition.", fontsize=7.4, color=GREY)
    save(figure, out, "throughput")


def make(data, out):
    figures = Figures(data)
    latency(data, figures, out)
    throughput(data, figures, out)

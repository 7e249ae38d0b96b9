# SPDX-License-Identifier: MIT
"""What threads that need little get beside threads that compute: a table, little.md, and a picture, little.svg and .png."""

from matplotlib import pyplot
from matplotlib.ticker import FixedLocator, FuncFormatter

from figures import Figures
from little_figures import KINDS, SLOTS, kept, kept_of_left, line, share, where
from matrix import SIDES
from pictures import BLUE, GREY, INK, THREADS, VERMILLION, WIDTH_INCHES, duration, lateness_axes, origin, save

BUSY = 4
HOST, STOCK, OURS = "auto", "pyqt", "pyqt+gilyield"
TEXTS = {HOST: "test host, holds the GIL, with gilyield", STOCK: "PyQt5, without", OURS: "PyQt5, with gilyield"}
TRACK = "#f1f1f1"
WIDEST = 118  # per cent: a bar that goes beyond ends there, its label says how long it is


def percent(value):
    digits = 0 if value >= 0.095 else 1 if value >= 0.00095 else 2
    return f"{100 * value:.{digits}f} %"


def _row(figures, kind, side, phase):
    cell = where(kind, side, phase)
    rate, part = figures.median(*cell, "little_per_s"), share(figures, kind, side, phase)
    late = [figures.percentile(*cell, "late_ms", p) for p in (50, 99)]
    rest, of_left = (None, None) if phase in (0, *SLOTS) else (of(figures, kind, side, phase) for of in (kept, kept_of_left))
    evenly = figures.spread(*cell)
    return [
        line(kind),
        TEXTS[side],
        {0: "alone", **SLOTS}.get(phase, f"{phase} thread" + "s" * (phase != 1)),
        f"{rate.value:,.0f}",
        percent(part.value) if part else "",
        " / ".join(f"{figure.value:.2f}" for figure in late) if all(late) else "",
        percent(rest.value) if rest else "",
        percent(of_left.value) if of_left else "",
        f"±{100 * evenly.value:.0f} %" if evenly else "",
    ]


def table(data):
    figures = Figures(data)
    lines = [
        "# Threads that need little, beside threads that compute",
        "",
        f"{data['date']}, commit {data['commit'][:12]}. {origin(data)}. `{data['command']}`, sides alternating.",
        "An idle GUI but for the slots. Late: from when a thread's 1 ms sleep is over, or an http request is sent. Kept: the speed of the "
        "computing threads together, of that without the small one; of what is left: of one processor less what the small one uses, system "
        "calls included. Evenly: how far one of the computing threads lies from their mean.",
        "",
        "| thread | application | beside | turns/s | of alone | late p50 / p99, ms | kept | kept of what is left | evenly |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for kind in KINDS:
        for phase in (0, *THREADS, *SLOTS):
            for side in TEXTS:
                if figures.cell(*where(kind, side, phase)):
                    lines.append("| " + " | ".join(_row(figures, kind, side, phase)) + " |")
    slots = []
    for kind in KINDS:
        for side in TEXTS:
            for slot, text in SLOTS.items():
                took = [figures.percentile(*where(kind, side, slot), "slot_ms", p) for p in (50, 99)]
                if all(took):
                    slots.append(f"| {line(kind)} | {text} | {TEXTS[side]} | {took[0].value:.2f} / {took[1].value:.2f} |")
    if slots:
        lines += ["", "| thread | beside | application | the slot takes, p50 / p99, ms |", "|---|---|---|---|", *slots]
    return "\n".join(lines) + "\n"


def _bars(axes, figures):
    """Left: what each kind of thread gets, of its speed alone."""
    kinds = [kind for kind in KINDS if share(figures, kind, OURS, BUSY) and share(figures, kind, STOCK, BUSY)]
    for row, kind in enumerate(kinds):
        axes.barh(row, 100, height=0.72, color=TRACK, zorder=0)
        for offset, side, colour in ((-0.18, OURS, BLUE), (0.18, STOCK, VERMILLION)):
            value = share(figures, kind, side, BUSY).value
            end = min(100 * value, WIDEST)
            axes.barh(row + offset, end, height=0.32, color=colour, zorder=2)
            text = percent(value)
            if side == OURS:
                text += f"  {figures.median(*where(kind, side, BUSY), 'little_per_s').value:,.0f}/s"
            inside = end > 70
            axes.text(
                end - 2 if inside else end + 1.5, row + offset + 0.01, text, va="center", ha="right" if inside else "left", fontsize=8.4, zorder=3,
                color="white" if inside else colour, fontweight="bold" if side == OURS else "normal",
                bbox=None if inside else {"facecolor": TRACK, "edgecolor": "none", "pad": 0.8},
            )
    axes.set_yticks(range(len(kinds)), [KINDS[kind] for kind in kinds], fontsize=8.8)
    axes.set_ylim(len(kinds) - 0.45, -0.55)
    axes.set_xlim(0, WIDEST)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_bounds(0, 100)
    axes.axvline(100, color=INK, linewidth=1, zorder=1)
    axes.axvline(100 / (BUSY + 1), color=INK, linewidth=0.8, linestyle=":", zorder=2.5)
    axes.xaxis.set_major_locator(FixedLocator((0, 20, 50, 100)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: {20: "20 %\na fifth: its equal part", 100: "100 %\nas alone"}.get(round(x), f"{x:.0f} %")))
    axes.set_title(f"Its speed beside {BUSY} threads that compute", loc="left", fontsize=10.5, fontweight="bold", pad=10)


def _lateness(axes, figures):
    """Right: how late a thread wakes up, against the number of computing threads."""
    for side, colour, mark, text in ((STOCK, VERMILLION, "s", "without"), (OURS, BLUE, "o", "with gilyield")):
        points = []
        for n in THREADS:
            late = [figures.percentile(*where("sleeper", side, n), "late_ms", p) for p in (50, 99)]
            if all(late):
                points.append((n, *(max(figure.value, 0.005) for figure in late)))
        if not points:
            continue
        x, p50, p99 = zip(*points)
        axes.fill_between(x, p50, p99, color=colour, alpha=0.12, linewidth=0)
        axes.plot(x, p99, color=colour, linewidth=1, linestyle=(0, (1, 1.5)))
        axes.plot(x, p50, color=colour, linewidth=2.4, marker=mark, markersize=6, zorder=3)
        low = side == OURS
        at = {"textcoords": "offset points", "color": colour, "ha": "right", "va": "top" if low else "bottom"}
        axes.annotate(text, (17.3, p50[-1] if low else p99[-1]), xytext=(0, -9 if low else 16), fontsize=9, fontweight="bold" if low else "normal", **at)
        note = f"{duration(p50[-1])}, p99 {duration(p99[-1])}"
        axes.annotate(note, (17.3, p50[-1] if low else p99[-1]), xytext=(0, -21 if low else 5), fontsize=8, **at)
    lateness_axes(axes, 0.01, 4000)
    axes.set_xlabel("threads that compute")
    axes.set_title("How late it wakes up from a sleep", loc="left", fontsize=10.5, fontweight="bold", pad=10)


def picture(data, out):
    figures = Figures(data)
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(WIDTH_INCHES, 5.1), gridspec_kw={"width_ratios": (1.45, 1)})
    figure.subplots_adjust(left=0.205, right=0.985, top=0.77, bottom=0.15, wspace=0.16)
    _bars(left, figures)
    _lateness(right, figures)
    figure.text(0.012, 0.945, "What your reader thread gets beside threads that compute", fontsize=13, fontweight="bold")
    note = f"A {SIDES[STOCK].text}; in Python each of these threads wants the GIL for a moment, again and again, and the others want it all the time."
    figure.text(0.012, 0.9, note, fontsize=8.8, color=GREY)
    figure.text(0.012, 0.848, "■", fontsize=11, color=BLUE)
    figure.text(0.032, 0.85, "with gilyield", fontsize=9.4, color=BLUE, fontweight="bold")
    figure.text(0.16, 0.848, "■", fontsize=11, color=VERMILLION)
    figure.text(0.18, 0.85, "without: CPython's own order", fontsize=9.4, color=VERMILLION)
    figure.text(0.012, 0.018, origin(data) + ". Medians; dotted: 99th percentile.", fontsize=7.4, color=GREY)
    save(figure, out, "little")


def make(data, out):
    if any(record["load"] == "little" for record in data["records"]):
        (out / "little.md").write_text(table(data))
        picture(data, out)

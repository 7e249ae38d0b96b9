# SPDX-License-Identifier: MIT
"""What threads that need little get beside threads that compute: a table, little.md, and a picture, little.svg and .png."""

from matplotlib import pyplot

from figures import Figures
from pictures import BLUE, GREY, VERMILLION, WIDTH_INCHES, origin, save

KINDS = {
    "sleeper": "sleeps 1 ms, works 50 µs",
    "queue": "two threads hand an object\nto each other (queue.Queue)",
    "socketpair": "two threads hand a byte\nto each other (socketpair)",
    "births": "starts a thread, joins it",
    "http": "http.server answers\nanother process",
    "greedy": "reads and writes a byte\nwithout end",
}
SIDES = {"R": "CPython's own order", "R+gilyield": "with gilyield"}
BUSY = 4


def _rate(figures, kind, side, number):
    return figures.median(f"little {kind}", side, f"{kind} {number}", "little_per_s")


def _share(figures, kind, side, number):
    alone, beside = (_rate(figures, kind, side, n) for n in (0, number))
    return beside.value / alone.value if alone and beside and alone.value else None


def _kept(figures, kind, side, number):
    """How much of their speed without it the computing threads keep."""
    return figures.combined(
        lambda record: record["work_per_s"] / record["without_per_s"], (f"little {kind}", side, f"{kind} {number}")
    )


def table(data):
    figures = Figures(data)
    lines = [
        "# Threads that need little, beside threads that compute",
        "",
        f"{data['date']}, commit {data['commit'][:12]}. {origin(data)}. `{data['command']} --only little`, sides alternating.",
        "An idle GUI in a host that has released the GIL. Turns per second, of those alone; late: from when a thread's 1 ms sleep is over, "
        "or an http request is sent, p50 / p99; kept: the speed of the computing threads, of that without it.",
        "",
        "| thread | side | alone, /s | beside 1 | late, ms | kept | beside 4 | late, ms | kept |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for kind, text in KINDS.items():
        for side, name in SIDES.items():
            alone = _rate(figures, kind, side, 0)
            if not alone:
                continue
            row = [text.replace("\n", " "), name, f"{alone.value:,.0f}"]
            for number in (1, BUSY):
                rate, kept = _rate(figures, kind, side, number), _kept(figures, kind, side, number)
                late = [figures.percentile(f"little {kind}", side, f"{kind} {number}", "late_ms", p) for p in (50, 99)]
                row.append(f"{rate.value:,.0f} ({100 * rate.value / max(1, alone.value):.0f} %)" if rate else "")
                row.append(" / ".join(f"{figure.value:.2f}" for figure in late) if all(late) else "")
                row.append(f"{100 * kept.value:.0f} %" if kept else "")
            lines.append("| " + " | ".join(row) + " |")
    return "\n".join(lines) + "\n"


def picture(data, out):
    figures = Figures(data)
    kinds = [kind for kind in KINDS if _share(figures, kind, "R", BUSY) is not None]
    figure, axes = pyplot.subplots(figsize=(WIDTH_INCHES, 0.62 * len(kinds) + 1.5))
    for row, kind in enumerate(reversed(kinds)):
        for offset, side, colour in ((0.19, "R+gilyield", BLUE), (-0.19, "R", VERMILLION)):
            share = _share(figures, kind, side, BUSY)
            if share is None:
                continue
            axes.barh(row + offset, 100 * share, height=0.34, color=colour)
            shown = f"{100 * share:.0f} %" if share >= 0.095 else f"{100 * share:.1f} %"
            axes.text(100 * share + 1, row + offset, shown, va="center", color=colour)
    axes.set_yticks(range(len(kinds)), [KINDS[kind] for kind in reversed(kinds)])
    axes.set_xlim(0, max(115, 112 * max(_share(figures, kind, "R+gilyield", BUSY) or 0 for kind in kinds)))
    axes.set_xlabel(f"of its speed alone, beside {BUSY} threads that compute; an equal part is {100 // (BUSY + 1)} %")
    axes.axvline(100 / (BUSY + 1), color=GREY, linewidth=0.8, linestyle=":")
    axes.set_title("What your reader thread gets beside threads that compute", loc="left")
    for side, colour, y in (("R+gilyield", BLUE, 0.12), ("R", VERMILLION, 0.04)):
        axes.text(0.99, y, SIDES[side], color=colour, transform=axes.transAxes, ha="right")
    figure.text(0.01, 0.01, origin(data), color=GREY, fontsize=7.5)
    figure.tight_layout(rect=(0, 0.03, 1, 1))
    save(figure, out, "little")


def make(data, out):
    if any(record["load"].startswith("little") for record in data["records"]):
        (out / "little.md").write_text(table(data))
        picture(data, out)

# SPDX-License-Identifier: MIT
"""Threads that need little, from the records of bench.json: what they got, how late they were, and what the computing threads kept."""

KINDS = {
    "sleeper": "sleeps 1 ms,\nworks for 50 µs",
    "queue": "two threads hand an object\nto each other (queue.Queue)",
    "socketpair": "two threads hand a byte\nto each other (socketpair)",
    "births": "starts a thread\nand joins it",
    "http": "http.server\nanswers another process",
    "vtk": "updates a VTK filter\nthat releases the GIL",
    "greedy": "reads and writes a byte\nwithout end",
}
SLOTS = {"slot": "a slot of 15 ms every 20 ms", "short slot": "a slot of 6 ms every 20 ms"}
LEAST_LEFT = 0.05


def line(kind):
    return KINDS[kind].replace("\n", " ")


def where(kind, side, phase):
    """Load, side and phase, as Figures has them. `phase`: how many threads compute, or one of SLOTS."""
    return "little vtk" if kind == "vtk" else "little", side, f"{kind} {phase}"


def share(figures, kind, side, phase):
    """Of what it does alone."""
    if phase == 0:
        return None
    return figures.combined(lambda a, b: a["little_per_s"] / b["little_per_s"], where(kind, side, phase), where(kind, side, 0))


def left(record):
    """What the small threads leave of one processor, which is what the GIL stands for. System calls count as theirs, with the GIL or without."""
    return max(LEAST_LEFT, 1 - record["little_cpu"])


def kept(figures, kind, side, number):
    """Speed of the computing threads, of that without the small ones."""
    return figures.combined(_kept, where(kind, side, number))


def kept_of_left(figures, kind, side, number):
    """The same, of what the small threads leave."""
    return figures.combined(lambda record: _kept(record) / left(record), where(kind, side, number))


def _kept(record):
    return record["work_per_s"] / max(1, record["without_per_s"])

# SPDX-License-Identifier: MIT
"""The table: every target beside what was measured, pass or FAIL, then all sides and loads."""

import little_figures as little
from figures import Figure, Figures
from matrix import RUNS, SIDES

HOLDING = "host that holds the GIL"
RELEASING = "host that releases it"
GUI_FIRST = (("auto", HOLDING, 0.1), ("R+gilyield", RELEASING, 0.2), ("pyqt+gilyield", "PyQt5 application", 0.2))


def number(value, unit=""):
    if unit == "%":
        return f"{100 * value:.1f} %"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 0.1 else 3
    return f"{value:.{digits}f}" + (f" {unit}" if unit else "")


class Targets:
    """Rows of the first table."""

    def __init__(self, quick):
        self.quick = quick
        self.rows = []
        self.missed = 0

    def add(self, what, figure, unit, at_least=None, at_most=None):
        """One of the limits, or both."""
        limits = [("≥", at_least, lambda value: value >= at_least), ("≤", at_most, lambda value: value <= at_most)]
        limits = [limit for limit in limits if limit[1] is not None]
        target = ", ".join(f"{sign} {number(value, unit)}" for sign, value, _ in limits)
        if figure is None:
            if not self.quick:
                self.rows.append((what, target, "not measured", "", "**FAIL**"))
                self.missed += 1
            return
        met = all(holds(figure.value) for _, _, holds in limits)
        self.missed += not met
        spread = f"{number(figure.low, unit)} .. {number(figure.high, unit)}"
        self.rows.append((what, target, number(figure.value, unit), spread, "pass" if met else "**FAIL**"))


def difference(a: str, b: str):
    return lambda figures, load, phase, name: figures.combined(lambda x, y: x[name] - y[name], (load, a, phase), (load, b, phase))


def numbers(figures, load, side):
    return sorted(int(phase) for phase in figures.phases(load, side))


def threads(n):
    return f"{n} thread" if n == 1 else f"{n} threads"


def idle_time_targets(figures, quick):
    rows = Targets(quick)
    for side in ("auto", "wait"):
        for n in numbers(figures, "idle", side):
            share = figures.percentile("idle", side, n, "shares_of_released", 50)
            rows.add(f"idle GUI, {threads(n)}, {side}: throughput against the GIL released for good", share, "%", at_least=0.97)
    for n in numbers(figures, "sleepers", "auto"):
        what = f"idle GUI, {threads(n)} sleeping 1 ms: loops against R"
        rows.add(what, figures.share_of_r("sleepers", "auto", n), "%", at_least=0.95)
    alone = figures.share_of_idle("hashing", "auto", "animation", ("hashing", "idle"))
    rows.add("hashlib thread beside a 60 Hz animation: speed against alone", alone, "%", at_least=0.95)
    events = figures.combined(
        lambda a, b: a["events_per_s"] / b["events_per_s"], ("saturated", "auto", "1"), ("saturated", "none", "0")
    )
    rows.add("saturated loop, 1 thread: GUI events against no thread", events, "%", at_least=0.70)
    share = figures.share_of_idle("saturated", "auto", 1)
    rows.add("saturated loop, 1 thread: throughput against that beside an idle GUI", share, "%", at_least=0.18)
    wakeups = difference("auto", "none")(figures, "wakeups", "asleep", "wakeups_per_s")
    # One wake-up in a window of 1.5 s, more or less, is the window's edge.
    rows.add("extra wake-ups per second, idle GUI, 8 threads asleep", wakeups, "/s", at_most=0.7)
    for phase, what in (("alone", "no other thread"), ("parked", "another thread, asleep")):
        extra = figures.percentile("turns", "auto", phase, "extra_turn_ns", 50)
        rows.add(f"extra cost of a turn of the loop that does not block, {what}", extra, "ns", at_most=500)
    extra = figures.percentile("turns", "auto", "parked", "extra_blocking_turn_ns", 50)
    rows.add("extra cost of a turn that blocks, another thread, asleep", extra, "ns", at_most=500)
    return rows


def gui_first_targets(figures, quick):
    rows = Targets(quick)
    for side, host, p50 in GUI_FIRST:
        for n in (1, 4, 8, 16):
            for percent, limit in ((50, p50), (99, 4)):
                figure = figures.percentile("events", side, n, "latency_ms", percent)
                rows.add(f"GUI event latency p{percent}, {threads(n)}, {host}", figure, "ms", at_most=limit)
    for side, host, _ in GUI_FIRST:
        for n in (1, 4, 16):
            for percent, limit in ((50, 7), (99, 12)):
                figure = figures.percentile("slot", side, n, "slot_ms", percent)
                rows.add(f"6 ms Python slot p{percent}, {threads(n)}, {host}", figure, "ms", at_most=limit)
            late = figures.percentile("slot", side, n, "late_ms", 99)
            rows.add(f"lateness of that slot p99 (no backlog), {threads(n)}, {host}", late, "ms", at_most=12)
    for load in ("events", "slot"):
        for side, host, _ in GUI_FIRST[:2]:
            for n in numbers(figures, load, side):
                if n > 0:
                    what = f"throughput against what the GUI leaves over, {load}, {threads(n)}, {host}"
                    rows.add(what, figures.share_of_idle(load, side, n, rest=True), "%", at_least=0.97)
    for a, b, host in (("auto", "none", HOLDING), ("R+gilyield", "R", RELEASING)):
        extra = figures.combined(
            lambda x, y: sorted(x["latency_ms"])[len(x["latency_ms"]) // 2] - sorted(y["latency_ms"])[len(y["latency_ms"]) // 2],
            ("events", a, 0),
            ("events", b, 0),
        )
        rows.add(f"extra event latency p50 with no thread, {host}", extra, "ms", at_most=0.02)
    for side, host in (("auto", HOLDING), ("R+gilyield", RELEASING)):
        for phase in figures.phases("roundtrips", side):
            extra = figures.percentile("roundtrips", side, phase, "extra_trip_us", 50)
            base = figures.median("roundtrips", side, phase, "plain_trip_us")
            what = f"extra cost of a round trip of two threads, {phase}, {host} (of {number(base.value)} µs)"
            rows.add(what, extra, "µs", at_most=max(0.5, 0.03 * base.value))
    return rows


def letting_go_targets(figures, quick):
    """Handlers that let go of the GIL, and a loop that is turned until a thread is done."""
    rows = Targets(quick)
    for side, host, _ in GUI_FIRST:
        for n in (4, 16):
            alone = figures.percentile("letting go", side, 0, "read_ms", 50)
            read = figures.percentile("letting go", side, n, "read_ms", 50)
            of_alone = Figure(*(value / alone.value for value in (read.value, read.low, read.high))) if alone and read else None
            rows.add(f"slot that reads 300 times one byte, {threads(n)}, {host}: p50, times what it takes alone", of_alone, "", at_most=2)
            births = figures.percentile("letting go", side, n, "birth_ms", 50)
            rows.add(f"slot that starts 16 threads p50, {threads(n)}, {host}", births, "ms", at_most=10)
            for percent, limit in ((90, 0.5), (99, 3)):
                lock = figures.percentile("letting go", side, n, "lock_ms", percent)
                rows.add(f"slot that takes a lock shared with {threads(n)} p{percent}, {host}", lock, "ms", at_most=limit)
    for side, without, host in (("auto", "none", HOLDING), ("R+gilyield", "R", RELEASING), ("pyqt+gilyield", "pyqt", "PyQt5 application")):
        ours, theirs = (figures.percentile("pump", name, "pump", "pump_ms", 50) for name in (side, without))
        times = Figure(*(value / theirs.value for value in (ours.value, ours.low, ours.high))) if ours and theirs else None
        what = f"`while thread.is_alive(): processEvents()`, {host}: times what it takes without gilyield"
        rows.add(what, times, "", at_most=1.05)
    return rows


def little_targets(figures, quick):
    """Threads that need little, and one that wants everything, beside threads that compute."""
    rows = Targets(quick)
    for side, host, _ in (GUI_FIRST[0], GUI_FIRST[2]):
        for n in (1, 4, 8, 16):
            beside = f"beside {threads(n)}, {host}"
            rows.add(f"sleeps 1 ms, {beside}: turns, of those alone", little.share(figures, "sleeper", side, n), "%", at_least=0.95)
            for percent, limit in ((50, 0.15), (99, 1)):
                late = figures.percentile(*little.where("sleeper", side, n), "late_ms", percent)
                rows.add(f"sleeps 1 ms, {beside}: late p{percent}", late, "ms", at_most=limit)
        for kind, per_s in (("queue", (10000, 10000)), ("socketpair", (20000, 20000)), ("births", (2500, 2500)), ("vtk", (40000, 15000))):
            for n, limit in zip((1, 4), per_s):
                if kind != "vtk" or figures.cell(*little.where(kind, side, n)):
                    rate = figures.median(*little.where(kind, side, n), "little_per_s")
                    rows.add(f"{little.line(kind)}, beside {threads(n)}, {host}", rate, "/s", at_least=limit)
        for n in (1, 4):
            part = 1 / (n + 1)
            share = little.share(figures, "greedy", side, n)
            what = f"{little.line('greedy')}, beside {threads(n)}, {host}: of its speed alone"
            rows.add(what, share, "%", at_least=0.75 * part, at_most=1.25 * part)
        rows.add(f"http.server beside 4 threads, {host}: answers, of those alone", little.share(figures, "http", side, 4), "%", at_least=0.15)
        late = figures.percentile(*little.where("http", side, 4), "late_ms", 99)
        rows.add(f"http.server beside 4 threads, {host}: an answer p99", late, "ms", at_most=5)
        # A twentieth of a handler's time may be theirs.
        for kind, slot, limit in (("http", "slot", 15.8), ("sleeper", "slot", 15.8), ("sleeper", "short slot", 6.5)):
            beside = f"{little.line(kind)}, beside {little.SLOTS[slot]}, {host}"
            if kind == "http":
                rows.add(f"{beside}: of its speed alone", little.share(figures, kind, side, slot), "%", at_least=0.25)
            took = figures.percentile(*little.where(kind, side, slot), "slot_ms", 50)
            rows.add(f"{beside}: that slot p50", took, "ms", at_most=limit)
        for kind in little.KINDS:
            for n in (1, 4):
                if kind != "vtk" or figures.cell(*little.where(kind, side, n)):
                    kept = little.kept_of_left(figures, kind, side, n)
                    rows.add(f"{threads(n)} beside it ({little.line(kind)}), {host}: speed, of what is left", kept, "%", at_least=0.95)
                    if n > 1:
                        evenly = figures.spread(*little.where(kind, side, n))
                        rows.add(f"{threads(n)} beside it ({little.line(kind)}), {host}: farthest from the mean", evenly, "%", at_most=0.1)
    return rows


#: Loads beside other programs that compute, and where those are.
BUSY = {"busy": "of another session", "busy session": "of the same session"}


def busy_targets(figures, quick):
    """On a machine on which others compute, too."""
    rows = Targets(quick)
    others = [("R", "a host that releases it", 1)]
    if figures.cell("busy", "auto-old", "8"):
        others.insert(0, ("auto-old", "the older gilyield", 0.5))
    for load, where in BUSY.items():
        for other, words, half in others:
            for n in (8, 16):
                beside = f"four foreign processes {where}, {threads(n)}"
                for percent, limit in ((50, half), (99, 1)):
                    ours, theirs = (figures.percentile(load, side, n, "latency_ms", percent) for side in ("auto", other))
                    times = Figure(*(value / theirs.value for value in (ours.value, ours.low, ours.high))) if ours and theirs else None
                    rows.add(f"{beside}: event latency p{percent}, of that with {words}", times, "%", at_most=limit)
                work = figures.combined(lambda a, b: a["work_per_s"] / b["work_per_s"], (load, "auto", n), (load, other, n))
                rows.add(f"{beside}: throughput, of that with {words}", work, "%", at_least=1)
    return rows


def markdown(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def target_table(title, targets):
    head = ("what", "target", "median", "repetitions", "")
    return f"## {title}\n\n{markdown(head, targets.rows)}\n"


def by_threads(figures, title, load, text):
    """One row per side, one column per number of threads; text(load, side, phase) fills a field."""
    sides = next(run.sides for run in RUNS if run.name == load)
    columns = sorted({int(phase) for side in sides for phase in figures.phases(load, side)})
    rows = [(SIDES[side].text, *(text(load, side, str(n)) for n in columns)) for side in sides]
    return f"### {title}\n\n" + markdown(("", *(threads(n) for n in columns)), rows) + "\n"


def by_phase(figures, title, load, name, unit):
    sides = next(run.sides for run in RUNS if run.name == load)
    columns = []
    for side in sides:
        columns += [phase for phase in figures.phases(load, side) if phase not in columns]

    def text(side, phase):
        cell = figures.cell(load, side, phase)
        if not cell or name not in cell[0]:
            return ""
        listed = isinstance(cell[0][name], list)
        return number((figures.percentile(load, side, phase, name, 50) if listed else figures.median(load, side, phase, name)).value, unit)

    rows = [(SIDES[side].text, *(text(side, phase) for phase in columns)) for side in sides]
    return f"### {title}\n\n" + markdown(("", *columns), rows) + "\n"


def everything(figures):
    def share(load, side, phase):
        figure: Figure = figures.share_of_idle(load, side, phase)
        return number(figure.value, "%") if figure else ""

    def released(load, side, phase):
        paired = SIDES[side].paired
        figure = figures.percentile(load, side, phase, "shares_of_released", 50) if paired else figures.share_of_r(load, side, phase)
        return number(figure.value, "%") if figure else ""

    def pair(name, lower=50):
        def text(load, side, phase):
            low, high = (figures.percentile(load, side, phase, name, percent) for percent in (lower, 99))
            return f"{number(low.value)} / {number(high.value)}" if low else ""

        return text

    def median(name):
        def text(load, side, phase):
            figure = figures.median(load, side, phase, name)
            return number(figure.value) if figure else ""

        return text

    def thousands(name):
        def text(load, side, phase):
            figure = figures.median(load, side, phase, name)
            return number(figure.value / 1000) if figure else ""

        return text

    def spread(load, side, phase):
        figure = figures.spread(load, side, phase)
        return f"±{100 * figure.value:.0f} %" if figure else ""

    return "".join(
        (
            by_threads(figures, "GUI event latency, p50 / p99 ms (an event every 7 to 16 ms)", "events", pair("latency_ms")),
            by_threads(figures, "Throughput meanwhile, of that beside an idle GUI", "events", share),
            by_threads(figures, "Throughput beside an idle GUI, of the same with the GIL released for good", "idle", released),
            by_threads(figures, "How evenly it is shared: farthest thread from the mean, in one window", "idle", spread),
            by_threads(figures, "6 ms Python slot every 35 ms: its duration, p50 / p99 ms", "slot", pair("slot_ms")),
            by_threads(figures, "How late that slot starts, p50 / p99 ms", "slot", pair("late_ms")),
            by_threads(figures, "Throughput meanwhile, of that beside an idle GUI", "slot", share),
            by_threads(figures, "Saturated loop (1 ms handlers): GUI events per second", "saturated", median("events_per_s")),
            by_threads(figures, "Event latency meanwhile, p50 / p99 ms", "saturated", pair("latency_ms")),
            by_threads(figures, "Throughput meanwhile, of that beside an idle GUI", "saturated", share),
            by_threads(figures, "60 Hz animation: frames per second", "animation", median("frames_per_s")),
            by_threads(figures, "Time between frames, p50 / p99 ms", "animation", pair("frame_ms")),
            by_threads(figures, "Throughput meanwhile, of that beside an idle GUI", "animation", share),
            by_threads(figures, "Threads that sleep 1 ms: loops per second", "sleepers", median("work_per_s")),
            by_phase(figures, "One hashlib thread: blocks of 16 MiB per second, beside an idle GUI and a 60 Hz animation", "hashing", "work_per_s", ""),
            by_phase(figures, "Wake-ups of the GUI thread per second, 8 threads asleep", "wakeups", "wakeups_per_s", ""),
            by_phase(figures, "A turn of the loop that does not block, nobody wants the GIL", "turns", "turn_ns", "ns"),
            by_phase(figures, "A turn that blocks: processor time of the GUI thread", "turns", "blocking_turn_ns", "ns"),
            by_phase(figures, "Round trips between two Python threads", "roundtrips", "trip_us", "µs"),
            by_phase(figures, "The same over CPython's own queue", "roundtrips", "plain_trip_us", "µs"),
            by_threads(figures, "A slot that reads 300 times one byte: its duration, p50 / p99 ms", "letting go", pair("read_ms")),
            by_threads(figures, "A slot that starts 16 threads: its duration, p50 / p99 ms", "letting go", pair("birth_ms")),
            by_phase(figures, "`while thread.is_alive(): processEvents()` until a thread has computed for 500 ms", "pump", "pump_ms", "ms"),
            by_threads(figures, "A slot that takes a lock shared with the threads: its duration, p90 / p99 ms", "letting go", pair("lock_ms", 90)),
            *(
                by_threads(figures, f"Four foreign processes {where} compute: {what}", load, text)
                for load, where in BUSY.items()
                for what, text in (
                    ("GUI event latency, p50 / p99 ms", pair("latency_ms")),
                    ("work of the threads, thousands of loops per second", thousands("work_per_s")),
                )
            ),
            by_threads(figures, "`gui.call()` from one more thread, p50 / p99 µs", "gui calls", pair("call_us")),
            by_threads(figures, "`gui.post()` from that thread, queued and run per second", "gui calls", median("posts_per_s")),
        )
    )


def quiet(data):
    """How far the machine was ours: without that no figure here means anything."""
    foreign = [record["foreign_cpu"] for record in data["records"]]
    if not foreign:
        return "Nothing was measured."
    mean, worst = sum(foreign) / len(foreign), max(foreign)
    again = f" {data['again']} runs that other programs had disturbed were measured again." if data.get("again") else ""
    # In results of an older benchmark it was not looked at. A hundredth is what a 99th percentile is made of.
    stolen = [record["stolen_cpu"] for record in data["records"] if "stolen_cpu" in record]
    kept = sum(stolen) / len(stolen) if stolen else 0
    hypervisor = f" the hypervisor had {kept:.3f} on average, {max(stolen):.3f} at worst;" if stolen else ""
    verdict = "A quiet machine." if mean < 0.05 and kept < 0.01 else "**Not a quiet machine: do not quote these figures.**"
    return (
        f"{verdict} Other programs kept {mean:.2f} processors busy on average, {worst:.2f} at worst;{hypervisor} "
        f"load average before it {data['load_before']:.2f}.{again}"
    )


TARGETS = {
    "All idle time to Python": idle_time_targets,
    "GUI first": gui_first_targets,
    "Handlers that let go of the GIL": letting_go_targets,
    "Threads that need little": little_targets,
    "A busy machine": busy_targets,
}


def make(data):
    figures = Figures(data)
    machine = data["machine"]
    targets = {title: rows_of(figures, data["quick"]) for title, rows_of in TARGETS.items()}
    missed = sum(rows.missed for rows in targets.values())
    changed = f", {len(data['changed_files'])} files changed since" if data["changed_files"] else ""
    text = (
        "# Benchmark\n\n"
        f"{data['date']}, commit {data['commit'][:12]}{changed}. {machine['processor']}, {machine['cpus']} processors, "
        f"Linux {machine['kernel']}, {machine['system']}, Qt {machine['qt']}, Python {machine['python']}. "
        f"`{data['command']}`, {data['seconds']} s.\n\n"
        f"{quiet(data)}\n\n"
    )
    if data["quick"]:
        text += "A quick run: one repetition of short windows. It shows that all works; its figures are not to be quoted.\n\n"
    if data.get("left_out"):
        text += "Left out:\n\n" + "".join(f"- {what}\n" for what in data["left_out"]) + "\n"
    if data["failures"]:
        text += "Runs without figures:\n\n" + "".join(f"- {failure}\n" for failure in data["failures"]) + "\n"
    text += {0: "All targets are met.", 1: "1 target is missed."}.get(missed, f"{missed} targets are missed.") + "\n\n"
    text += "".join(target_table(title, rows) for title, rows in targets.items())
    if data.get("ccbench"):
        text += f"## CPython's own benchmark, ccbench\n\n```text\n{data['ccbench']}\n```\n\n"
    return text + "## Everything\n\n" + everything(figures)

# SPDX-License-Identifier: MIT
"""From the records of bench.json to figures: medians over repetitions with their spread, and percentiles of pooled samples."""

import dataclasses
import statistics
from typing import Optional


@dataclasses.dataclass(frozen=True)
class Figure:
    """A median and how far the repetitions lie apart."""

    value: float
    low: float
    high: float


def percentile(samples, percent):
    """The smallest sample that at least `percent` of all do not exceed."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, max(0, -(-len(ordered) * percent // 100) - 1))]


def _figure(values) -> Optional[Figure]:
    return Figure(statistics.median(values), min(values), max(values)) if values else None


class Figures:
    """What bench.json says, by load, side and phase."""

    def __init__(self, data):
        self._cells = {}
        for record in data["records"]:
            self._cells.setdefault((record["load"], record["side"], record["phase"]), []).append(record)

    def cell(self, load, side, phase):
        return self._cells.get((load, side, str(phase)), [])

    def phases(self, load, side):
        return [phase for (where, who, phase) in self._cells if (where, who) == (load, side)]

    def median(self, load, side, phase, name) -> Optional[Figure]:
        return _figure([record[name] for record in self.cell(load, side, phase)])

    def samples(self, load, side, phase, name):
        """Of all repetitions together."""
        return [value for record in self.cell(load, side, phase) for value in record[name]]

    def percentile(self, load, side, phase, name, percent) -> Optional[Figure]:
        """Pooled; the spread is that of the repetitions' own percentiles."""
        each = [record[name] for record in self.cell(load, side, phase) if record.get(name)]
        if not each:
            return None
        own = [percentile(samples, percent) for samples in each]
        return Figure(percentile([value for samples in each for value in samples], percent), min(own), max(own))

    def combined(self, function, *cells) -> Optional[Figure]:
        """Median of function(record, record, ...) over the repetitions in which all cells were measured.

        Records of one repetition lie seconds apart, so that a ratio of two of them is quieter than a ratio of medians.
        """
        by_repetition = [{record["repetition"]: record for record in self.cell(*cell)} for cell in cells]
        if not all(by_repetition):
            return None
        common = sorted(set.intersection(*(set(records) for records in by_repetition)))
        return _figure([function(*(records[repetition] for records in by_repetition)) for repetition in common])

    def spread(self, load, side, phase) -> Optional[Figure]:
        """How far the busiest and the laziest of equal threads lie from their mean, as a part of it."""
        work = [record["per_thread"] for record in self.cell(load, side, phase)]
        means = [sum(each) / len(each) for each in work if len(each) > 1 and sum(each)]
        if not means or len(means) < len(work):
            return None
        return _figure([max(max(each) / mean - 1, 1 - min(each) / mean) for each, mean in zip(work, means)])

    def share_of_r(self, load, side, phase):
        """Work of the threads as a share of the same work in R."""
        return self.combined(lambda a, b: a["work_per_s"] / b["work_per_s"], (load, side, phase), (load, "R", phase))

    def share_of_idle(self, load, side, phase, idle=None, rest=False):
        """Work of the threads as a share of what they do beside an idle GUI, or of what the GUI thread leaves them of that.

        Beside an idle GUI: in the same process right before and after, where they have all of their speed there; else in R, in
        whose load and phase `idle` (the load "idle", the same phase).
        """

        def left(record):
            return 1 - record["gui_cpu"] if rest else 1

        cell = self.cell(load, side, phase)
        if load == "idle" and any("shares_of_released" in record for record in cell):
            return self.percentile(load, side, phase, "shares_of_released", 50)
        if cell and all(record.get("idle_work_per_s") for record in cell):
            return _figure([record["work_per_s"] / (record["idle_work_per_s"] * left(record)) for record in cell])
        idle_load, idle_phase = idle or ("idle", phase)
        return self.combined(
            lambda a, b: a["work_per_s"] / (b["work_per_s"] * left(a)), (load, side, phase), (idle_load, "R", idle_phase)
        )

"""Ranks and how sure they are. A rank comes with the interval that the scores' 95 % intervals leave open.

A model is clearly behind another when the other's interval lies wholly above its own; the rank interval
counts just those. Equal scores share a rank. What has no score has no rank, and is listed below.

    >>> [(row.entry.model, row.text) for row in ranked(entries, "direct")]
    [('A', '1'), ('B', '2 (2-3)'), ('C', '3 (2-3)'), ('D', '')]
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dataset_builder.taxonomy import AXES
from evaluator.scoring.scores import Cell, Scores


@dataclass(frozen=True)
class Entry:
    """One scored submission of a season."""

    id: str
    model: str
    organisation: str
    received: str
    random_weights: bool
    scores: Scores

    def cell(self, protocol: str, what: str = "total") -> Cell | None:
        """The cell of `total`, an axis or a category; None when the protocol was not submitted."""
        table = self.scores.protocols.get(protocol)
        if table is None:
            return None
        if what == "total":
            return table.total
        return table.axes[what] if what in AXES and what in table.axes else table.categories.get(what)

    def score(self, protocol: str, what: str = "total") -> float | None:
        cell = self.cell(protocol, what)
        return None if cell is None else cell.score


@dataclass(frozen=True)
class Ranked:
    """An entry with its rank, and the best and worst rank that the intervals allow."""

    entry: Entry
    rank: int | None = None
    best: int | None = None
    worst: int | None = None

    @property
    def text(self) -> str:
        if self.rank is None:
            return ""
        return f"{self.rank}" if self.best == self.worst else f"{self.rank} ({self.best}\N{EN DASH}{self.worst})"


def ranked(entries: Iterable[Entry], protocol: str) -> list[Ranked]:
    """Entries by their Total under `protocol`, best first; then those without a Total, by their axes."""
    every = list(entries)
    intervals = {entry.id: interval for entry in every if (interval := _interval(entry, protocol))}
    scores = {entry.id: entry.score(protocol) or 0.0 for entry in every if entry.id in intervals}
    rows = []
    for entry in sorted(every, key=lambda e: _order(e, protocol)):
        if entry.id not in intervals:
            rows.append(Ranked(entry))
            continue
        low, high = intervals[entry.id]
        above = sum(other_low > high for other_low, _ in intervals.values())
        below = sum(other_high < low for _, other_high in intervals.values())
        rank = 1 + sum(score > scores[entry.id] for score in scores.values())
        rows.append(Ranked(entry, rank, 1 + above, len(intervals) - below))
    return rows


def _interval(entry: Entry, protocol: str) -> tuple[float, float] | None:
    cell = entry.cell(protocol)
    if cell is None or cell.score is None or cell.low is None or cell.high is None:
        return None
    return cell.low, cell.high


def _order(entry: Entry, protocol: str) -> tuple[bool, float, float, str]:
    total = entry.score(protocol)
    axes = max((entry.score(protocol, axis) or 0.0 for axis in AXES), default=0.0)
    return total is None, -(total or 0.0), -axes, entry.id

"""The chart of direct against stepwise: a row a model, drawn with HTML and CSS, so that it fits any width.

A disc is direct, a diamond stepwise, a ring oracle, so nothing hangs on colour alone; the pale bar is the
95 % interval of direct. Everything that a submitter wrote is escaped by the template.

    >>> chart(ranking_panels(rows))
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from dataset_builder.taxonomy import AXES
from evaluator.protocols import PROTOCOLS
from leaderboard_space.pages.looks import render
from leaderboard_space.ranking.ranks import Ranked
from leaderboard_space.ranking.reported import Reported

CHANCE = 25.0


@dataclass(frozen=True)
class Row:
    """One model in a panel; `scores` by protocol, `note` where one is missing for a reason."""

    label: str
    scores: dict[str, float]
    interval: tuple[float, float] | None = None
    note: str = ""
    href: str = ""

    @property
    def said(self) -> str:
        """The row in words, for who cannot see it."""
        values = ", ".join(f"{protocol} {value:.1f}" for protocol, value in self.scores.items())
        return f"{self.label}: {', '.join(filter(None, (values, self.note)))}"

    @property
    def bond(self) -> tuple[float, float] | None:
        """From direct to stepwise, the lower end first."""
        if "direct" not in self.scores or "stepwise" not in self.scores:
            return None
        low, high = sorted((self.scores["direct"], self.scores["stepwise"]))
        return low, high


@dataclass(frozen=True)
class Panel:
    """A titled set of rows; `chance` is drawn where guessing has a score of its own."""

    title: str
    subtitle: str
    rows: Sequence[Row] = field(default_factory=tuple)
    chance: float | None = None


def ranking_panels(rows: Iterable[Ranked]) -> list[Panel]:
    """One panel an axis, for the scored submissions."""
    every = list(rows)
    return [
        Panel(axis.upper(), subtitle, [_row(row, axis) for row in every], CHANCE if axis == "geu" else None)
        for axis, subtitle in AXES.items()
    ]


def _row(row: Ranked, axis: str) -> Row:
    entry = row.entry
    cells = {name: cell for name in PROTOCOLS if (cell := entry.cell(name, axis)) is not None}
    direct = cells.get("direct")
    reasons = [f"{name} {cell.status}" for name, cell in cells.items() if cell.score is None]
    if len(reasons) == len(cells) > 1:
        reasons = [next(iter(cells.values())).status]
    notes = (["random weights"] if entry.random_weights else []) + reasons
    return Row(
        label=entry.model,
        scores={name: cell.score for name, cell in cells.items() if cell.score is not None},
        interval=(direct.low, direct.high) if direct and direct.low is not None and direct.high is not None else None,
        note=", ".join(notes),
        href=f"submissions?id={entry.id}",
    )


def reported_panels(rows: Iterable[Reported]) -> list[Panel]:
    """The same for the paper's models; those without a score on an axis are left out of its panel."""
    every = list(rows)
    panels = []
    for axis, subtitle in AXES.items():
        found = []
        for row in every:
            values = {name: row.score(name, axis) for name in PROTOCOLS}
            scores = {name: value for name, value in values.items() if value is not None}
            if scores:
                found.append(Row(label=row.model, scores=scores))
        found.sort(key=lambda row: -row.scores.get("direct", row.scores.get("stepwise", 0.0)))
        panels.append(Panel(axis.upper(), subtitle, found, CHANCE if axis == "geu" else None))
    return panels


def chart(panels: Sequence[Panel], empty: str = "Nothing is scored yet.") -> str:
    """The panels beside each other (one above the other where it is narrow) on one scale, with a legend."""
    rows = [row for panel in panels for row in panel.rows]
    most = max((v for row in rows for v in (*row.scores.values(), *(row.interval or ()))), default=100.0)
    scale = min(100, max(20, 10 * math.ceil((most + 1) / 10)))
    return render(
        "chart.html",
        empty=empty,
        panels=[panel for panel in panels if panel.rows],
        protocols=[name for name in PROTOCOLS if any(name in row.scores for row in rows)],
        intervals=any(row.interval for row in rows),
        scale=scale,
        ticks=range(0, scale + 1, 20 if scale > 50 else 10),
    )

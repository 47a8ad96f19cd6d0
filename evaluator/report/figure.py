"""The picture on top of a report: a row a category, from direct to stepwise to oracle, places in per cent.

The rows are laid out by the page, each with its own small drawing, so that words keep their size on a phone.

>>> panel(run).rows[0].marks["direct"].x
41.0
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dataset_builder.taxonomy import AXES, CATEGORIES
from evaluator.report.views import RunView
from evaluator.scoring.diagnosis import CHANCE
from evaluator.scoring.pairing import Difference, paired_table
from evaluator.scoring.scores import Cell, title_of

# Nearer marks touch, and an arrow between them could not be seen.
ARROW_FROM = 6.0


@dataclass(frozen=True)
class Mark:
    """A score on the scale of 0 to 100: its place, and its interval's ends."""

    x: float
    low: float
    high: float
    words: str


@dataclass(frozen=True)
class Row:
    """One line of the panel. `delta` is stepwise minus direct, or why there is none."""

    title: str
    strong: bool
    chance: float | None
    marks: dict[str, Mark]
    delta: str
    clear: bool
    words: str

    @property
    def arrow(self) -> tuple[float, float] | None:
        """From direct to stepwise, where they are far enough apart to see one."""
        if not {"direct", "stepwise"} <= self.marks.keys():
            return None
        start, end = self.marks["direct"].x, self.marks["stepwise"].x
        return None if abs(end - start) < ARROW_FROM else (start, end)


@dataclass(frozen=True)
class Panel:
    """The figure of one run: the rows of each axis with its own in bold, then the total."""

    groups: list[list[Row]]

    @property
    def rows(self) -> list[Row]:
        return [row for group in self.groups for row in group]


def panel(run: RunView) -> Panel:
    """The rows of one run."""
    tables = run.scores.protocols
    pairs: dict[str, Difference] = {}
    if {"direct", "stepwise"} <= tables.keys():
        pairs = paired_table(tables["direct"], tables["stepwise"])
    groups: list[list[Row]] = []
    for axis in AXES:
        members = [
            t for t, c in CATEGORIES.items() if c.axis == axis and any(t in x.categories for x in tables.values())
        ]
        rows = []
        for name in [*members, axis] if members else []:
            cells = {p: table.categories.get(name) or table.axes.get(axis) for p, table in tables.items()}
            rows.append(_row(name, cells, pairs.get(name), CHANCE if axis == "geu" else None, name == axis))
        if rows:
            groups.append(rows)
    total = {p: table.total for p, table in tables.items()}
    return Panel([*groups, [_row("total", total, pairs.get("total"), None, True)]])


def _row(
    name: str, cells: Mapping[str, Cell | None], pair: Difference | None, chance: float | None, strong: bool
) -> Row:
    marks = {
        protocol: Mark(round(cell.score, 1), round(cell.low, 1), round(cell.high, 1), f"{protocol} {cell.score:.1f}")
        for protocol, cell in cells.items()
        if cell is not None and cell.score is not None and cell.low is not None and cell.high is not None
    }
    without = [f"{p} {cell.status}" for p, cell in cells.items() if cell is not None and cell.score is None]
    delta = "" if pair is None else pair.status if pair.points is None else f"{round(pair.points):+d}"
    return Row(
        title=title_of(name),
        strong=strong,
        chance=chance,
        marks=marks,
        delta={"+0": "0"}.get(delta, delta.replace("-", "\N{MINUS SIGN}")),
        clear=pair is not None and pair.clear,
        words=", ".join([*(mark.words for mark in marks.values()), *without]),
    )

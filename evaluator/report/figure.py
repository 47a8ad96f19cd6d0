"""The picture on top of a report: a row a category, from direct to stepwise to oracle (an SVG's geometry).

>>> panel(run).rows[0].direct.x
"""

from __future__ import annotations

from dataclasses import dataclass

from dataset_builder.taxonomy import AXES, CATEGORIES
from evaluator.report.gather import RunView
from evaluator.scoring.diagnosis import CHANCE
from evaluator.scoring.pairing import Difference, paired_table
from evaluator.scoring.scores import Cell, title_of

WIDTH, LEFT, RIGHT = 540, 178, 68
ROW, TOP, GAP = 25, 30, 12


@dataclass(frozen=True)
class Mark:
    """A score on the scale: its place, and its interval's ends."""

    x: float
    low: float
    high: float
    words: str


@dataclass(frozen=True)
class Row:
    """One line of the panel; `y` is its middle. `delta` is stepwise minus direct, or why there is none."""

    title: str
    y: float
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
        return None if abs(end - start) < 14 else (start + (5 if end > start else -5), end - (9 if end > start else -9))


@dataclass(frozen=True)
class Panel:
    """The figure of one run."""

    width: int
    height: float
    left: int
    right: int
    ticks: list[tuple[float, int]]
    rows: list[Row]
    rules: list[float]


def panel(run: RunView) -> Panel:
    """The rows of one run: axes and total in bold, each axis under a rule."""
    tables = run.scores.protocols
    pairs: dict[str, Difference] = {}
    if {"direct", "stepwise"} <= tables.keys():
        pairs = paired_table(tables["direct"], tables["stepwise"])
    rows: list[Row] = []
    rules: list[float] = []
    y = float(TOP + ROW / 2)
    for axis in AXES:
        members = [
            t for t, c in CATEGORIES.items() if c.axis == axis and any(t in x.categories for x in tables.values())
        ]
        if not members:
            continue
        for name in [*members, axis]:
            cells = {p: table.categories.get(name) or table.axes.get(axis) for p, table in tables.items()}
            rows.append(_row(name, y, cells, pairs.get(name), CHANCE if axis == "geu" else None, name == axis))
            y += ROW
        rules.append(y - ROW / 2 + GAP / 2)
        y += GAP
    rows.append(_row("total", y, {p: table.total for p, table in tables.items()}, pairs.get("total"), None, True))
    ticks = [(_x(value), value) for value in (0, 25, 50, 75, 100)]
    return Panel(WIDTH, y + ROW, LEFT, WIDTH - RIGHT, ticks, rows, rules)


def _row(
    name: str, y: float, cells: dict[str, Cell | None], pair: Difference | None, chance: float | None, strong: bool
) -> Row:
    marks = {
        protocol: Mark(_x(cell.score), _x(cell.low), _x(cell.high), f"{protocol} {cell.score:.1f}")
        for protocol, cell in cells.items()
        if cell is not None and cell.score is not None and cell.low is not None and cell.high is not None
    }
    without = [f"{p} {cell.status}" for p, cell in cells.items() if cell is not None and cell.score is None]
    delta = "" if pair is None else pair.status if pair.points is None else f"{round(pair.points):+d}"
    return Row(
        title=title_of(name),
        y=y,
        strong=strong,
        chance=None if chance is None else _x(chance),
        marks=marks,
        delta={"+0": "0"}.get(delta, delta.replace("-", "\N{MINUS SIGN}")),
        clear=pair is not None and pair.clear,
        words=", ".join([*(mark.words for mark in marks.values()), *without]),
    )


def _x(value: float) -> float:
    return round(LEFT + (WIDTH - RIGHT - LEFT) * value / 100, 1)

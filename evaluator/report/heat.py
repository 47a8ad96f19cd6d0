"""What a score is made of, as tables of coloured cells that lead to their instances.

>>> heat(run, "direct", "difficulty").rows[0].cells[2].link
'instances.html?category=world_knowledge&difficulty=hard'
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from dataset_builder.taxonomy import AXES
from evaluator.report.views import RunView
from evaluator.scoring.scores import By, Cell, title_of


@dataclass(frozen=True)
class HeatCell:
    """One part: its score, and the list of its instances."""

    name: str
    cell: Cell
    link: str

    @property
    def words(self) -> str:
        if self.cell.score is None:
            return f"{self.cell.status}, n = {self.cell.n}"
        return f"{self.cell.score:.1f} [{self.cell.low:.0f}, {self.cell.high:.0f}], n = {self.cell.n}"


@dataclass(frozen=True)
class HeatRow:
    """A category, an axis or the total (these two in bold); a cell a column, None where it has none."""

    name: str
    cells: list[HeatCell | None]

    @property
    def title(self) -> str:
        return title_of(self.name)

    @property
    def strong(self) -> bool:
        return self.name in AXES or self.name == "total"


@dataclass(frozen=True)
class Heat:
    """One table. Subtasks have no columns in common: each row then has its own cells, with their names."""

    by: By
    columns: list[str]
    rows: list[HeatRow]


def heat(run: RunView, protocol: str, by: By) -> Heat | None:
    """The table of one run and protocol; None where the dataset names no such parts."""
    parts = run.scores.protocols[protocol].parts.get(by, [])
    if not parts:
        return None
    # An axis has all names, in their own order; a category has some.
    ordered = sorted(parts, key=lambda part: part.group not in AXES)
    columns = [] if by == "subtask" else list(dict.fromkeys(part.name for part in ordered))
    rows = []
    for group in _order(list(dict.fromkeys(part.group for part in parts))):
        cells = {
            part.name: HeatCell(part.name, part.cell, _link(group, by, part.name))
            for part in parts
            if part.group == group
        }
        rows.append(HeatRow(group, [cells.get(name) for name in columns] if columns else list(cells.values())))
    return Heat(by, columns, rows)


def _order(groups: list[str]) -> list[str]:
    """Categories first, then the axes and the total."""
    return sorted(groups, key=lambda name: [*AXES, "total"].index(name) + 1 if name in (*AXES, "total") else 0)


def _link(group: str, by: By, name: str) -> str:
    place = {} if group == "total" else {"category": group}
    return "instances.html?" + urlencode({**place, by: name})

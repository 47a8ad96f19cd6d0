"""The results reported in the paper, on the authors' dataset and by the authors' judge: reference rows only.

Source: arXiv 2509.24897v2, Tables 2, 3 and 5; the table stands in `reported_results.csv`.

    >>> next(row for row in reported() if row.model == "BAGEL").score("direct", "total")
    33.3
"""

from __future__ import annotations

import csv
import functools
from dataclasses import dataclass
from pathlib import Path

from dataset_builder.taxonomy import AXES, CATEGORIES, categories

_FILE = Path(__file__).with_name("reported_results.csv")
UEG_SHARE = 0.6


@dataclass(frozen=True)
class Reported:
    """One model of the paper; `cells` holds per cent right by (protocol, category)."""

    model: str
    kind: str
    openness: str
    cells: dict[tuple[str, str], float]

    def score(self, protocol: str, what: str) -> float | None:
        """A category's score, the mean of an axis, or 0.6 UEG + 0.4 GEU; None where a part is not reported."""
        if what in CATEGORIES:
            return self.cells.get((protocol, what))
        if what == "total":
            ueg, geu = self.score(protocol, "ueg"), self.score(protocol, "geu")
            return None if ueg is None or geu is None else UEG_SHARE * ueg + (1 - UEG_SHARE) * geu
        found = [self.cells.get((protocol, c.name)) for c in categories() if c.axis == what]
        known = [value for value in found if value is not None]
        return sum(known) / len(known) if known and len(known) == len(found) else None


@functools.cache
def reported() -> tuple[Reported, ...]:
    """Every reported model, the best direct Total first."""
    rows: dict[str, Reported] = {}
    with _FILE.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            row = rows.setdefault(line["model"], Reported(line["model"], line["kind"], line["openness"], {}))
            row.cells[line["protocol"], line["category"]] = float(line["accuracy_percent"])
    return tuple(sorted(rows.values(), key=_order))


def _order(row: Reported) -> tuple[bool, float]:
    totals = [row.score(protocol, "total") for protocol in ("direct", "stepwise")]
    parts = [row.score("direct", axis) or 0.0 for axis in AXES]
    best = next((total for total in totals if total is not None), None)
    return best is None, -(best if best is not None else max(parts))

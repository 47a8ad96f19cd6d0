"""From outcomes to a cell: its score, its interval, or why it has none.

>>> cell("scored", Counter(right=1, wrong=3)).score
25.0
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from evaluator.scoring import statistics
from evaluator.scoring.outcomes import COUNTED, InstanceScore, Outcome
from evaluator.scoring.scores import Cell, Estimate, Status


def cell(status: Status, counts: Counter[Outcome]) -> Cell:
    """The score of instances with these outcomes; none while one of them has no outcome that counts."""
    n = sum(counts.values())
    if status != "scored":
        return Cell(status=status, n=n)
    if set(counts) - COUNTED:
        return Cell(status="incomplete", n=n, counts=dict(counts))
    right = counts["right"]
    low, high = statistics.wilson(right, n)
    return Cell(status="scored", n=n, score=100 * right / n, low=100 * low, high=100 * high, counts=dict(counts))


def pooled(cells: Sequence[Cell]) -> Cell:
    """The mean over the instances of several cells; without a score as soon as one of them has none."""
    n = sum(cell.n for cell in cells)
    counts: Counter[Outcome] = Counter()
    for cell in cells:
        counts.update(cell.counts)
    for status in ("not supported", "not in dataset", "incomplete"):
        if any(cell.status == status for cell in cells):
            return Cell(status=status, n=n, counts=dict(counts))
    low, high = statistics.stratified([(cell.right, cell.n) for cell in cells])
    return Cell(
        status="scored", n=n, score=100 * counts["right"] / n, low=100 * low, high=100 * high, counts=dict(counts)
    )


def questions_cell(status: Status, pictures: Sequence[Counter[Outcome]]) -> Cell:
    """The share of questions answered as stored; `pictures` are the outcomes of each picture's questions."""
    counts: Counter[Outcome] = Counter()
    for one in pictures:
        counts.update(one)
    found = cell(status, counts)
    if found.score is not None:
        low, high = statistics.clustered([(one["right"], one.total()) for one in pictures])
        found.low, found.high = 100 * low, 100 * high
    return found


def grade(cell: Cell, strata: Sequence[Sequence[InstanceScore]]) -> None:
    """Put the graded figures beside a score; `strata` are the rows of its categories. None where a row has none."""
    if cell.score is None:
        return
    atoms = [[row.atoms for row in rows] for rows in strata]
    products = [[row.product for row in rows] for rows in strata]
    cell.atoms = _mean(atoms)
    # Of pictures that never came the judge has said nothing.
    if any(row.replies for rows in strata for row in rows):
        cell.product = _mean(products)


def _mean(strata: Sequence[Sequence[float | None]]) -> Estimate | None:
    known = [[value for value in values if value is not None] for values in strata]
    if sum(map(len, known)) < sum(map(len, strata)):
        return None
    low, high = statistics.mean_interval(known)
    mean = sum(map(sum, known)) / sum(map(len, known))
    return Estimate(score=100 * mean, low=100 * low, high=100 * high)

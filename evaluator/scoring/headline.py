"""One sentence a run: where it is weakest, what stepwise does, and how sure that is.

>>> headline(score("runs/janus"))
'Weakest in Code to Image, 12.0 [7, 20] direct, clearly so; stepwise lifts UEG
(+8.0 [+3, +13], p = 0.002) and makes no clear difference in GEU (-2.0 [-9, +5], p = 0.61).'

As weak may be a category whose 95 % interval overlaps with the weakest's.
"""

from __future__ import annotations

from dataset_builder.taxonomy import AXES, CATEGORIES
from evaluator.scoring.pairing import Difference, paired_table
from evaluator.scoring.scores import Cell, Scores, title_of

FEW = 30


def headline(scores: Scores) -> str:
    """The sentence; it says so where there is nothing to say it from."""
    parts = [part for part in (_weakest(scores), _stepwise(scores)) if part]
    if not parts:
        return "No scores yet: " + ("; ".join(scores.problems) or "nothing was run") + "."
    sentence = "; ".join(parts)
    warning = "Random weights, so this says nothing of a model: " if scores.random_weights else ""
    return f"{warning}{sentence if warning else sentence[0].upper() + sentence[1:]}."


def _weakest(scores: Scores) -> str:
    """Of the first protocol that has scores (direct), with the categories that may be as weak."""
    for protocol, table in scores.protocols.items():
        cells = sorted(
            ((cell.score, task, cell) for task, cell in table.categories.items() if cell.score is not None),
            key=lambda found: found[0],
        )
        if len(cells) < 2:
            continue
        _, task, worst = cells[0]
        near = [other for _, other, cell in cells[1:] if (cell.low or 0) <= (worst.high or 0)]
        sure = "clearly so" if not near else _as_weak(near, len(cells) - 1)
        few = f" (only {worst.n} instances)" if worst.n < FEW else ""
        return f"weakest in {CATEGORIES[task].title}, {_score(worst)} {protocol}{few}, {sure}"
    return ""


def _as_weak(tasks: list[str], others: int) -> str:
    if len(tasks) == others:
        return "no other clearly stronger"
    named = (", " if len(tasks) > 2 else " and ").join(CATEGORIES[task].title for task in tasks[:2])
    return (f"{named} and {len(tasks) - 2} more" if len(tasks) > 2 else named) + " may be as weak"


def _score(cell: Cell) -> str:
    return f"{cell.score:.1f} [{cell.low:.0f}, {cell.high:.0f}]"


def _stepwise(scores: Scores) -> str:
    tables = scores.protocols
    if not {"direct", "stepwise"} <= tables.keys():
        return ""
    pairs = paired_table(tables["direct"], tables["stepwise"])
    said = [_axis(pairs[axis]) for axis in AXES if axis in pairs]
    if len(said) == 2 and said[0][0] == said[1][0]:
        return f"stepwise {said[0][0]} {said[0][1]} and {said[1][1]}"
    return "stepwise " + " and ".join(f"{verb} {rest}" for verb, rest in said) if said else ""


def _axis(row: Difference) -> tuple[str, str]:
    """(what stepwise does, to what and how sure)."""
    if row.points is None:
        return f"is {row.status} in" if row.status == "not supported" else "has no score in", title_of(row.name)
    p = "p < 0.001" if (row.p or 0) < 0.001 else f"p = {row.p:.2g}"
    change = f"{row.title} ({row.points:+.1f} [{row.low:+.0f}, {row.high:+.0f}], {p})"
    return ("makes no clear difference in" if not row.clear else "lifts" if row.points > 0 else "lowers"), change

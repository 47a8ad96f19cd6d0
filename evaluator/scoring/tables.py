"""Scores as a table for a terminal: protocols side by side, with what is not a score said in words."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING

from dataset_builder.taxonomy import AXES, CATEGORIES
from evaluator.scoring.scores import title_of

if TYPE_CHECKING:
    from rich.table import Table

    from evaluator.scoring.scores import By, Cell, Corrected, Scores

RANDOM_WEIGHTS = "random weights: a stand-in for trying things out, its scores mean nothing"


def cell_text(cell: Cell | None) -> str:
    """`41.0 [32,51]`-like text for a score, or the reason why there is none."""
    if cell is None:
        return "-"
    if cell.score is None or cell.low is None or cell.high is None:
        return cell.status
    return f"{cell.score:.1f} [{cell.low:.0f},{cell.high:.0f}]"


def score_table(scores: Scores) -> Table:
    """A row a category, axis and total; a column a protocol."""
    table = plain_table(scores.model)
    table.add_column("", no_wrap=True)
    table.add_column("n", justify="right", no_wrap=True)
    for name in scores.protocols:
        table.add_column(name, justify="right", no_wrap=True)
    tables = list(scores.protocols.values())
    for axis in AXES:
        for task, category in CATEGORIES.items():
            if category.axis == axis and any(task in t.categories for t in tables):
                cells = [t.categories.get(task) for t in tables]
                table.add_row(category.title, _n(cells), *map(cell_text, cells))
        cells = [t.axes.get(axis) for t in tables]
        if any(cells):
            table.add_row(axis.upper(), _n(cells), *map(cell_text, cells), style="bold", end_section=True)
    totals = [t.total for t in tables]
    table.add_row("Total", _n(totals), *map(cell_text, totals), style="bold")
    return table


def graded_table(scores: Scores) -> Table | None:
    """Beside all-or-nothing, for each protocol: right, atoms and the product; None where nothing is graded."""
    rows = [(title_of(task), [t.categories.get(task) for t in scores.protocols.values()]) for task in CATEGORIES]
    rows += [(title_of(axis), [t.axes.get(axis) for t in scores.protocols.values()]) for axis in AXES]
    graded = [(title, cells) for title, cells in rows if any(cell and cell.atoms for cell in cells)]
    if not graded:
        return None
    table = plain_table("Graded: all right / atoms / product of p")
    table.add_column("", no_wrap=True)
    for name in scores.protocols:
        table.add_column(name, justify="right", no_wrap=True)
    for title, cells in graded:
        table.add_row(title, *map(_graded_text, cells), style="bold" if title == "UEG" else None)
    return table


def _graded_text(cell: Cell | None) -> str:
    """`33.3 / 66.0 / 27.4`."""
    if cell is None or cell.score is None:
        return cell_text(cell)
    beside = ["-" if one is None else f"{one.score:.1f}" for one in (cell.atoms, cell.product)]
    return " / ".join([f"{cell.score:.1f}", *beside])


def corrected_table(scores: Scores) -> Table:
    """Beside the raw scores of UEG those corrected for the judge's errors, or why there are none."""
    table = plain_table("Corrected for the judge's errors, beside the raw score")
    table.add_column("", no_wrap=True)
    for heading in ("n", "raw", "corrected", "sens.", "spec."):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, rows in scores.corrected.items():
        table.add_row(name, style="bold")
        for row in rows:
            table.add_row(f"  {corrected_title(row)}", str(row.n), f"{row.raw:.1f}", *_corrected_text(row))
        table.add_section()
    return table


def corrected_title(row: Corrected) -> str:
    """`Code to Image`; `UEG, 3 of 6 categories`."""
    if row.name in CATEGORIES:
        return CATEGORIES[row.name].title
    every = sum(category.axis == row.name for category in CATEGORIES.values())
    return f"{title_of(row.name)}, {len(row.covered)} of {every} categories"


def _corrected_text(row: Corrected) -> list[str]:
    if row.score is None:
        return ["none", "", ""]
    mark = ("*" if row.clipped else "") + ("!" if row.remark else "")
    rates = ["" if rate is None else f"{rate:.0f}" for rate in (row.sensitivity, row.specificity)]
    return [f"{row.score:.1f} [{row.low:.0f},{row.high:.0f}]{mark}", *rates]


def corrected_remarks(scores: Scores) -> list[str]:
    """What the table's marks mean, and why a category has no corrected score."""
    rows = [row for table in scores.corrected.values() for row in table]
    lines = [
        "Corrected: Rogan and Gladen's estimate over whole instances with Lang and Reiczigel's 95 % interval, which "
        "includes the calibration's uncertainty; never in the raw score's place."
    ]
    if any(row.clipped for row in rows):
        lines.append("* clipped to 0..100: few instances, or rates that do not fit this run, lead beyond.")
    lines += [
        f"! {', '.join(places)}: {remark}." if scored else f"{', '.join(places)}: {remark}."
        for (remark, scored), places in _by_remark(scores).items()
    ]
    return lines


def _by_remark(scores: Scores) -> dict[tuple[str, bool], list[str]]:
    found: dict[tuple[str, bool], list[str]] = {}
    for name, rows in scores.corrected.items():
        for row in rows:
            if row.remark:
                title = corrected_title(row) + (f" ({name})" if row.score is not None else "")
                places = found.setdefault((row.remark, row.score is not None), [])
                if title not in places:
                    places.append(title)
    return found


def part_table(scores: Scores, by: By) -> Table:
    """The parts of each category under its name, then of the axes and the total; a column a protocol."""
    table = plain_table(f"By {by}" + (": per cent of questions answered as stored" if by == "aspect" else ""))
    table.add_column("", no_wrap=True)
    table.add_column("n", justify="right", no_wrap=True)
    for name in scores.protocols:
        table.add_column(name, justify="right", no_wrap=True)
    tables = list(scores.protocols.values())
    places = dict.fromkeys((part.group, part.name) for one in tables for part in one.parts.get(by, []))
    cells = [{(part.group, part.name): part.cell for part in one.parts.get(by, [])} for one in tables]
    for group, members in itertools.groupby(places, key=lambda place: place[0]):
        table.add_row(title_of(group), style="bold")
        for place in members:
            row = [one.get(place) for one in cells]
            table.add_row(f"  {place[1].replace('_', ' ')}", _n(row), *map(_short, row))
        table.add_section()
    return table


def _short(cell: Cell | None) -> str:
    """`41 [32,51]`: of a few instances no decimals."""
    if cell is None or cell.score is None:
        return cell_text(cell)
    return f"{cell.score:.0f} [{cell.low:.0f},{cell.high:.0f}]"


def plain_table(title: str) -> Table:
    """Narrow enough for three protocols on a terminal of 80 columns."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    return Table(title=title, title_justify="left", pad_edge=False, box=SIMPLE_HEAD, show_edge=False)


def _n(cells: list[Cell | None] | list[Cell]) -> str:
    return next((str(cell.n) for cell in cells if cell is not None), "")


def remarks(scores: Scores) -> list[str]:
    """What must be said beside the numbers: judge, stand-ins, subsets, counts that are no wrong answers."""
    judge = f"{scores.judge} ({scores.judge_revision})" if scores.judge else "none yet"
    lines = [
        "Per cent right, with 95 % intervals; chance is 25 in the GEU categories.",
        f"Dataset: {scores.dataset.id}, content {scores.dataset.content_sha256[:12]}. Judge: {judge}.",
    ]
    if any(cell.atoms for table in scores.protocols.values() for cell in table.axes.values()):
        lines.append(
            "Graded, never the score: atoms are an instance's questions answered as stored, the product is that of the "
            "probabilities which the judge gives those answers."
        )
    if scores.parity:
        lines.append("Parity: replies read as the authors' published scripts do, faults included.")
    if scores.random_weights:
        lines.append(f"{scores.model}: {RANDOM_WEIGHTS}.")
    if scores.limit_per_category is not None:
        lines.append(
            f"On a subset, the first {scores.limit_per_category} of each category: not comparable with full scores."
        )
    for name, table in scores.protocols.items():
        counts = Counter(row.outcome for row in table.instances)
        beside = [
            f"{counts[kind]} {kind.replace('_', ' ')}" for kind in ("unparsed", "no_image", "refused") if counts[kind]
        ]
        if beside:
            lines.append(f"{name}: of the wrong ones {', '.join(beside)}.")
    return lines

"""Scores as a table for a terminal: protocols side by side, with what is not a score said in words."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from dataset_builder.taxonomy import AXES, CATEGORIES

if TYPE_CHECKING:
    from rich.table import Table

    from evaluator.agreement import Agreement, Figure
    from evaluator.scoring import Cell, Scores

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
    table = _table(scores.model)
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


DIVIDED_SHOWN = 10


def agreement_table(found: Agreement) -> Table:
    """For each category and for all: alpha over all judges, then raw agreement and kappa of each pair."""
    table = _table("Agreement of the judges")
    table.add_column("", no_wrap=True)
    table.add_column("judges", no_wrap=True)
    for name in ("n", "raw", "kappa, alpha"):
        table.add_column(name, justify="right", no_wrap=True)
    letters = {judge: chr(ord("A") + number) for number, judge in enumerate(found.judges)}
    groups = [(CATEGORIES[task].title if task in CATEGORIES else task, g, "") for task, g in found.categories.items()]
    for title, group, style in [*groups, ("All", found.overall, "bold")]:
        table.add_row(title, "all", str(group.questions), "", _figure(group.alpha), style=style)
        for pair in group.raw:
            short = "-".join(letters[judge] for judge in pair.split(" | "))
            table.add_row(
                "", short, str(group.raw[pair].n), _figure(group.raw[pair]), _figure(group.kappa[pair]), style=style
            )
        table.add_section()
    return table


def _figure(figure: Figure) -> str:
    if figure.value is None:
        return "-"
    interval = "" if figure.low is None or figure.high is None else f" [{figure.low:.2f}, {figure.high:.2f}]"
    return f"{figure.value:.2f}{interval}"


def agreement_remarks(found: Agreement) -> list[str]:
    """Which letter is which judge, what the figures mean, and the first questions that divide them."""
    lines = [f"{chr(ord('A') + number)} = {judge}" for number, judge in enumerate(found.judges)]
    lines.append(
        "Of all judges Krippendorff's alpha, of two Cohen's kappa: 1 = perfect, 0 = chance, - = no variation; "
        "95 % intervals, whole images drawn again. n = questions."
    )
    lines.append(
        f"{len(found.divided)} of {found.overall.questions} questions divide the judges"
        + (
            f"; the first {DIVIDED_SHOWN} (all with --json):"
            if len(found.divided) > DIVIDED_SHOWN
            else ":"
            if found.divided
            else "."
        )
    )
    for one in found.divided[:DIVIDED_SHOWN]:
        said = ", ".join(f"{chr(ord('A') + n)} {one.answers[j] or 'nothing'}" for n, j in enumerate(found.judges))
        lines.append(f"  {one.id} ({one.protocol}): {one.question} {said}")
    return lines


def _table(title: str) -> Table:
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

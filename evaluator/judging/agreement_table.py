"""Agreement of judges as a table for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataset_builder.taxonomy import CATEGORIES
from evaluator.scoring.tables import plain_table

if TYPE_CHECKING:
    from rich.table import Table

    from evaluator.judging.agreement import Agreement, Figure


DIVIDED_SHOWN = 10


def agreement_table(found: Agreement) -> Table:
    """For each category and for all: alpha over all judges, then raw agreement and kappa of each pair."""
    table = plain_table("Agreement of the judges")
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

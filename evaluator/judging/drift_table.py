"""A judge's drift as a table for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluator.scoring.tables import plain_table

if TYPE_CHECKING:
    from rich.table import Table

    from evaluator.judging.drift import Drift, Row

CHANGED_SHOWN = 10


def drift_table(found: Drift) -> Table:
    """A row a group of questions: right in the first exam, in the second, the difference, and whether it is chance."""
    table = plain_table("Per cent right, in the first and the second exam")
    table.add_column("", no_wrap=True)
    for heading in ("n", "first", "second", "difference", "only one", "p"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in found.rows:
        table.add_row(*_cells(row), style="bold" if row.clear else None)
    table.add_section()
    for row in found.aspects:
        table.add_row(*_cells(row), style="bold" if row.clear else None)
    return table


def _cells(row: Row) -> list[str]:
    p = row.p if row.p_holm is None else row.p_holm
    return [
        row.name,
        str(row.n),
        f"{row.first:.1f}",
        f"{row.second:.1f}",
        f"{row.points:+.1f} [{row.low:+.1f}, {row.high:+.1f}]",
        f"{row.lost} / {row.gained}",
        "< 0.001" if p < 0.001 else f"{p:.3f}",
    ]


def drift_remarks(found: Drift) -> list[str]:
    """Who the two are, what the numbers mean, the verdict, and the first answers that changed."""
    clear = [row.name for row in [*found.rows, *found.aspects] if row.clear]
    lines = [f"first: {found.first}", f"second: {found.second}", *found.settings]
    lines.append(
        "95 % intervals for paired shares; p is McNemar's exact test, of the aspects corrected by Holm. 'only one' "
        "counts what only the first / only the second has right."
    )
    if found.only_first or found.only_second:
        lines.append(
            f"Only {found.common} answered questions are in both; {found.only_first} in the first alone, "
            f"{found.only_second} in the second alone."
        )
    lines.append(
        f"More than chance: {', '.join(clear)}." if clear else "Nothing has changed by more than chance can explain."
    )
    lines.append(
        f"{len(found.changed)} of {found.common} answers changed"
        + (f"; the first {CHANGED_SHOWN} (all with --json):" if len(found.changed) > CHANGED_SHOWN else ".")
    )
    lines += [
        f"  {one.instance} ({one.picture}): {one.question} {one.first} -> {one.second}, true is {one.truth}"
        for one in found.changed[:CHANGED_SHOWN]
    ]
    return lines

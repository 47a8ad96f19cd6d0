"""The leaderboard's tables as styled data frames: cells stay numbers, so they sort; the style says how they read.

What is not a number (not supported) is NaN in the data and words on the page, never a 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from dataset_builder.taxonomy import AXES, CATEGORIES
from evaluator.protocols import PROTOCOLS
from evaluator.scoring import Cell
from leaderboard_space.ranking import Entry, Ranked
from leaderboard_space.reported import Reported

if TYPE_CHECKING:
    import pandas as pd
    from pandas.io.formats.style import Styler

NO_PROTOCOL = "not submitted"
RANDOM = " \N{MIDDLE DOT} random weights"
_SHORT = {"not supported": "n/s", "not in dataset": "n/a", "incomplete": "inc.", NO_PROTOCOL: "\N{EN DASH}"}
SHORT_LEGEND = "n/s = not supported: the model cannot do this step; it is no 0. \N{EN DASH} = protocol not submitted."


def ranking_headers(protocol: str, others: Sequence[str]) -> list[str]:
    axes = [f"{axis.upper()} {name}" for axis in AXES for name in others]
    return [
        "Rank",
        "Model",
        "Organisation",
        f"Total {protocol}",
        "95 % interval",
        *axes,
        "Unparsed",
        "Date",
        "Submission",
    ]


def protocols_of(rows: Iterable[Ranked]) -> list[str]:
    """Direct and stepwise always, oracle where someone has it, in their usual order."""
    have = {name for row in rows for name in row.entry.scores.protocols}
    return [name for name in PROTOCOLS if name in ("direct", "stepwise") or name in have]


def ranking_table(rows: Sequence[Ranked], protocol: str) -> Styler:
    """Rank, Total with its interval, then both axes under every protocol side by side."""
    shown = protocols_of(rows)
    headers = ranking_headers(protocol, shown)
    lines: list[list[Any]] = []
    words: list[list[str | None]] = []
    for row in rows:
        entry = row.entry
        cells = [entry.cell(name, axis) for axis in AXES for name in shown]
        total = entry.cell(protocol)
        lines.append(
            [row.rank, _name(entry), entry.organisation, _score(total), _interval(total)]
            + [_score(cell) for cell in cells]
            + [_unparsed(entry, protocol), entry.received[:10], entry.id]
        )
        words.append(
            [row.text or "\N{EN DASH}", None, None, _words(total), None]
            + [_words(cell) for cell in cells]
            + [None, None, None]
        )
    return _styled(headers, lines, words)


def category_table(rows: Sequence[Ranked], protocol: str) -> Styler:
    """The ten categories under one protocol, shaded by score."""
    names = list(CATEGORIES)
    headers = ["Rank", "Model", *(CATEGORIES[name].title for name in names), "Submission"]
    lines: list[list[Any]] = []
    words: list[list[str | None]] = []
    for row in rows:
        cells = [row.entry.cell(protocol, name) for name in names]
        lines.append([row.rank, _name(row.entry), *map(_score, cells), row.entry.id])
        words.append([row.text or "\N{EN DASH}", None, *(_words(cell, short=True) for cell in cells), None])
    return _styled(headers, lines, words, shaded=headers[2:-1])


def reported_table(rows: Sequence[Reported]) -> Styler:
    """The paper's results: Total, both axes, direct and stepwise."""
    parts = [("total", "Total"), *((axis, axis.upper()) for axis in AXES)]
    columns = [(what, title, name) for what, title in parts for name in ("direct", "stepwise")]
    headers = ["Model", "Kind", "Weights", *(f"{title} {name}" for _, title, name in columns)]
    lines = [
        [row.model, row.kind, row.openness, *(_nan(row.score(name, what)) for what, _, name in columns)] for row in rows
    ]
    words: list[list[str | None]] = [
        [None, None, None, *("\N{EN DASH}" if row.score(name, what) is None else None for what, _, name in columns)]
        for row in rows
    ]
    return _styled(headers, lines, words)


def _styled(
    headers: list[str], lines: list[list[Any]], words: list[list[str | None]], shaded: Sequence[str] = ()
) -> Styler:
    import pandas as pd

    frame = pd.DataFrame(lines, columns=headers)
    numbers = [
        h
        for i, h in enumerate(headers)
        if lines and all(isinstance(line[i], (int, float)) or line[i] is None for line in lines)
    ]
    for name in numbers:
        frame[name] = frame[name].astype("float64")
    style = frame.style.format(precision=1, na_rep="\N{EN DASH}")
    counts = [name for name in ("Rank", "Unparsed") if name in frame]
    style = style.format(precision=0, na_rep="\N{EN DASH}", subset=counts)
    for number, row in enumerate(words):
        for header, text in zip(headers, row, strict=True):
            if text is not None:
                style = style.format(lambda _value, text=text: text, na_rep=text, subset=([number], [header]))
                if header != "Rank":
                    style = style.map(
                        lambda _value: "color: var(--body-text-color-subdued)", subset=([number], [header])
                    )
    for name in shaded:
        style = style.map(shade, subset=[name])
    return style


def shade(value: object) -> str:
    """A calm blue that deepens with the score; legible on light and dark."""
    if not isinstance(value, float) or value != value:
        return ""
    return f"background-color: rgba(0, 114, 178, {0.04 + 0.0046 * value:.3f})"


def frame_of(style: Styler) -> pd.DataFrame:
    """The plain numbers below a style."""
    return style.data


def _name(entry: Entry) -> str:
    return entry.model + (RANDOM if entry.random_weights else "")


def _nan(value: float | None) -> float:
    return float("nan") if value is None else value


def _score(cell: Cell | None) -> float:
    return _nan(None if cell is None else cell.score)


def _words(cell: Cell | None, *, short: bool = False) -> str | None:
    """Why there is no number; None where there is one."""
    if cell is not None and cell.score is not None:
        return None
    reason = NO_PROTOCOL if cell is None else cell.status
    return _SHORT[reason] if short else reason


def _interval(cell: Cell | None) -> str:
    if cell is None or cell.low is None or cell.high is None:
        return ""
    return f"{cell.low:.1f} \N{EN DASH} {cell.high:.1f}"


def _unparsed(entry: Entry, protocol: str) -> float:
    cell = entry.cell(protocol)
    return _nan(None if cell is None else float(cell.counts.get("unparsed", 0)))

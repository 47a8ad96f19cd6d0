"""The leaderboard's tables. A cell's value is a number, so it sorts as one; what is shown may be words.

What is not a number (not supported) is null in the data and words on the page, never a 0.

    >>> category_table(rows, "direct")["metadata"]["display_value"][0][3]
    '41.7 / n.s.'
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from dataset_builder.taxonomy import AXES, CATEGORIES
from evaluator.protocols import PROTOCOLS
from evaluator.scoring.scores import Cell
from leaderboard_space.ranking.ranks import Ranked
from leaderboard_space.ranking.reported import Reported

RANDOM = "random"
NOTHING = "\N{EN DASH}"
SHORT_LEGEND = f"n.s. = not supported: the model cannot do this step; it is not a 0. {NOTHING} = not submitted."
BESIDE = ("direct", "stepwise")
_SHORT = {"not supported": "n.s.", "not in dataset": "n.a.", "incomplete": "inc."}
_FAINT = "color: var(--body-text-color-subdued)"
_MARKED = "color: var(--ru-marked); font-weight: 600"


@dataclass(frozen=True)
class Shown:
    """One cell: its value for sorting, its text for people, its style."""

    value: float | str | None
    text: str
    style: str = ""


def protocols_of(rows: Iterable[Ranked]) -> list[str]:
    """Direct and stepwise always, oracle where someone has it, in their usual order."""
    have = {name for row in rows for name in row.entry.scores.protocols}
    return [name for name in PROTOCOLS if name in BESIDE or name in have]


def ranking_table(rows: Sequence[Ranked], protocol: str) -> dict[str, Any]:
    """Rank, Total with its interval, then Total and both axes under every protocol side by side."""
    shown = protocols_of(rows)
    beside = [(axis, name) for axis in AXES for name in shown]
    others = [name for name in shown if name != protocol]
    headers = [
        *("Rank", "Model", "Weights", f"Total {protocol}", "95 % interval"),
        *(f"{axis.upper()} {name}" for axis, name in beside),
        *(f"Total {name}" for name in others),
        *("Unparsed", "Organisation", "Date", "Submission"),
    ]
    lines = [
        [
            *_who(row),
            _score(row.entry.cell(protocol)),
            _text(_interval(row.entry.cell(protocol))),
            *(_score(row.entry.cell(name, axis)) for axis, name in beside),
            *(_score(row.entry.cell(name)) for name in others),
            _unparsed(row.entry.cell(protocol)),
            _text(row.entry.organisation),
            _text(row.entry.received[:10]),
            _text(row.entry.id),
        ]
        for row in rows
    ]
    return _table(headers, lines)


def category_table(rows: Sequence[Ranked], protocol: str) -> dict[str, Any]:
    """The ten categories, direct and stepwise in a cell, and the protocol that ranks; sorted and shaded by that one."""
    headers = ["Rank", "Model", "Weights", *(category.title for category in CATEGORIES.values()), "Submission"]
    shown = beside(protocol)
    lines = [
        [
            *_who(row),
            *(_together({each: _short(row.entry.cell(each, name)) for each in shown}, protocol) for name in CATEGORIES),
            _text(row.entry.id),
        ]
        for row in rows
    ]
    return _table(headers, lines)


def beside(protocol: str) -> tuple[str, ...]:
    """The protocols that share a cell, in the order of their numbers."""
    return BESIDE if protocol in BESIDE else (*BESIDE, protocol)


def reported_table(rows: Sequence[Reported]) -> dict[str, Any]:
    """The paper's results: Total and both axes, direct and stepwise."""
    parts = [("total", "Total"), *((axis, axis.upper()) for axis in AXES)]
    columns = [(what, title, name) for what, title in parts for name in ("direct", "stepwise")]
    headers = ["Model", "Kind", "Weights", *(f"{title} {name}" for _, title, name in columns)]
    lines = [
        [
            *(_text(value) for value in (row.model, row.kind, row.openness)),
            *(_number(row.score(name, what)) for what, _, name in columns),
        ]
        for row in rows
    ]
    return _table(headers, lines)


def reported_category_table(rows: Sequence[Reported]) -> dict[str, Any]:
    """The paper's results in the ten categories, direct and stepwise in a cell; sorted and shaded by direct."""
    headers = ["Model", *(category.title for category in CATEGORIES.values())]
    lines = [
        [
            _text(row.model),
            *(_together({each: _whole(row.score(each, name)) for each in BESIDE}, "direct") for name in CATEGORIES),
        ]
        for row in rows
    ]
    return _table(headers, lines)


def _table(headers: list[str], lines: list[list[Shown]]) -> dict[str, Any]:
    return {
        "headers": headers,
        "data": [[cell.value for cell in line] for line in lines],
        "metadata": {
            "display_value": [[cell.text for cell in line] for line in lines],
            "styling": [[cell.style for cell in line] for line in lines],
        },
    }


def datatypes(table: dict[str, Any]) -> list[str]:
    """`number` for columns that must sort as numbers, `str` (which is escaped) for all others."""
    columns = zip(*table["data"], strict=True) if table["data"] else ([""] for _ in table["headers"])
    return ["str" if any(isinstance(value, str) for value in column) else "number" for column in columns]


def _text(value: str) -> Shown:
    return Shown(value, value)


def _who(row: Ranked) -> tuple[Shown, Shown, Shown]:
    """Rank, model, and a mark where its weights are random: in a cell of its own, for a long name is cut."""
    weights = RANDOM if row.entry.random_weights else ""
    return Shown(row.rank, row.text or NOTHING), _text(row.entry.model), Shown(weights, weights, _MARKED)


def _number(value: float | None) -> Shown:
    return Shown(None, NOTHING, _FAINT) if value is None else Shown(value, f"{value:.1f}")


def _whole(value: float | None) -> Shown:
    """As the paper has it: without a decimal where it gives none."""
    return Shown(None, NOTHING) if value is None else Shown(value, f"{value:g}")


def _score(cell: Cell | None) -> Shown:
    """A score, or in words why there is none."""
    if cell is None:
        return Shown(None, NOTHING, _FAINT)
    return Shown(None, cell.status, _FAINT) if cell.score is None else Shown(cell.score, f"{cell.score:.1f}")


def _short(cell: Cell | None) -> Shown:
    """The same where there is little room."""
    shown = _score(cell)
    return Shown(shown.value, _SHORT.get(shown.text, shown.text).replace("100.0", "100"))


def _together(parts: dict[str, Shown], leading: str) -> Shown:
    """Several protocols' scores in one cell, which sorts by (and is shaded by) the leading one's."""
    value = parts[leading].value
    style = shade(value) if isinstance(value, float) else _FAINT if all(p.value is None for p in parts.values()) else ""
    return Shown(value, " / ".join(part.text for part in parts.values()), style)


def _interval(cell: Cell | None) -> str:
    if cell is None or cell.low is None or cell.high is None:
        return ""
    return f"{cell.low:.1f} {NOTHING} {cell.high:.1f}"


def _unparsed(cell: Cell | None) -> Shown:
    if cell is None or cell.score is None:
        return Shown(None, NOTHING, _FAINT)
    count = cell.counts.get("unparsed", 0)
    return Shown(count, str(count))


def shade(score: float) -> str:
    """A calm blue that deepens with the score; legible on light and dark."""
    return f"background-color: rgba(0, 114, 178, {0.04 + 0.0046 * score:.3f})"

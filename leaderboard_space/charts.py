"""Charts as SVG, without a library: direct against stepwise, a row a model.

A filled circle is direct, a diamond stepwise, a ring oracle, so nothing hangs on colour alone; the thin
bar is the 95 % interval of direct. Everything that a submitter wrote is escaped.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

from dataset_builder.taxonomy import AXES
from leaderboard_space.ranking import Ranked
from leaderboard_space.reported import Reported

_WIDTH, _LABEL, _RIGHT, _ROW, _TOP = 600, 196, 22, 30, 34
COLOURS = {"direct": "#0072B2", "stepwise": "#D55E00", "oracle": "#009E73"}
CHANCE = 25.0
_MOST_LETTERS = 26


@dataclass(frozen=True)
class Row:
    """One model in a panel; `scores` by protocol, `note` where a score is missing for a reason."""

    label: str
    scores: dict[str, float]
    interval: tuple[float, float] | None = None
    note: str = ""
    href: str = ""
    faint: bool = False


@dataclass(frozen=True)
class Panel:
    """A titled set of rows; `chance` is drawn where guessing has a score of its own."""

    title: str
    subtitle: str
    rows: Sequence[Row] = field(default_factory=tuple)
    chance: float | None = None


def ranking_panels(rows: Iterable[Ranked]) -> list[Panel]:
    """One panel an axis, for the scored submissions."""
    every = list(rows)
    return [
        Panel(
            title=axis.upper(),
            subtitle=subtitle,
            rows=[_row(row, axis) for row in every],
            chance=CHANCE if axis == "geu" else None,
        )
        for axis, subtitle in AXES.items()
    ]


def _row(row: Ranked, axis: str) -> Row:
    entry = row.entry
    cells = {name: entry.cell(name, axis) for name in COLOURS}
    direct = cells["direct"]
    missing = next((f"{n}: {c.status}" for n, c in cells.items() if c is not None and c.score is None), "")
    return Row(
        label=entry.model,
        scores={name: cell.score for name, cell in cells.items() if cell is not None and cell.score is not None},
        interval=(direct.low, direct.high) if direct and direct.low is not None and direct.high is not None else None,
        note=missing,
        href=f"submissions?id={entry.id}",
        faint=entry.random_weights,
    )


def reported_panels(rows: Iterable[Reported]) -> list[Panel]:
    """The same for the paper's models; those without a score on an axis are left out of its panel."""
    panels = []
    for axis, subtitle in AXES.items():
        found = []
        for row in rows:
            values = {name: row.score(name, axis) for name in COLOURS}
            scores = {name: value for name, value in values.items() if value is not None}
            if scores:
                found.append(Row(label=row.model, scores=scores))
        found.sort(key=lambda row: -row.scores.get("direct", row.scores.get("stepwise", 0.0)))
        panels.append(Panel(axis.upper(), subtitle, found, CHANCE if axis == "geu" else None))
    return panels


def dumbbells(panels: Sequence[Panel], empty: str = "Nothing is scored yet.") -> str:
    """The panels beside each other, one above the other where it is narrow, and a legend."""
    if not any(panel.rows for panel in panels):
        return f'<p class="ru-empty">{escape(empty)}</p>'
    seen = [name for name in COLOURS if any(name in row.scores for panel in panels for row in panel.rows)]
    legend = "".join(
        f'<span><svg viewBox="-8 -8 16 16" width="14" height="14">{_mark(name, 0, 0)}</svg>{name}</span>'
        for name in seen
    )
    has_interval = any(row.interval for panel in panels for row in panel.rows)
    whisker = '<span><i class="ru-whisker"></i>95 % interval of direct</span>' if has_interval else ""
    most = max((v for p in panels for r in p.rows for v in (*r.scores.values(), *(r.interval or ()))), default=100.0)
    scale = min(100, max(20, 10 * math.ceil((most + 1) / 10)))
    figures = "".join(f"<figure>{_panel(panel, scale)}</figure>" for panel in panels if panel.rows)
    return f'<div class="ru-legend">{legend}{whisker}</div><div class="ru-panels">{figures}</div>'


def _panel(panel: Panel, scale: int) -> str:
    height = _TOP + _ROW * len(panel.rows) + 30
    bottom = _TOP + _ROW * len(panel.rows)

    def x(value: float) -> float:
        return _LABEL + (_WIDTH - _LABEL - _RIGHT) * value / scale

    parts = []
    for tick in range(0, scale + 1, 20 if scale > 50 else 10):
        parts.append(f'<line x1="{x(tick):.1f}" x2="{x(tick):.1f}" y1="{_TOP - 4}" y2="{bottom}" class="ru-grid"/>')
        parts.append(f'<text x="{x(tick):.1f}" y="{bottom + 17}" class="ru-tick">{tick}</text>')
    if panel.chance is not None and panel.chance <= scale:
        at = x(panel.chance)
        parts.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{_TOP - 4}" y2="{bottom}" class="ru-chance"/>')
        parts.append(f'<text x="{at:.1f}" y="{_TOP - 10}" class="ru-tick">chance</text>')
    for number, row in enumerate(panel.rows):
        parts.append(_line(row, _TOP + _ROW * (number + 0.5), x))
    return (
        f"<figcaption><b>{escape(panel.title)}</b> {escape(panel.subtitle)}, % right</figcaption>"
        f'<svg viewBox="0 0 {_WIDTH} {height}" class="ru-chart" role="img" '
        f'aria-label="{escape(panel.title)}: direct and stepwise by model">{"".join(parts)}</svg>'
    )


def _line(row: Row, y: float, x: object) -> str:
    assert callable(x)
    name = escape(
        row.label if len(row.label) <= _MOST_LETTERS else row.label[: _MOST_LETTERS - 1] + "\N{HORIZONTAL ELLIPSIS}"
    )
    label = f'<text x="{_LABEL - 14}" y="{y + 4.5:.1f}" class="ru-name">{name}</text>'
    if row.href:
        label = f'<a href="{escape(row.href)}">{label}</a>'
    values = ", ".join(f"{protocol} {value:.1f}" for protocol, value in row.scores.items())
    said = ", ".join(filter(None, (values, row.note)))
    parts = [f"<title>{escape(row.label)}: {escape(said)}</title>", label]
    if row.interval:
        low, high = row.interval
        parts.append(f'<line x1="{x(low):.1f}" x2="{x(high):.1f}" y1="{y}" y2="{y}" class="ru-interval"/>')
    if "direct" in row.scores and "stepwise" in row.scores:
        one, other = x(row.scores["direct"]), x(row.scores["stepwise"])
        parts.append(f'<line x1="{one:.1f}" x2="{other:.1f}" y1="{y}" y2="{y}" class="ru-bond"/>')
    parts += [_mark(name, x(value), y) for name, value in reversed(row.scores.items())]
    if row.note:
        place = max((x(v) for v in (*row.scores.values(), *(row.interval or ()))), default=float(_LABEL)) + 14
        parts.append(f'<text x="{place:.1f}" y="{y + 4:.1f}" class="ru-note">{escape(row.note)}</text>')
    return f"<g{' class=ru-faint' if row.faint else ''}>{''.join(parts)}</g>"


def _mark(protocol: str, x: float, y: float) -> str:
    colour = COLOURS[protocol]
    if protocol == "direct":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="{colour}"/>'
    if protocol == "stepwise":
        points = " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in ((0, -7), (7, 0), (0, 7), (-7, 0)))
        return f'<polygon points="{points}" fill="{colour}"/>'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5.5" fill="none" stroke="{colour}" stroke-width="2.5"/>'

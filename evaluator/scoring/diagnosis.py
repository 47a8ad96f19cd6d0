"""Which half of a model is short: direct, stepwise and oracle of one run read together.

Stepwise above direct: the ability is there and is not used end to end. Stepwise below direct: the model's
own intermediate is too poor. Oracle hands over a perfect intermediate, so what is lost up to there is the
first half's, and what is still wrong then is the second half's. In UEG the first half is understanding
(refining the prompt) and the second generation (drawing); in GEU it is the other way round.

    >>> diagnose(score("runs/bagel").protocols)[0].sentence
    'World Knowledge: asked for by itself, the refined prompt lifts 31.0 to 48.0 (+17.0 [8, 26]) ...'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from dataset_builder.taxonomy import AXES, CATEGORIES, Axis
from evaluator.scoring.pairing import TOTAL, Difference, paired_table
from evaluator.scoring.scores import ProtocolScores, title_of

Short = Literal["understanding", "generation", "both", "neither", "unknown"]
CHANCE = 25.0
# The intermediate that the first step makes, and the ability that each half needs.
_INTERMEDIATE: dict[Axis, str] = {"ueg": "refined prompt", "geu": "edited image"}
_HALVES: dict[Axis, tuple[Short, Short]] = {
    "ueg": ("understanding", "generation"),
    "geu": ("generation", "understanding"),
}
_SECOND_STEP: dict[Axis, str] = {"ueg": "is drawn right", "geu": "is answered right"}


@dataclass(frozen=True)
class Diagnosis:
    """What the three protocols say about one category, or about an axis as a whole.

    `integration` is stepwise minus direct; `first_half` oracle minus stepwise (points that the model's own
    intermediate costs); `second_half` what is still lost with a perfect one.
    """

    name: str
    axis: Axis
    short: Short
    sentence: str
    integration: Difference | None = None
    first_half: Difference | None = None
    over_direct: Difference | None = None
    second_half: float | None = None

    @property
    def title(self) -> str:
        return title_of(self.name)


def diagnose(tables: Mapping[str, ProtocolScores]) -> list[Diagnosis]:
    """A diagnosis for each axis and category that has at least two of the three protocols."""
    names = dict.fromkeys(name for table in tables.values() for name in [*table.axes, *table.categories])
    pairs = {
        (one, other): paired_table(tables[one], tables[other])
        for one, other in (("direct", "stepwise"), ("stepwise", "oracle"), ("direct", "oracle"))
        if one in tables and other in tables
    }
    found = []
    for axis in AXES:
        members = [task for task in CATEGORIES if CATEGORIES[task].axis == axis and task in names]
        for name in [axis, *members] if members else []:
            rows = {key: table[name] for key, table in pairs.items() if name in table}
            if rows:
                found.append(_diagnose(name, axis, rows))
    return found


def _diagnose(name: str, axis: Axis, rows: Mapping[tuple[str, str], Difference]) -> Diagnosis:
    integration = _scored(rows.get(("direct", "stepwise")))
    first_half = _scored(rows.get(("stepwise", "oracle")))
    over_direct = _scored(rows.get(("direct", "oracle")))
    oracle = next((row.second for row in (first_half, over_direct) if row is not None), None)
    parts = [_integration_words(axis, integration, rows.get(("direct", "stepwise")))]
    short: Short = "unknown"
    if oracle is not None:
        short, words = _halves(axis, oracle, first_half, over_direct)
        parts.append(words)
    sentence = "; ".join(part for part in parts if part) or "there are not two protocols with scores to compare yet"
    return Diagnosis(
        name=name,
        axis=axis,
        short=short,
        sentence=f"{title_of(name)}: {sentence}.",
        integration=integration,
        first_half=first_half,
        over_direct=over_direct,
        second_half=None if oracle is None else 100 - oracle,
    )


def _scored(row: Difference | None) -> Difference | None:
    return row if row is not None and row.points is not None else None


def _integration_words(axis: Axis, row: Difference | None, raw: Difference | None) -> str:
    """What asking for the intermediate by itself changes."""
    thing = _INTERMEDIATE[axis]
    if row is None:
        if raw is None:
            return ""
        if raw.status == "not supported":
            lacks = "edit images" if axis == "geu" else "both answer and generate"
            return f"stepwise is not supported, since the model cannot {lacks}"
        return f"stepwise cannot be compared with direct ({raw.status})"
    change = f"{row.first:.1f} to {row.second:.1f} ({interval(row)})"
    if not row.clear:
        return f"asking for the {thing} by itself makes no clear difference, {change}"
    if (row.points or 0) > 0:
        return f"the ability is there but not used end to end: asking for the {thing} by itself lifts {change}"
    return f"the intermediate step itself is too poor: going through the model's own {thing} lowers {change}"


def _halves(
    axis: Axis, oracle: float, first_half: Difference | None, over_direct: Difference | None
) -> tuple[Short, str]:
    """The short half: what the model's own intermediate costs, against what a perfect one does not mend."""
    first, second = _HALVES[axis]
    thing = _INTERMEDIATE[axis]
    rest = 100 - oracle
    cost = first_half or over_direct
    own = "its own" if first_half is not None else "none"
    given = f"with a perfect {thing} {oracle:.1f} {_SECOND_STEP[axis]}"
    if axis == "geu" and oracle <= CHANCE + 5:
        return second, f"{given}, which is no better than guessing, so {second} is short"
    if cost is None:
        return "unknown", given
    if not cost.clear or (cost.points or 0) <= 0:
        level = f"{given}, not clearly more than the {cost.first:.1f} with {own} ({interval(cost)})"
        if rest < 10:
            return "neither", f"{level}, so neither half is short"
        if (cost.high or 0) < rest:
            return second, f"{level}, so {second} is short"
        return "unknown", f"{level}: too few instances to tell which half is short"
    against = f"{given} against {cost.first:.1f} with {own} ({interval(cost)})"
    gain = cost.points or 0
    if gain >= 2 * rest:
        return first, f"{against}, so {first} is short"
    if rest >= 2 * gain:
        return second, f"{against}, but {rest:.1f} stay lost, so mostly {second} is short"
    return "both", f"{against} and {rest:.1f} stay lost, so both halves are short"


def interval(row: Difference) -> str:
    """`+17.0 [8, 26]`."""
    if row.points is None or row.low is None or row.high is None:
        return row.status
    return f"{row.points:+.1f} [{row.low:+.0f}, {row.high:+.0f}]"


def text(tables: Mapping[str, ProtocolScores]) -> str:
    """The diagnoses as lines for a terminal; axes first, their categories indented."""
    lines = []
    for one in diagnose(tables):
        lines.append(("" if one.name in (*AXES, TOTAL) else "  ") + one.sentence)
    return "\n".join(lines)

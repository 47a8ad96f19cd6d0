"""The content of `scores.json`: cells with intervals and counts, and the tables that they form."""

from __future__ import annotations

from collections import Counter
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from dataset_builder.taxonomy import AXES, CATEGORIES, Axis
from evaluator.runs.manifest import DatasetRef
from evaluator.scoring.outcomes import InstanceScore, Outcome

Status = Literal["scored", "incomplete", "not supported", "not in dataset"]
By = Literal["subtask", "difficulty", "aspect"]


_ADVICE: dict[Outcome, str] = {
    "missing": "run again with the same command",
    "error": "run again with --retry-errors",
    "unjudged": "run: realunify judge RUN --judge SPEC",
}


def title_of(name: str) -> str:
    """`World Knowledge`, `UEG`, `Total`."""
    return CATEGORIES[name].title if name in CATEGORIES else name.upper() if name in AXES else name.title()


class Estimate(BaseModel):
    """A figure in per cent with its 95 % interval."""

    model_config = ConfigDict(extra="forbid")

    score: float
    low: float
    high: float


class Cell(BaseModel):
    """A score in per cent over `n` instances with its 95 % interval, and the counts that stand beside it.

    Graded figures of UEG, beside the score and never in its place: `atoms` is the mean share of an instance's
    questions answered as stored, `product` the mean product of the probabilities that the judge gives those answers
    (None where it gives none).
    """

    model_config = ConfigDict(extra="forbid")

    status: Status
    n: int
    score: float | None = None
    low: float | None = None
    high: float | None = None
    counts: dict[Outcome, int] = Field(default_factory=dict)
    atoms: Estimate | None = None
    product: Estimate | None = None

    @property
    def right(self) -> int:
        return self.counts.get("right", 0)


class Part(BaseModel):
    """A part of a category, an axis or the total (`group`): a subtask, a difficulty, or an aspect of its questions.

    A cell of an aspect counts questions, the others count instances.
    """

    model_config = ConfigDict(extra="forbid")

    group: str
    name: str
    cell: Cell


class Corrected(BaseModel):
    """A corrected score in per cent beside the raw one. `remark` says what must be said with it, or why there is none.

    `n` are all instances; `covered` are the categories that it stands for.
    """

    model_config = ConfigDict(extra="forbid")

    name: str
    n: int
    raw: float
    score: float | None = None
    low: float | None = None
    high: float | None = None
    clipped: bool = False
    sensitivity: float | None = None
    specificity: float | None = None
    covered: list[str]
    remark: str = ""


class ProtocolScores(BaseModel):
    """One protocol's table. `total` is the mean over all instances (0.6 UEG + 0.4 GEU at full size)."""

    model_config = ConfigDict(extra="forbid")

    categories: dict[str, Cell]
    axes: dict[Axis, Cell]
    total: Cell
    instances: list[InstanceScore] = Field(repr=False)
    parts: dict[By, list[Part]] = Field(default_factory=dict, repr=False)


class Scores(BaseModel):
    """The content of `scores.json`: what was scored, by which judge, and the table of each protocol."""

    model_config = ConfigDict(extra="forbid")

    model: str
    model_revision: str
    random_weights: bool = False
    dataset: DatasetRef
    limit_per_category: int | None = None
    judge: str | None = None
    judge_revision: str | None = None
    parity: bool = False
    protocols: dict[str, ProtocolScores]
    # Beside the raw scores, by protocol; only where a certificate of the judge was given.
    corrected: dict[str, list[Corrected]] = Field(default_factory=dict)

    @property
    def problems(self) -> list[str]:
        """Why the scores are not final, a line each; empty for a complete run."""
        found = []
        for name, table in self.protocols.items():
            counts = Counter(outcome.outcome for outcome in table.instances)
            for kind, advice in _ADVICE.items():
                if counts[kind]:
                    found.append(f"{name}: {counts[kind]} of {len(table.instances)} instances {kind}; {advice}")
        return found

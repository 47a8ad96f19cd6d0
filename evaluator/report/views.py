"""What a page shows, as plain records: a run, an instance, and each attempt with its steps and checks.

Knows no protocol, model or category by name: an attempt is whatever steps its prediction has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from dataset_builder.instance import LETTERS, Instance
from evaluator.records import JudgeAnswer, Judgement, Prediction, Step
from evaluator.report.pictures import Picture
from evaluator.runs.folder import RunFolder
from evaluator.runs.manifest import Manifest
from evaluator.scoring import diagnosis, headline, tables
from evaluator.scoring.outcomes import InstanceScore
from evaluator.scoring.scores import Cell, Scores

OUTCOME_WORDS: dict[str, str] = {
    "right": "right",
    "wrong": "wrong",
    "unparsed": "unparsed",
    "no_image": "no image",
    "refused": "refused",
    "error": "error",
    "missing": "missing",
    "unjudged": "not judged yet",
}
# Told apart without colour too.
OUTCOME_SIGNS: dict[str, str] = {
    "right": "✓",
    "wrong": "✗",
    "unparsed": "?",
    "no_image": "▢",
    "refused": "⊘",
    "error": "!",
    "missing": "–",
    "unjudged": "…",
}


@dataclass
class RunView:
    """One run, read whole except for its pictures."""

    key: str
    label: str
    folder: RunFolder
    scores: Scores
    predictions: dict[tuple[str, str], Prediction]
    replies: dict[tuple[str, str, str, str], Judgement]
    rows: dict[tuple[str, str], InstanceScore]
    diagnoses: list[diagnosis.Diagnosis]

    @property
    def manifest(self) -> Manifest:
        return self.folder.manifest

    @property
    def remarks(self) -> list[str]:
        return tables.remarks(self.scores)

    @property
    def headline(self) -> str:
        return headline.headline(self.scores)

    def graded(self, protocol: str) -> list[tuple[str, Cell]]:
        """The categories and axes that have graded figures beside their scores."""
        table = self.scores.protocols[protocol]
        cells: list[tuple[str, Cell]] = [*table.categories.items(), *table.axes.items()]
        return [(name, cell) for name, cell in cells if cell.atoms is not None]

    @property
    def outcome_counts(self) -> dict[str, dict[str, int]]:
        """Protocol to outcome to number, outcomes in a fixed order."""
        counted = {
            name: Counter(row.outcome for row in table.instances) for name, table in self.scores.protocols.items()
        }
        return {
            name: {kind: counts[kind] for kind in OUTCOME_WORDS if counts[kind]}  # type: ignore[index]
            for name, counts in counted.items()
        }


@dataclass(frozen=True)
class StepView:
    """One call: what went in (on demand) and what came out."""

    step: Step
    picture: Picture | None


@dataclass(frozen=True)
class Check:
    """One polling question: the stored answer, and the judge's with its own words."""

    question: str
    aspect: str | None
    stored: str | None
    answer: JudgeAnswer | None
    reply: str = ""
    p_yes: float | None = None
    members: Mapping[str, str] | None = None

    @property
    def passed(self) -> bool:
        return self.answer is not None and self.answer == self.stored


@dataclass(frozen=True)
class Attempt:
    """One run's answer to one instance under one protocol; `status` says in words why there is none."""

    run: RunView
    protocol: str
    status: str
    outcome: str | None = None
    choice: str | None = None
    response: str | None = None
    error: str | None = None
    refusal: str | None = None
    steps: list[StepView] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)

    @property
    def intermediates(self) -> int:
        """How many of its steps are not the last: what a perfect intermediate stands beside."""
        return max(0, len(self.steps) - 1)

    @property
    def label(self) -> str:
        return OUTCOME_WORDS[self.outcome] if self.outcome else self.status

    @property
    def kind(self) -> str:
        """The CSS class: the outcome, or `none`."""
        return self.outcome or "none"


@dataclass(frozen=True)
class Option:
    """One of four answers: whether it is right, and which protocols of which runs chose it."""

    letter: str
    text: str
    right: bool
    chosen: list[tuple[RunView, list[str]]]


@dataclass(frozen=True)
class InstanceView:
    """One instance with the attempts of every run, a row a run and a column a protocol."""

    instance: Instance
    image: Picture | None
    reference: Picture | None
    rows: list[tuple[RunView, list[Attempt]]]

    @property
    def options(self) -> list[Option]:
        return [
            Option(letter, text, letter == self.instance.answer, self._chosen_by(letter))
            for letter, text in zip(LETTERS, self.instance.option, strict=False)
        ]

    def _chosen_by(self, letter: str) -> list[tuple[RunView, list[str]]]:
        found = [(run, [one.protocol for one in line if one.choice == letter]) for run, line in self.rows]
        return [(run, names) for run, names in found if names]

    @property
    def texts(self) -> dict[str, str]:
        """Letter to option."""
        return {option.letter: option.text for option in self.options}

    @property
    def has_intermediates(self) -> bool:
        return any(one.intermediates for _, line in self.rows for one in line)

    @property
    def aspects(self) -> str:
        """What its questions test, for the page's filters."""
        return " ".join(dict.fromkeys(entry.aspect for entry in self.instance.question_list if entry.aspect))

    @property
    def outcomes(self) -> str:
        """`r0.direct:right r0.stepwise:wrong ...`, what the page's filters read."""
        return " ".join(f"{run.key}.{one.protocol}:{one.kind}" for run, line in self.rows for one in line)

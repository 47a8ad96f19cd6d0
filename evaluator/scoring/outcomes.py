"""What became of one instance: right, wrong, unparsed, or why there is nothing to score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from dataset_builder.instance import Instance
from evaluator.answers import parity as authors
from evaluator.answers import parse_choice
from evaluator.records import JudgeAnswer, Judgement, Prediction
from evaluator.runs.folder import RunFolder, image_digest
from evaluator.runs.pictures import open_image

Outcome = Literal["right", "wrong", "unparsed", "no_image", "refused", "error", "missing", "unjudged"]


# What counts: right, and what is worth nothing; the rest (`unjudged`) leaves the cell without a score.
COUNTED: frozenset[Outcome] = frozenset(("right", "wrong", "unparsed", "no_image", "refused", "error", "missing"))


class InstanceScore(BaseModel):
    """What became of one instance: the letter read (GEU), or the judge's answer to each question (UEG).

    Graded, in UEG: `atoms` is the share of its questions answered as stored, `product` the product of the
    probabilities that the judge gave the stored answers. Both are 0 without a picture and None while not judged.
    """

    model_config = ConfigDict(extra="forbid")

    id: str
    outcome: Outcome
    choice: str | None = None
    replies: list[JudgeAnswer | None] = Field(default_factory=list)
    atoms: float | None = None
    product: float | None = None


def score_geu(instance: Instance, prediction: Prediction | None, parity: bool) -> InstanceScore:
    outcome = _without_output(prediction)
    if outcome is None and prediction is not None:
        read = authors.parse_choice if parity else parse_choice
        choice = read(prediction.response or "", instance.option)
        right = choice is not None and choice == instance.answer
        return InstanceScore(
            id=instance.id, outcome="right" if right else "unparsed" if choice is None else "wrong", choice=choice
        )
    return InstanceScore(id=instance.id, outcome=outcome or "missing")


def score_ueg(
    folder: RunFolder,
    instance: Instance,
    prediction: Prediction | None,
    protocol: str,
    replies: Mapping[tuple[str, str, str, str], Judgement],
) -> InstanceScore:
    outcome = _without_output(prediction)
    if outcome is not None or prediction is None:
        return InstanceScore(id=instance.id, outcome=outcome or "missing", atoms=0.0, product=0.0)
    digest = image_digest(folder, prediction)
    if digest is None:
        return InstanceScore(id=instance.id, outcome="no_image", atoms=0.0, product=0.0)
    lines = [replies.get((instance.id, protocol, entry.question, digest)) for entry in instance.question_list]
    answers = [None if line is None else line.answer for line in lines]
    stored = [entry.answer for entry in instance.question_list]
    if any(answer is None or answer == "error" for answer in answers):
        # Nobody asked, or the judge failed: unless there was nothing to look at, that is not for us to fill in.
        if open_image(folder.path / str(prediction.image)) is not None:
            return InstanceScore(id=instance.id, outcome="unjudged", replies=answers)
        return InstanceScore(id=instance.id, outcome="no_image", replies=answers, atoms=0.0, product=0.0)
    agreed = sum(answer == right for answer, right in zip(answers, stored, strict=True))
    wrong = any(answer not in (right, "unparsed") for answer, right in zip(answers, stored, strict=True))
    return InstanceScore(
        id=instance.id,
        outcome="right" if agreed == len(stored) else "wrong" if wrong else "unparsed",
        replies=answers,
        atoms=agreed / len(stored),
        product=_product([None if line is None else line.p_yes for line in lines], stored),
    )


def _product(p_yes: Sequence[float | None], stored: Sequence[str | None]) -> float | None:
    """How probable the judge held all stored answers together, each question by itself; None where it did not say."""
    found = 1.0
    for p, answer in zip(p_yes, stored, strict=True):
        if p is None:
            return None
        found *= p if answer == "yes" else 1 - p
    return found


def question_outcomes(instance: Instance, row: InstanceScore) -> list[Outcome]:
    """What became of each of an instance's questions; that of the instance where there was nothing to ask about."""
    if not row.replies or row.outcome == "no_image":
        return [row.outcome] * len(instance.question_list)
    return [
        _question_outcome(entry.answer, answer)
        for entry, answer in zip(instance.question_list, row.replies, strict=True)
    ]


def _question_outcome(stored: str | None, answer: JudgeAnswer | None) -> Outcome:
    if answer is None or answer == "error":
        return "unjudged"
    return "right" if answer == stored else "unparsed" if answer == "unparsed" else "wrong"


def _without_output(prediction: Prediction | None) -> Outcome | None:
    if prediction is None:
        return "missing"
    if prediction.error is not None:
        return "error"
    return "refused" if prediction.refusal is not None else None

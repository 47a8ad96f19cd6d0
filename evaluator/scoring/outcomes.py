"""What became of one instance: right, wrong, unparsed, or why there is nothing to score."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from dataset_builder.instance import Instance
from evaluator.answers import parity as authors
from evaluator.answers import parse_choice
from evaluator.records import JudgeAnswer, Prediction
from evaluator.runs.folder import RunFolder, image_digest
from evaluator.runs.pictures import open_image

Outcome = Literal["right", "wrong", "unparsed", "no_image", "refused", "error", "missing", "unjudged"]


# What counts: right, and what is worth nothing; the rest (`unjudged`) leaves the cell without a score.
COUNTED: frozenset[Outcome] = frozenset(("right", "wrong", "unparsed", "no_image", "refused", "error", "missing"))


class InstanceScore(BaseModel):
    """What became of one instance: the letter read (GEU), or the judge's answer to each question (UEG)."""

    model_config = ConfigDict(extra="forbid")

    id: str
    outcome: Outcome
    choice: str | None = None
    replies: list[JudgeAnswer | None] = Field(default_factory=list)


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
    replies: Mapping[tuple[str, str, str, str], JudgeAnswer],
) -> InstanceScore:
    outcome = _without_output(prediction)
    if outcome is not None or prediction is None:
        return InstanceScore(id=instance.id, outcome=outcome or "missing")
    digest = image_digest(folder, prediction)
    if digest is None:
        return InstanceScore(id=instance.id, outcome="no_image")
    answers = [replies.get((instance.id, protocol, entry.question, digest)) for entry in instance.question_list]
    stored = [entry.answer for entry in instance.question_list]
    if any(answer is None or answer == "error" for answer in answers):
        # Nobody asked, or the judge failed: unless there was nothing to look at, that is not for us to fill in.
        decodes = open_image(folder.path / str(prediction.image)) is not None
        return InstanceScore(id=instance.id, outcome="unjudged" if decodes else "no_image", replies=answers)
    if answers == stored:
        return InstanceScore(id=instance.id, outcome="right", replies=answers)
    wrong = any(answer not in (right, "unparsed") for answer, right in zip(answers, stored, strict=True))
    return InstanceScore(id=instance.id, outcome="wrong" if wrong else "unparsed", replies=answers)


def _without_output(prediction: Prediction | None) -> Outcome | None:
    if prediction is None:
        return "missing"
    if prediction.error is not None:
        return "error"
    return "refused" if prediction.refusal is not None else None

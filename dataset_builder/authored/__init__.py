"""Hand-written instances: one JSONL a category, reviewable as text.

A line: `{"subtask", "subject", "prompt", "reference_prompt", "question_list": [{"question", "answer",
"aspect"}], "difficulty", "rationale"}`. `subject` is the thing that must be worked out; no two lines of a
category share one. The line's position gives its id, so lines are appended or mended, never reordered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dataset_builder.errors import RealUnifyError
from dataset_builder.instance import Difficulty, Instance, Question, ueg_instance

FOLDER = Path(__file__).parent


class AuthoredLine(BaseModel):
    """One line of a file as it is written by hand."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    subtask: str
    subject: str
    prompt: str = Field(min_length=10)
    reference_prompt: str = Field(min_length=10)
    question_list: list[Question] = Field(min_length=2, max_length=4)
    difficulty: Difficulty
    rationale: str = Field(min_length=10)


def read(task_type: str) -> list[AuthoredLine]:
    """Every line of the category's file; an error names file and line."""
    path = FOLDER / f"{task_type}.jsonl"
    lines = []
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            lines.append(AuthoredLine.model_validate_json(text))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise RealUnifyError(f"{path.name} line {number}: {where}: {first['msg']}; mend the line") from None
    return lines


def make(task_type: str, n: int) -> Iterator[Instance]:
    """The first `n` instances, taken in turn from the subtasks so that a small set shows all of them."""
    by_subtask: dict[str, list[tuple[int, AuthoredLine]]] = defaultdict(list)
    for number, line in enumerate(read(task_type), 1):
        by_subtask[line.subtask].append((number, line))
    queues = list(by_subtask.values())
    turns = max(map(len, queues), default=0)
    chosen = [queue[turn] for turn in range(turns) for queue in queues if turn < len(queue)][:n]
    for number, line in sorted(chosen, key=lambda pair: pair[0]):
        yield ueg_instance(
            task_type,
            number,
            subtask=line.subtask,
            prompt=line.prompt,
            question_list=line.question_list,
            reference_prompt=line.reference_prompt,
            difficulty=line.difficulty,
            rationale=line.rationale,
            metadata={"subject": line.subject},
            provenance="authored",
        )


__all__ = ["AuthoredLine", "make", "read"]

"""Hand-written instances: one `instances.jsonl` a category, reviewable as text.

A line is an `AuthoredLine`. `subject` is the thing that must be worked out; no two lines of a category share one.
`shallow` says what a model draws that did not reason; the foils ask for that. The difficulty follows from `facts`
and `default` by a rule that anybody would apply alike (`level_of`). The line's position gives its id, so lines are
appended or mended, never reordered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dataset_builder.errors import RealUnifyError
from dataset_builder.instance import Difficulty, Instance, Question, ueg_instance

Default = Literal["none", "weak", "strong"]
DEFAULTS: dict[Default, int] = {"none": 0, "weak": 1, "strong": 2}
Region = Literal[
    "europe", "east_asia", "southeast_asia", "south_asia", "arab_world", "iran_turkey_central_asia", "west_africa",
    "east_and_southern_africa", "north_america", "latin_america", "oceania", "worldwide",
]  # fmt: skip


class AuthoredLine(BaseModel):
    """One line of a file as it is written by hand.

    `facts` is how many pieces of knowledge or steps must be joined; `default` how strong the wrong picture is that
    suggests itself (none; some models draw it; nearly every model that does not reason draws it). `also_in` names
    the public sets that ask for the same entity or phenomenon.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    subtask: str
    subject: str
    region: Region | None = None
    prompt: str = Field(min_length=10)
    shallow: str = Field(min_length=10)
    reference_prompt: str = Field(min_length=10)
    question_list: list[Question] = Field(min_length=3, max_length=4)
    facts: int = Field(ge=1, le=3)
    default: Default
    also_in: list[str]
    rationale: str = Field(min_length=10)

    @property
    def difficulty(self) -> Difficulty:
        return level_of(self.facts, self.default)


def level_of(facts: int, default: Default) -> Difficulty:
    """Facts to join plus the strength of the wrong default (0, 1, 2): up to 2 easy, 3 medium, 4 and 5 hard.

    >>> level_of(2, "strong")
    'hard'
    """
    points = facts + DEFAULTS[default]
    return "easy" if points <= 2 else "medium" if points == 3 else "hard"


class Category:
    """An authored category: its file of lines, and what is made of them."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.path = folder / "instances.jsonl"

    def lines(self) -> list[AuthoredLine]:
        """Every line of the category's file; an error names file and line."""
        lines = []
        for number, text in enumerate(self.path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                lines.append(AuthoredLine.model_validate_json(text))
            except ValidationError as error:
                first = error.errors()[0]
                where = ".".join(str(part) for part in first["loc"])
                raise RealUnifyError(
                    f"{self.name}/{self.path.name} line {number}: {where}: {first['msg']}; mend the line"
                ) from None
        return lines

    def make(self, seed: int, n: int) -> Iterator[Instance]:
        """The first `n` instances, the same for every seed; subtasks in turn, so that a small set shows all of them."""
        by_subtask: dict[str, list[tuple[int, AuthoredLine]]] = defaultdict(list)
        for number, line in enumerate(self.lines(), 1):
            by_subtask[line.subtask].append((number, line))
        queues = list(by_subtask.values())
        turns = max(map(len, queues), default=0)
        chosen = [queue[turn] for turn in range(turns) for queue in queues if turn < len(queue)][:n]
        for number, line in sorted(chosen, key=lambda pair: pair[0]):
            yield self._instance(number, line)

    def solve(self, instance: Instance) -> list[str]:
        """The answers that the file gives; nobody but a reader can derive them a second time."""
        return [str(question.answer) for question in self.lines()[int(instance.id.rsplit("-", 1)[1]) - 1].question_list]

    def _instance(self, number: int, line: AuthoredLine) -> Instance:
        return ueg_instance(
            self.name,
            number,
            subtask=line.subtask,
            prompt=line.prompt,
            question_list=line.question_list,
            reference_prompt=line.reference_prompt,
            shallow=line.shallow,
            difficulty=line.difficulty,
            rationale=line.rationale,
            metadata={
                "subject": line.subject,
                "region": line.region,
                "facts": line.facts,
                "default": line.default,
                "work": line.facts + DEFAULTS[line.default],
                "also_in": line.also_in,
            },
            provenance="authored",
        )

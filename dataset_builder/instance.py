"""The record of one benchmark instance, and the parquet schema that follows from it.

One schema for all rows; field names are those of the authors' release where it has the field. A picture
is held *encoded* (PNG, WebP or JPEG bytes), so that a row is the same bytes on every machine.

    >>> instance = ueg_instance("world_knowledge", 1, subtask="food", prompt="...", ...)
    >>> instance.id
    'ueg-world_knowledge-0001'
"""

from __future__ import annotations

import hashlib
import io
import json
import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, NotRequired, Self, TypedDict, Unpack

from pydantic import BaseModel, ConfigDict, Field, model_validator

from dataset_builder import prompts
from dataset_builder.taxonomy import CATEGORIES, Axis

if TYPE_CHECKING:
    import datasets
    from PIL.Image import Image

Aspect = Literal["subject", "quantity", "attribute", "relation", "text", "physics", "phenomenon", "foil"]
Difficulty = Literal["easy", "medium", "hard"]
Provenance = Literal["authored", "procedural", "official"]
YesNo = Literal["yes", "no"]
Letter = Literal["A", "B", "C", "D"]
LETTERS: tuple[Letter, ...] = ("A", "B", "C", "D")

ImageColumn = Literal["image", "reference_image"]
IMAGE_COLUMNS: tuple[ImageColumn, ...] = ("image", "reference_image")
WITHHELD_COLUMNS = ("answer", "shallow", "reference_prompt", "reference_image", "rationale", "metadata")
"""What a dataset with withheld answers leaves out, beside the whole `question_list`, whose questions tell much."""
ADDED_COLUMNS = ("shallow",)
"""Columns that version 1 of the dataset lacks; where they are null a row has the digest that it had then."""


class Question(BaseModel):
    """A polling question for the judge; `aspect` is what it tests (null where the source has none)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: str = Field(min_length=1)
    answer: YesNo | None = None
    aspect: Aspect | None = None


class Instance(BaseModel):
    """One row of the dataset. Null answers mean *withheld*; the audit refuses them in a full dataset.

    `shallow` describes the picture of a model that did not reason, which fails at least one question.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    axis: Axis
    task_type: str
    subtask: str
    prompt: str | None = None
    new_prompt: str | None = None
    question_list: list[Question] = Field(default_factory=list)
    reference_prompt: str | None = None
    shallow: str | None = None
    image: bytes | None = Field(default=None, repr=False)
    question: str | None = None
    option: list[str] = Field(default_factory=list)
    answer: Letter | None = None
    evaluation_prompt: str | None = None
    edit_prompt: str | None = None
    reference_image: bytes | None = Field(default=None, repr=False)
    difficulty: Difficulty
    provenance: Provenance
    rationale: str | None = None
    metadata: str | None = None

    @model_validator(mode="after")
    def _axis_has_its_fields(self) -> Self:
        category = CATEGORIES.get(self.task_type)
        if category is None or category.axis != self.axis:
            raise ValueError(f"{self.id}: task_type '{self.task_type}' is not a category of axis '{self.axis}'")
        if self.axis == "ueg":
            needed: dict[str, object] = {
                "prompt": self.prompt,
                "new_prompt": self.new_prompt,
            }
        else:
            needed = {
                "question": self.question,
                "option": self.option,
                "evaluation_prompt": self.evaluation_prompt,
                "edit_prompt": self.edit_prompt,
            }
            if len(self.option) != 4:
                raise ValueError(f"{self.id}: option has {len(self.option)} entries, needs 4")
        missing = [name for name, value in needed.items() if not value]
        if missing:
            raise ValueError(f"{self.id}: {', '.join(missing)} missing or empty")
        return self

    @property
    def meta(self) -> dict[str, Any]:
        """`metadata` decoded; empty when withheld."""
        return dict(json.loads(self.metadata)) if self.metadata else {}

    def picture(self, column: ImageColumn = "image") -> Image:
        """The decoded RGB picture; raises ValueError where the row has none."""
        from PIL import Image

        data = getattr(self, column)
        if data is None:
            raise ValueError(f"{self.id} has no {column}")
        return Image.open(io.BytesIO(data)).convert("RGB")

    def digest(self) -> str:
        """sha256 (hex) of the row's content, pictures by their bytes; independent of the file format."""
        row = self.model_dump()
        for column in ADDED_COLUMNS:
            if row[column] is None:
                del row[column]
        for column in IMAGE_COLUMNS:
            if row[column] is not None:
                row[column] = hashlib.sha256(row[column]).hexdigest()
        return hashlib.sha256(json.dumps(row, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def instance_id(task_type: str, number: int) -> str:
    """`ueg-world_knowledge-0001`; numbers count from 1 within a category."""
    return f"{CATEGORIES[task_type].axis}-{task_type}-{number:04d}"


def instance_rng(seed: int, task_type: str, *key: object) -> random.Random:
    """The generator of everything random in one instance: a function of seed, category and key alone.

    Seeded by text (hashed with SHA-512 by the standard library), so it is the same on every machine and
    two instances never share a stream.
    """
    return random.Random("/".join(str(part) for part in ("realunify", seed, task_type, *key)))


class Common(TypedDict):
    """What an instance of either axis is made from."""

    subtask: str
    difficulty: Difficulty
    rationale: str
    metadata: dict[str, Any]
    provenance: NotRequired[Provenance]


class UegFields(Common):
    """What `ueg_instance` takes."""

    prompt: str
    question_list: Sequence[Question]
    reference_prompt: str
    shallow: NotRequired[str | None]


class GeuFields(Common):
    """What `geu_instance` takes; pictures come encoded."""

    image: bytes
    question: str
    option: Sequence[str]
    answer: Letter
    reference_image: bytes


def ueg_instance(task_type: str, number: int, **fields: Unpack[UegFields]) -> Instance:
    """A UEG instance with its protocol prompts filled in."""
    return Instance(
        **_common(task_type, number, fields),
        prompt=fields["prompt"],
        new_prompt=prompts.new_prompt(fields["prompt"]),
        question_list=list(fields["question_list"]),
        reference_prompt=fields["reference_prompt"],
        shallow=fields.get("shallow"),
    )


def geu_instance(task_type: str, number: int, **fields: Unpack[GeuFields]) -> Instance:
    """A GEU instance with its protocol prompts filled in."""
    return Instance(
        **_common(task_type, number, fields),
        image=fields["image"],
        question=fields["question"],
        option=list(fields["option"]),
        answer=fields["answer"],
        evaluation_prompt=prompts.evaluation_prompt(fields["question"], fields["option"]),
        edit_prompt=prompts.edit_prompt(task_type, fields["question"]),
        reference_image=fields["reference_image"],
    )


def _common(task_type: str, number: int, fields: Common) -> dict[str, Any]:
    return {
        "id": instance_id(task_type, number),
        "axis": CATEGORIES[task_type].axis,
        "task_type": task_type,
        "subtask": fields["subtask"],
        "difficulty": fields["difficulty"],
        "provenance": fields.get("provenance", "procedural"),
        "rationale": fields["rationale"],
        "metadata": json.dumps(fields["metadata"], sort_keys=True, ensure_ascii=False),
    }


def features() -> datasets.Features:
    """The `datasets.Features` of a row, derived from `Instance` (one schema for all configs)."""
    import datasets

    text = datasets.Value("string")
    question = {name: text for name in Question.model_fields}
    special: dict[str, Any] = {
        "image": datasets.Image(),
        "reference_image": datasets.Image(),
        "question_list": datasets.List(question),
        "option": datasets.List(text),
    }
    return datasets.Features({name: special.get(name, text) for name in Instance.model_fields})

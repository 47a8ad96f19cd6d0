"""What a bundle says of itself, and what a check of it finds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from evaluator.records import Capability, Prediction

SCHEMA_VERSION: Literal[1] = 1


class Card(BaseModel):
    """Who submits what; the part of `submission.json` that a person fills in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str = Field(min_length=1, max_length=100)
    organisation: str = Field(default="", max_length=100)
    url: str = Field(default="", max_length=300)
    licence: str = Field(default="", max_length=100)
    contact: str = Field(default="", max_length=200)

    @field_validator("url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if value and not value.startswith(("https://", "http://")):
            raise ValueError("must begin with https:// or http://")
        return value

    @field_validator("model", "organisation", "licence", "contact")
    @classmethod
    def _one_plain_line(cls, value: str) -> str:
        if not value.isprintable():
            raise ValueError("must be one line of printable characters")
        return value.strip()


class Submission(Card):
    """`submission.json`, whole."""

    schema_version: Literal[1] = SCHEMA_VERSION
    spec: str = Field(default="", max_length=300)
    revision: str = Field(default="unknown", max_length=200)
    capabilities: list[Capability]
    random_weights: bool = False
    dataset: str
    dataset_sha256: str
    protocols: list[str] = Field(min_length=1)
    seed: int = 0
    parameters: dict[str, Any] = Field(default_factory=dict)


@dataclass
class Validation:
    """What was found: `problems` make the bundle invalid, `notes` are told and counted."""

    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    submission: Submission | None = None
    predictions: list[Prediction] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.problems


def images_of(prediction: Prediction) -> set[str]:
    """Every picture that a prediction names, of its steps too."""
    paths = {step.image for step in prediction.steps if step.image}
    return paths | {prediction.image} if prediction.image else paths

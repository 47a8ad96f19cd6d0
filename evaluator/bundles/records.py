"""What a bundle says of itself, the predictions in it, and what a check of it finds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator

from evaluator.bundles import limits
from evaluator.protocols import PROTOCOLS
from evaluator.records import CAPABILITIES, Capability, Prediction, Step

SCHEMA_VERSION: Literal[1] = 1

_Item = TypeVar("_Item")


def _no_repeats(items: list[_Item]) -> list[_Item]:
    if len(set(items)) < len(items):
        raise ValueError("names one twice")
    return items


def leads_out(path: str) -> bool:
    """Whether a path may lead out of the folder that it is unpacked in, on any system."""
    parts = path.split("/")
    return parts[0] == "" or ".." in parts or "\\" in path or ":" in path


def path_fault(path: str) -> str | None:
    """Why no picture may lie at this path of a bundle, as the end of a sentence; None when one may."""
    if leads_out(path):
        return "leads out of the folder"
    parts = path.split("/")
    if parts[0] != "images" or len(parts) < 2 or {"", "."} & set(parts) or not path.isprintable():
        return "is no place for a picture; name it images/<id>/<protocol>/<step>.png"
    if len(path.encode()) > limits.MAX_PATH_BYTES:
        return f"is longer than {limits.MAX_PATH_BYTES} bytes"
    return None


def _picture_path(path: str) -> str:
    if fault := path_fault(path):
        raise ValueError(f"{path[: limits.MAX_PATH_BYTES]!r} {fault}")
    return path


# A JSON text holds no half surrogate pair, so nothing has to be made sound here.
_Name = Annotated[str, Field(max_length=limits.MAX_NAME)]
_Long = Annotated[str, Field(max_length=limits.MAX_TEXT)]
_Notes = Annotated[list[Annotated[str, Field(max_length=limits.MAX_NOTE)]], Field(max_length=limits.MAX_NOTES)]
_Whole = Annotated[int, Field(ge=-(2**63), lt=2**63)]
_Picture = Annotated[str, AfterValidator(_picture_path)]


class UploadedStep(Step):
    """A step as an upload may hold it: no field without an end."""

    name: _Name
    prompt: _Long
    text: _Long | None = None
    image: _Picture | None = None
    seed: _Whole = 0
    notes: _Notes = Field(default_factory=list)
    usage: dict[_Name, _Whole] = Field(default_factory=dict, max_length=limits.MAX_NOTES)


class UploadedPrediction(Prediction):
    """A prediction as an upload may hold it."""

    id: _Name
    protocol: _Name
    response: _Long | None = None
    image: _Picture | None = None
    # mypy: a list of steps cannot be narrowed, since one could append to it; these records are frozen.
    steps: list[UploadedStep] = Field(default_factory=list, max_length=limits.MAX_STEPS)  # type: ignore[assignment]
    error: _Long | None = None
    refusal: _Long | None = None
    image_sha256: _Name | None = None


class Card(BaseModel):
    """Who submits what; the part of `submission.json` that a person fills in."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

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
        return value


class Submission(Card):
    """`submission.json`, whole."""

    schema_version: Literal[1] = SCHEMA_VERSION
    spec: str = Field(default="", max_length=300)
    revision: str = Field(default="unknown", max_length=limits.MAX_NAME)
    capabilities: Annotated[list[Capability], Field(max_length=len(CAPABILITIES)), AfterValidator(_no_repeats)]
    random_weights: bool = False
    dataset: str = Field(max_length=limits.MAX_NAME)
    dataset_sha256: str = Field(max_length=limits.MAX_NAME)
    protocols: Annotated[list[str], Field(min_length=1, max_length=len(PROTOCOLS)), AfterValidator(_no_repeats)]
    seed: _Whole = 0
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


def faults(error: ValidationError, whole: str) -> list[str]:
    """What a record refused, a line each: `steps.0.prompt: Field required`; `whole` names the record itself."""
    every = error.errors(include_url=False, include_context=False, include_input=False)
    return [f"{'.'.join(map(str, each['loc'])) or whole}: {each['msg']}" for each in every]

"""The few nouns of an evaluation: Request, Step, Prediction, Judgement.

A prediction is one line of `predictions.jsonl`, a judgement one line of `judgements.jsonl`. Both are
append-only, so a record never changes once written.

    >>> Prediction(id="geu-mental_tracking-0001", protocol="direct", response="B").key
    ('geu-mental_tracking-0001', 'direct')
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

if TYPE_CHECKING:
    from PIL.Image import Image

Capability = Literal["answer", "generate", "edit"]
CAPABILITIES: tuple[Capability, ...] = ("answer", "generate", "edit")
JudgeAnswer = Literal["yes", "no", "unparsed", "error"]


def sound_text(text: Any) -> Any:
    """Text that can be written as UTF-8: half a surrogate pair, which some APIs cut out, becomes `?`."""
    return text.encode("utf-8", "replace").decode("utf-8") if isinstance(text, str) else text


def _known_number(value: Any) -> Any:
    """A probability that came out as no number (half precision overflows) is not known; JSON cannot hold it."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


# Text that comes from outside: a model's, a judge's, an error's.
Text = Annotated[str, BeforeValidator(sound_text)]


@dataclass
class Request:
    """One call to a model: text, with no image (text to image, or text only) or one and more.

    `seed` is always a seed, 0 too. `parameters` are the generation parameters in force (the model's
    defaults with the user's settings on top). An adapter tells what a reader must know by appending to
    `notes` ("prompt cut to 77 tokens") and by filling `usage` (tokens, as the provider counts them).
    """

    text: str
    images: tuple[Image, ...] = ()
    seed: int = 0
    parameters: Mapping[str, Any] = field(default_factory=dict)
    id: str = ""
    step: str = ""
    notes: list[str] = field(default_factory=list)
    usage: dict[str, int] = field(default_factory=dict)


class _Record(BaseModel):
    # Infinity and NaN are written as null, which is no number when the line is read back.
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Step(_Record):
    """One call as it happened. Exactly one of `text` and `image` (a path in the run folder) is set."""

    name: str
    prompt: Text
    text: Text | None = None
    image: str | None = None
    seed: int = 0
    seconds: float = 0.0
    notes: list[Text] = Field(default_factory=list)
    usage: dict[str, int] = Field(default_factory=dict)


class Prediction(_Record):
    """What a model made of one instance under one protocol.

    `response` is the last text of a GEU instance, `image` the last image of a UEG one. `error` is the
    traceback of a failure of the harness or the model's code; `refusal` is a provider's safety filter,
    which is the model's own answer and therefore no error.
    """

    id: str
    protocol: str
    response: Text | None = None
    image: str | None = None
    steps: list[Step] = Field(default_factory=list)
    error: Text | None = None
    refusal: Text | None = None
    image_sha256: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.id, self.protocol


class Judgement(_Record):
    """One judge's reply to one question about one image.

    `error` means that the judge failed, never the model. `members` holds the replies of a panel. `decoding`
    is what the judge was asked with, `served` the version that a provider says has answered.
    """

    id: str
    protocol: str
    question: str
    reply: Text
    answer: JudgeAnswer
    p_yes: Annotated[float | None, BeforeValidator(_known_number)] = None
    judge: str
    judge_revision: str
    image_sha256: str
    members: dict[str, JudgeAnswer] | None = None
    decoding: dict[str, Any] | None = None
    served: Text | None = None

    @property
    def key(self) -> tuple[str, str, str, str, str, str]:
        return self.id, self.protocol, self.question, self.judge, self.judge_revision, self.image_sha256

"""What comes from a worker's side, checked: its TOML file, and its lines.

Fields that this version does not know are refused in the file and passed over in a reply, so that a newer
`realunify_worker.py` still speaks to this side.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import tomllib
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from dataset_builder.errors import UsageError
from dataset_builder.files import sha256_file
from evaluator.records import Capability, Text

# Which GPU is where a run is computed; a key or a token is nobody's business.
_NOT_RECORDED = re.compile(r"CUDA_VISIBLE_DEVICES|.*(KEY|TOKEN|SECRET|PASSWORD)", re.IGNORECASE)


class WorkerFile(BaseModel):
    """The TOML file."""

    model_config = ConfigDict(extra="forbid")

    name: str
    command: list[str] = Field(min_length=1)
    # What it can do, for those who ask before it is started (--dry-run).
    capabilities: list[Capability] | None = Field(default=None, min_length=1)
    startup_seconds: float = Field(default=900, gt=0)
    request_seconds: float = Field(default=600, gt=0)
    max_restarts: int = Field(default=3, ge=0)
    environment: dict[str, str] = Field(default_factory=dict)
    notes: str = ""
    parameters: dict[str, Any] = Field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Self:
        """The checked file; a mistake is one line."""
        try:
            return cls.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
            reason = first_problem(error) if isinstance(error, ValidationError) else str(error)
            raise UsageError(f"{path}: {reason}") from None

    def facts(self, folder: Path) -> dict[str, str]:
        """What decides the model: the command, the environment's variables, and digests of this and the script."""
        facts = {name: value for name, value in self.environment.items() if not _NOT_RECORDED.fullmatch(name)}
        facts["worker"] = " ".join(self.command)
        facts["file"] = hashlib.sha256(self.model_dump_json().encode()).hexdigest()
        for word in self.command[1:]:
            # A word may be anything, code of `python -c` for one.
            with contextlib.suppress(OSError, ValueError):
                facts.setdefault("script", sha256_file(folder / word))
        return facts


class Ready(BaseModel):
    """The end of the handshake."""

    type: Literal["ready"]
    version: int
    capabilities: list[str]
    defaults: dict[str, Any] = Field(default_factory=dict)
    revision: str = "unknown"
    environment: dict[str, str] = Field(default_factory=dict)


class Output(BaseModel):
    """What became of one request: exactly one of text, image (a path), refusal and error."""

    text: Text | None = None
    image: str | None = None
    refusal: Text | None = None
    error: Text | None = None
    notes: list[Text] = Field(default_factory=list)
    usage: dict[str, int] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(value is not None for value in (self.text, self.image, self.refusal, self.error)) != 1:
            raise ValueError("not exactly one of text, image, refusal and error")
        return self


class Result(BaseModel):
    """The answer to a call of one request."""

    type: Literal["result"]
    id: int
    outputs: list[Output] = Field(min_length=1, max_length=1)


def first_problem(error: ValidationError) -> str:
    """Where and what, of the first of them."""
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"

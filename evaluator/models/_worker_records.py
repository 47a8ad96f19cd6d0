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

_LONGEST_REASON = 500


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
    # What people need to know before they install it, and the block that installs it (`setup.sh NAME` runs it).
    status: str = ""
    repository: str | None = None
    commit: str | None = Field(default=None, pattern="[0-9a-f]{7,40}")  # of the repository; checked against it
    python: str | None = None
    gpu_memory: str | None = None
    downloads: dict[str, str] = Field(default_factory=dict)
    install: str = ""
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
        if self.commit:
            facts["checked_commit"] = self.commit
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
    runtime: dict[str, str] = Field(default_factory=dict)

    def facts(self) -> dict[str, str]:
        """For the manifest: the model's own, and what ran it (`worker.torch`), which is not what runs the host."""
        return {**self.environment, **{f"worker.{name}": fact for name, fact in self.runtime.items()}}


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


# The line of a traceback that names the exception; its message may go on in the lines after it.
_EXCEPTION = re.compile(r"[A-Za-z_][\w.]*(?:Error|Exception|Exit|Interrupt|Refusal|Failure)\b(?::|$)")


def last_error(text: str) -> str:
    """The last exception that a log or a traceback names, with its whole message, or its last line; one line."""
    lines = [line.rstrip() for line in text.strip().splitlines()]
    for number in range(len(lines) - 1, -1, -1):
        if _EXCEPTION.match(lines[number]):
            return " ".join(" ".join(lines[number:]).split())[:_LONGEST_REASON]
    return lines[-1].strip()[:_LONGEST_REASON] if lines else ""

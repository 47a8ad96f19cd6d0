"""The manifest of a run: which model, dataset, protocols and libraries; everything needed to repeat it."""

from __future__ import annotations

import contextlib
import datetime
import platform
from importlib import metadata
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from evaluator.records import Capability

SCHEMA_VERSION = 1


_LIBRARIES = ("realunify", "torch", "transformers", "diffusers", "accelerate", "pillow", "google-genai", "openai")


# Where and with what a run was computed may change between its sessions; what was computed may not. These are
# the last words of a fact's name: a pair's are `generates.gpu` and the like.
_NOT_IDENTITY = ("device", "gpu", "torch", "python", "file")


# Of a model that is only declared, these are not known yet.
_KNOWN_WHEN_LOADED = ("revision", "environment ")


class ModelInfo(BaseModel):
    """Which model, exactly."""

    model_config = ConfigDict(extra="forbid")

    spec: str
    name: str
    revision: str = "unknown"
    capabilities: list[Capability]
    parameters: dict[str, Any] = Field(default_factory=dict)
    random_weights: bool = False
    environment: dict[str, str] = Field(default_factory=dict)


class DatasetRef(BaseModel):
    """Which dataset: `content_sha256` identifies it, `path` is only where it was found."""

    model_config = ConfigDict(extra="forbid")

    id: str
    content_sha256: str
    instances: int
    path: str | None = None


class Session(BaseModel):
    """One stretch of work on a run, by one process."""

    model_config = ConfigDict(extra="forbid")

    shard: str | None = None
    started: str
    finished: str
    predictions: int
    errors: int = 0


class Manifest(BaseModel):
    """Everything needed to repeat the run."""

    model_config = ConfigDict(extra="forbid")

    schema_version: int = SCHEMA_VERSION
    model: ModelInfo
    dataset: DatasetRef
    protocols: list[str]
    seed: int = 0
    limit_per_category: int | None = None
    created: str
    versions: dict[str, str] = Field(default_factory=dict)
    sessions: list[Session] = Field(default_factory=list)
    # How replies were read for scores.json: `strict` (evaluator.answers), or `authors` (evaluator.answers.parity).
    parsing: Literal["strict", "authors"] = "strict"
    imported_from: list[str] = Field(default_factory=list)
    notes: list[str] = Field(default_factory=list)

    def differences(self, other: Manifest, *, loaded: bool = True) -> list[str]:
        """What makes `other` another run than this one: a line `what: here -> there` each.

        Not `loaded` compares only what is known of a model that is declared.
        """
        mine, theirs = self._identity(), other._identity()
        keys = mine | theirs
        if not loaded:
            keys = {key: 0 for key in mine if key in theirs and not key.startswith(_KNOWN_WHEN_LOADED)}
        return [f"{key}: {mine.get(key)!r} there, {theirs.get(key)!r} asked" for key in sorted(keys)
                if mine.get(key) != theirs.get(key)]  # fmt: skip

    def _identity(self) -> dict[str, Any]:
        return {
            "model": self.model.spec,
            "revision": self.model.revision,
            "dataset": f"{self.dataset.id} ({self.dataset.content_sha256[:12]})",
            "seed": self.seed,
            **{
                f"environment {name}": value
                for name, value in self.model.environment.items()
                if name.rpartition(".")[2] not in _NOT_IDENTITY
            },
            **{f"parameter {key}": value for key, value in self.model.parameters.items()},
        }


def now() -> str:
    """UTC, to the second, ISO 8601."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def versions() -> dict[str, str]:
    """The installed versions of what can change a result; reads metadata, imports nothing."""
    found = {"python": platform.python_version()}
    for name in _LIBRARIES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found

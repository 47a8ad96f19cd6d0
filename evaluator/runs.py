"""The run folder: manifest, predictions, images, judgements; append-only, resumable, in shards.

RUN/manifest.json            what was run (a resume with anything else is refused)
RUN/predictions[-I-of-N].jsonl
RUN/images/<id>/<protocol>/<step>.png
RUN/judgements[-I-of-N].jsonl
RUN/scores.json
"""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import io
import platform
from collections import Counter
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any, Literal, Self

from PIL import Image
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dataset_builder.errors import ProblemsError, RealUnifyError, UsageError
from dataset_builder.files import write_atomic
from evaluator.lines import read_lines, writing
from evaluator.records import Capability, Judgement, Prediction

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
    # How replies were read for scores.json: `strict` (evaluator.answers), or `authors` (evaluator.parity).
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


class RunFolder:
    """A run on disk. `create` starts one or takes an equal one up again; `open` reads one."""

    def __init__(self, path: Path, manifest: Manifest) -> None:
        self.path = path
        self.manifest = manifest

    @classmethod
    def open(cls, path: str | Path) -> Self:
        path = Path(path)
        file = path / "manifest.json"
        if not file.is_file():
            raise UsageError(f"{path} is not a run folder: no manifest.json; make one with: realunify run -o {path}")
        try:
            return cls(path, Manifest.model_validate_json(file.read_bytes()))
        except ValidationError as error:
            first = error.errors()[0]
            raise RealUnifyError(f"{file}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None

    @classmethod
    def create(cls, path: str | Path, manifest: Manifest) -> Self:
        """Start a run, or resume it; a resume with another model, dataset, seed or parameters is refused."""
        path = Path(path)
        cls.found(path, manifest)
        run = cls(path, manifest)
        with writing(path):
            path.mkdir(parents=True, exist_ok=True)
            with run.locked():
                # Once more: another shard may have begun it in between.
                if (there := cls.found(path, manifest)) is not None:
                    old = there.manifest
                    old.protocols = list(dict.fromkeys([*old.protocols, *manifest.protocols]))
                    old.dataset.path = manifest.dataset.path
                    old.limit_per_category = _wider(old.limit_per_category, manifest.limit_per_category)
                    run.manifest = old
                run._write()
        return run

    @classmethod
    def found(cls, path: str | Path, manifest: Manifest, *, loaded: bool = True) -> Self | None:
        """The run at `path` that `manifest` would go on with; None where none has begun. Writes nothing.

        Anything else there is refused: a file, a folder of other things, another run (`loaded` as in
        `Manifest.differences`).
        """
        path = Path(path)
        with writing(path):
            if (path / "manifest.json").exists():
                run = cls.open(path)
                if differences := run.manifest.differences(manifest, loaded=loaded):
                    raise ProblemsError(
                        f"{path} holds another run; give another folder with -o, or repeat it as it was:", differences
                    )
                return run
            if path.exists() and not path.is_dir():
                raise UsageError(f"output folder {path} is a file; give another with -o")
            if path.is_dir() and any(path.iterdir()) and not (path / ".lock").exists():
                raise UsageError(f"output folder {path} is not empty and not a run; give another with -o")
        return None

    def add_session(self, session: Session) -> None:
        """Record a stretch of work; other shards may be doing the same."""
        with self.locked():
            self.manifest = RunFolder.open(self.path).manifest
            self.manifest.sessions.append(session)
            self._write()

    def set_parsing(self, parsing: Literal["strict", "authors"]) -> None:
        """Name in the manifest how the replies were read for `scores.json`."""
        if self.manifest.parsing != parsing:
            with self.locked():
                self.manifest = RunFolder.open(self.path).manifest
                self.manifest.parsing = parsing
                self._write()

    def _write(self) -> None:
        with writing(self.path):
            write_atomic(self.path / "manifest.json", self.manifest.model_dump_json(indent=1) + "\n")

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Exclude other processes while the manifest changes."""
        with writing(self.path):
            handle = (self.path / ".lock").open("w")
        with handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def predictions(self) -> Iterator[Prediction]:
        """Every prediction line of every shard, in file order, superseded errors included."""
        for file in self.files("predictions"):
            yield from read_lines(file, Prediction)

    def judgements(self) -> Iterator[Judgement]:
        for file in self.files("judgements"):
            yield from read_lines(file, Judgement)

    def files(self, kind: str) -> list[Path]:
        """`predictions.jsonl` and its shards, or those of the judgements."""
        return sorted([*self.path.glob(f"{kind}.jsonl"), *self.path.glob(f"{kind}-*-of-*.jsonl")])

    def latest(self) -> dict[tuple[str, str], Prediction]:
        """One prediction for each instance and protocol: a retry takes the place of an error.

        Two answers for one instance are an error, never a choice.
        """
        found: dict[tuple[str, str], Prediction] = {}
        twice: Counter[tuple[str, str]] = Counter()
        for prediction in self.predictions():
            old = found.get(prediction.key)
            if old is not None and old.error is None and prediction.error is None:
                twice[prediction.key] += 1
            elif old is None or prediction.error is None:
                found[prediction.key] = prediction
        if twice:
            raise ProblemsError(
                f"{self.path}: two predictions for one instance; delete all but one line of each:",
                [f"{key[0]} ({key[1]})" for key in twice],
            )
        return found

    def image_path(self, instance: str, protocol: str, step: str) -> str:
        """Where a step's picture goes, relative to the run folder."""
        return f"images/{instance}/{protocol}/{step}.png"

    def shard_file(self, kind: str, shard: tuple[int, int] | None) -> Path:
        name = f"{kind}.jsonl" if shard is None else f"{kind}-{shard[0]}-of-{shard[1]}.jsonl"
        return self.path / name


def _wider(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else max(one, other)


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


def encode_png(image: Image.Image) -> bytes:
    """RGB PNG bytes, compressed lightly: pictures of models are many, and zlib's last per cent is slow."""
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def open_image(path: Path | io.BytesIO) -> Image.Image | None:
    """The decoded RGB picture, or None when the file is missing or cannot be decoded."""
    try:
        with Image.open(path) as image:
            image.load()
            return image.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None

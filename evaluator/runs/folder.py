"""The run folder: manifest, predictions, images, judgements; append-only, resumable, in shards.

RUN/manifest.json            what was run (a resume with anything else is refused)
RUN/predictions[-I-of-N].jsonl
RUN/images/<id>/<protocol>/<step>.png
RUN/judgements[-I-of-N].jsonl
RUN/scores.json
"""

from __future__ import annotations

import contextlib
import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, Self

from pydantic import ValidationError

from dataset_builder.errors import ProblemsError, RealUnifyError, UsageError
from dataset_builder.files import file_lock, write_atomic
from dataset_builder.folder import Dataset
from evaluator.records import Judgement, Prediction
from evaluator.runs.lines import read_lines, writing
from evaluator.runs.manifest import Manifest, Session


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
            held = file_lock(self.path / ".lock").acquire()
        with held:
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


def open_dataset(folder: RunFolder, dataset: str | Path | Dataset | None = None) -> Dataset:
    """The dataset of a run, from its manifest or as given; refused when it is not the one that was run."""
    wanted = folder.manifest.dataset
    if isinstance(dataset, Dataset):
        data = dataset
    else:
        place = dataset or wanted.path
        if place is None or (dataset is None and not Path(place).is_dir()):
            raise UsageError(
                f"the dataset of {folder.path} ({wanted.id}) is not at {place}; give it with --dataset DIR"
            )
        data = Dataset.open(place)
    if data.content_sha256 != wanted.content_sha256:
        raise UsageError(
            f"{data.path} is not the dataset of {folder.path}: its content is {data.content_sha256[:12]} ({data.id}), "
            f"the run used {wanted.content_sha256[:12]} ({wanted.id}); give that one with --dataset DIR"
        )
    return data


def image_digest(folder: RunFolder, prediction: Prediction) -> str | None:
    """sha256 of the prediction's image file; None when it has none. The line's own digest saves a read."""
    if prediction.image is None:
        return None
    if prediction.image_sha256 is not None:
        return prediction.image_sha256
    path = folder.path / prediction.image
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None

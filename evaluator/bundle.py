"""Upload bundles: `pack` a run, `validate` a bundle with *all* its problems at once, `unpack` it as a run.

A bundle is a zip of `submission.json`, `predictions.jsonl` and `images/`. Nothing in it is trusted: scores
are never read from it, digests are computed again, and a bundle with a problem leaves nothing behind.
The leaderboard validates with this same code.

    >>> pack("runs/janus", "janus.zip", Card(model="Janus-Pro-7B", organisation="DeepSeek", licence="MIT"))
    >>> validate("janus.zip", "realunify").problems
    []
"""

from __future__ import annotations

import hashlib
import io
import itertools
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from PIL import Image, UnidentifiedImageError
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from dataset_builder.errors import ProblemsError, UsageError
from dataset_builder.files import folder_replaced, write_atomic
from dataset_builder.folder import Dataset
from dataset_builder.taxonomy import Axis
from evaluator import protocols
from evaluator.records import Capability, Prediction
from evaluator.runs import DatasetRef, Manifest, ModelInfo, RunFolder, now

SCHEMA_VERSION: Literal[1] = 1
MAX_FILES = 20_000
MAX_FILE_BYTES = 32 * 2**20
MAX_TOTAL_BYTES = 8 * 2**30
MAX_PIXELS = 4096 * 4096
MAX_TEXT = 20_000
MAX_LINE_BYTES = 4 * 2**20
_SHOWN_PER_KIND = 20


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


def pack(run: str | Path, out: str | Path, card: Card | None = None, *, intermediates: bool = True) -> Path:
    """Zip a run for upload; the same run gives the same bytes.

    Without `intermediates` only the scored images go in (smaller, less to look at).

    Raises UsageError for a run on a subset, since its scores would not be comparable.
    """
    folder = RunFolder.open(run)
    manifest = folder.manifest
    if manifest.limit_per_category is not None:
        raise UsageError(
            f"{folder.path} ran {manifest.limit_per_category} instances a category; a submission needs all: "
            "run again without --limit-per-category"
        )
    card = card or Card(model=manifest.model.name)
    submission = Submission(
        **card.model_dump(),
        spec=manifest.model.spec,
        revision=manifest.model.revision,
        capabilities=manifest.model.capabilities,
        random_weights=manifest.model.random_weights,
        dataset=manifest.dataset.id,
        dataset_sha256=manifest.dataset.content_sha256,
        protocols=manifest.protocols,
        seed=manifest.seed,
        parameters=manifest.model.parameters,
    )
    out = Path(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    temporary = out.with_name(f".{out.name}.tmp")
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as bundle:
            _put(bundle, "submission.json", (submission.model_dump_json(indent=1) + "\n").encode())
            lines = []
            for prediction in folder.latest().values():
                kept = _without_trace(prediction if intermediates else _without_intermediates(prediction))
                lines.append(kept.model_dump_json())
                for path in sorted(_images(kept)):
                    if (folder.path / path).is_file():
                        _put(bundle, path, (folder.path / path).read_bytes())
            _put(bundle, "predictions.jsonl", ("\n".join(lines) + "\n").encode(), zipfile.ZIP_DEFLATED)
        temporary.replace(out)
    finally:
        temporary.unlink(missing_ok=True)
    return out


def _put(bundle: zipfile.ZipFile, name: str, data: bytes, how: int = zipfile.ZIP_STORED) -> None:
    """Without a time, so that the same run is the same file and a second upload of it is known for one."""
    entry = zipfile.ZipInfo(name)
    entry.external_attr = 0o644 << 16
    bundle.writestr(entry, data, how)


def _without_intermediates(prediction: Prediction) -> Prediction:
    steps = [step for step in prediction.steps if step.image is None or step.image == prediction.image]
    return prediction.model_copy(update={"steps": steps})


def _without_trace(prediction: Prediction) -> Prediction:
    """A traceback shows the submitter's folders; its last line is what concerns others."""
    if not prediction.error:
        return prediction
    return prediction.model_copy(update={"error": (prediction.error.strip() or "error").splitlines()[-1]})


def _images(prediction: Prediction) -> set[str]:
    paths = {step.image for step in prediction.steps if step.image}
    return paths | {prediction.image} if prediction.image else paths


def validate(file: str | Path, dataset: str | Path | Dataset) -> Validation:
    """Every problem of a bundle at once; nothing is written. Opens the dataset for its ids."""
    data = dataset if isinstance(dataset, Dataset) else Dataset.open(dataset)
    found = Validation()
    path = Path(file)
    if not path.is_file():
        raise UsageError(f"no bundle at {path}; make one with: realunify pack RUN -o {path.name}")
    if not zipfile.is_zipfile(path):
        found.problems.append(f"{path.name} is not a zip file; make one with: realunify pack RUN -o FILE.zip")
        return found
    try:
        with zipfile.ZipFile(path) as bundle:
            names = _check_entries(bundle, found)
            _check_submission(bundle, names, data, found)
            _check_predictions(bundle, names, data, found)
            _check_images(bundle, names, found)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        found.problems.append(f"the zip is damaged: {error}; pack it again")
    return found


def _check_entries(bundle: zipfile.ZipFile, found: Validation) -> dict[str, zipfile.ZipInfo]:
    """The entries that may be read: inside the folder, of a known kind, within the limits."""
    entries = [entry for entry in bundle.infolist() if not entry.is_dir()]
    problems = _Listing(found)
    if len(entries) > MAX_FILES:
        found.problems.append(f"the zip holds {len(entries)} files, more than {MAX_FILES}")
    total = sum(entry.file_size for entry in entries)
    if total > MAX_TOTAL_BYTES:
        found.problems.append(f"the zip unpacks to {total / 2**30:.1f} GiB, more than {MAX_TOTAL_BYTES // 2**30}")
    good: dict[str, zipfile.ZipInfo] = {}
    for entry in entries:
        name = entry.filename
        place = PurePosixPath(name)
        if place.is_absolute() or ".." in place.parts or "\\" in name or ":" in name:
            problems.add("path", f"{name!r} leads out of the folder")
        elif (entry.external_attr >> 16) & 0o170000 == 0o120000:
            problems.add("link", f"{name} is a link")
        elif entry.flag_bits & 1:
            problems.add("encrypted", f"{name} is encrypted")
        elif entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            problems.add("method", f"{name} is compressed in an unusual way; store or deflate it")
        elif name in good:
            problems.add("entry", f"{name} is in the zip twice")
        elif entry.file_size > MAX_FILE_BYTES and not name.endswith(".jsonl"):
            problems.add("size", f"{name} has {entry.file_size / 2**20:.0f} MiB, more than {MAX_FILE_BYTES // 2**20}")
        elif name not in ("submission.json", "predictions.jsonl") and place.parts[0] != "images":
            problems.add("stray", f"{name} does not belong in a bundle (submission.json, predictions.jsonl, images/)")
        else:
            good[name] = entry
    for needed in ("submission.json", "predictions.jsonl"):
        if needed not in good:
            found.problems.append(f"{needed} is missing")
    problems.close()
    return good if total <= MAX_TOTAL_BYTES and len(entries) <= MAX_FILES else {}


def _check_submission(
    bundle: zipfile.ZipFile, names: dict[str, zipfile.ZipInfo], data: Dataset, found: Validation
) -> None:
    if "submission.json" not in names:
        return
    try:
        submission = Submission.model_validate_json(bundle.read("submission.json"))
    except ValidationError as error:
        found.problems += [
            f"submission.json: {'.'.join(map(str, each['loc'])) or 'file'}: {each['msg']}" for each in error.errors()
        ]
        return
    if submission.dataset_sha256 != data.content_sha256:
        found.problems.append(
            f"submission.json: made on dataset {submission.dataset} ({submission.dataset_sha256[:12]}), "
            f"not on {data.id} ({data.content_sha256[:12]}); run the model on that one"
        )
    for name in submission.protocols:
        if name not in protocols.PROTOCOLS:
            found.problems.append(f"submission.json: unknown protocol '{name}' ({', '.join(protocols.PROTOCOLS)})")
    found.submission = submission


def _check_predictions(
    bundle: zipfile.ZipFile, names: dict[str, zipfile.ZipInfo], data: Dataset, found: Validation
) -> None:
    if "predictions.jsonl" not in names:
        return
    axes: dict[str, Axis] = {instance.id: instance.axis for instance in data.instances()}
    declared = set(found.submission.protocols) if found.submission else set(protocols.PROTOCOLS)
    seen: Counter[tuple[str, str]] = Counter()
    problems = _Listing(found)
    for number, line in _lines(bundle):
        where = f"predictions.jsonl line {number}"
        if line is None:
            problems.add("long", f"{where}: longer than {MAX_LINE_BYTES:,} bytes; the rest was not read")
            break
        try:
            prediction = Prediction.model_validate_json(line)
        except ValidationError as error:
            first = error.errors()[0]
            problems.add("line", f"{where}: {'.'.join(map(str, first['loc'])) or 'line'}: {first['msg']}")
            continue
        seen[prediction.key] += 1
        if prediction.id not in axes:
            problems.add("id", f"{where}: unknown id '{prediction.id}'")
        elif prediction.protocol not in declared:
            problems.add("protocol", f"{where}: protocol '{prediction.protocol}' is not declared in submission.json")
        elif seen[prediction.key] == 2:
            problems.add("twice", f"{where}: a second answer for {prediction.id} ({prediction.protocol})")
        elif seen[prediction.key] == 1:
            found.predictions.append(prediction)
            for path in sorted(_images(prediction) - names.keys()):
                problems.add("image", f"{where}: image {path!r} is not in the zip")
            if len(prediction.response or "") > MAX_TEXT:
                problems.add("long", f"{where}: a response of {len(prediction.response or '')} characters")
    problems.close()
    _note_missing(axes, found)


def _lines(bundle: zipfile.ZipFile) -> Iterator[tuple[int, bytes | None]]:
    """Line number and line; None, and an end, at a line that is longer than may be held in memory."""
    with bundle.open("predictions.jsonl") as file:
        for number in itertools.count(1):
            line = file.readline(MAX_LINE_BYTES + 1)
            if not line:
                return
            if len(line) > MAX_LINE_BYTES:
                yield number, None
                return
            if line.strip():
                yield number, line


def _note_missing(axes: dict[str, Axis], found: Validation) -> None:
    """What has no prediction counts as wrong, so the submitter is told before it does."""
    if found.submission is None:
        return
    have = {prediction.key for prediction in found.predictions}
    for name in found.submission.protocols:
        if name not in protocols.PROTOCOLS:
            continue
        expected = [i for i, axis in axes.items() if protocols.supported(name, axis, found.submission.capabilities)]
        missing = [i for i in expected if (i, name) not in have]
        if missing:
            found.notes.append(
                f"{name}: {len(missing)} of {len(expected)} instances have no prediction and count as wrong "
                f"(the first: {missing[0]})"
            )


def _check_images(bundle: zipfile.ZipFile, names: dict[str, zipfile.ZipInfo], found: Validation) -> None:
    problems = _Listing(found)
    used = {path for prediction in found.predictions for path in _images(prediction)}
    for name in sorted(names.keys() - {"submission.json", "predictions.jsonl"}):
        if name not in used:
            problems.add("unused", f"{name} belongs to no prediction")
            continue
        reason = undecodable(bundle.read(name))
        if reason:
            problems.add("undecodable", f"{name} cannot be decoded: {reason}")
    problems.close()


def undecodable(data: bytes) -> str | None:
    """Why these bytes are no usable picture; None when they are. Size is checked before decoding."""
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as image:
            if image.width * image.height > MAX_PIXELS:
                return f"{image.width} x {image.height} pixels are too many (at most {MAX_PIXELS:,})"
            image.load()
    except UnidentifiedImageError:
        return "it is no PNG, JPEG or WebP picture"
    except Exception as error:  # Pillow raises many kinds on hostile data; each means the same here
        return str(error).split("\n")[0][:120] or type(error).__name__
    return None


class _Listing:
    """Problems by kind: the first twenty of each are told whole, the rest by their number."""

    def __init__(self, found: Validation) -> None:
        self._found = found
        self._counts: Counter[str] = Counter()

    def add(self, kind: str, line: str) -> None:
        self._counts[kind] += 1
        if self._counts[kind] <= _SHOWN_PER_KIND:
            self._found.problems.append(line)

    def close(self) -> None:
        for kind, count in self._counts.items():
            if count > _SHOWN_PER_KIND:
                self._found.problems.append(f"... and {count - _SHOWN_PER_KIND} more of this kind ({kind})")


def unpack(file: str | Path, out: str | Path, dataset: str | Path | Dataset) -> RunFolder:
    """Validate a bundle and lay it out as a run folder, atomically; ProblemsError lists all problems."""
    data = dataset if isinstance(dataset, Dataset) else Dataset.open(dataset)
    found = validate(file, data)
    if not found.ok or found.submission is None:
        raise ProblemsError(f"{Path(file).name} is not a valid bundle; nothing was stored:", found.problems)
    submission = found.submission
    manifest = Manifest(
        model=ModelInfo(
            spec=submission.spec or submission.model,
            name=submission.model,
            revision=submission.revision,
            capabilities=submission.capabilities,
            parameters=submission.parameters,
            random_weights=submission.random_weights,
        ),
        dataset=DatasetRef(
            id=data.id,
            content_sha256=data.content_sha256,
            instances=data.info.instances,
            path=str(data.path.absolute()),
        ),
        protocols=submission.protocols,
        seed=submission.seed,
        created=now(),
    )
    with folder_replaced(Path(out)) as fresh, zipfile.ZipFile(file) as bundle:
        digests: dict[str, str] = {}
        for path in sorted({path for prediction in found.predictions for path in _images(prediction)}):
            content = bundle.read(path)
            digests[path] = hashlib.sha256(content).hexdigest()
            place = fresh / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        lines = [
            prediction.model_copy(
                update={"image_sha256": digests[prediction.image] if prediction.image else None}
            ).model_dump_json()
            for prediction in found.predictions
        ]
        write_atomic(fresh / "predictions.jsonl", "".join(line + "\n" for line in lines))
        write_atomic(fresh / "submission.json", submission.model_dump_json(indent=1) + "\n")
        write_atomic(fresh / "manifest.json", manifest.model_dump_json(indent=1) + "\n")
    return RunFolder.open(out)


def make_card(**fields: str) -> Card:
    """A card from a person's words; a bad one is refused in one line."""
    try:
        return Card(**fields)
    except ValidationError as error:
        first = error.errors()[0]
        raise UsageError(f"{first['loc'][0]}: {first['msg']}") from None

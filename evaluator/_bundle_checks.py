"""The checks of an upload bundle: each adds all that it finds to a `Validation` and goes on.

Limits first: nothing is decompressed or decoded before its size is known.
"""

from __future__ import annotations

import io
import itertools
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath

from PIL import Image, UnidentifiedImageError
from pydantic import ValidationError

from dataset_builder.folder import Dataset
from dataset_builder.taxonomy import Axis
from evaluator import protocols
from evaluator._bundle_records import Submission, Validation, images_of
from evaluator.records import Prediction

MAX_FILES = 20_000
MAX_FILE_BYTES = 32 * 2**20
MAX_TOTAL_BYTES = 8 * 2**30
MAX_PIXELS = 4096 * 4096
MAX_TEXT = 20_000
MAX_LINE_BYTES = 4 * 2**20
_SHOWN_PER_KIND = 20


def check_entries(bundle: zipfile.ZipFile, found: Validation) -> dict[str, zipfile.ZipInfo]:
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


def check_submission(
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


def check_predictions(
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
            for path in sorted(images_of(prediction) - names.keys()):
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


def check_images(bundle: zipfile.ZipFile, names: dict[str, zipfile.ZipInfo], found: Validation) -> None:
    problems = _Listing(found)
    used = {path for prediction in found.predictions for path in images_of(prediction)}
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

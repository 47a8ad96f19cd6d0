"""The checks of an upload bundle: each adds all that it finds to a `Validation` and goes on.

Limits first: nothing is decompressed, parsed or decoded before its size is known. What follows from a problem
that is told already (the pictures of a line that cannot be read) is not told as another.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import itertools
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from PIL import Image, UnidentifiedImageError
from pydantic import ValidationError
from pydantic_core import from_json

from dataset_builder.folder import Dataset
from dataset_builder.taxonomy import Axis
from evaluator import protocols
from evaluator.bundles import limits
from evaluator.bundles.records import (
    Submission,
    UploadedPrediction,
    Validation,
    faults,
    images_of,
    leads_out,
    path_fault,
)

# What `zipfile` raises on hostile data; a name that is not the UTF-8 that it claims is a ValueError.
UNREADABLE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, NotImplementedError, RuntimeError,
              ValueError, OverflowError)  # fmt: skip
_LARGEST = {"submission.json": limits.MAX_SUBMISSION_BYTES, "predictions.jsonl": limits.MAX_PREDICTIONS_BYTES}

Entries = dict[str, zipfile.ZipInfo]


class _ListFirst(io.BufferedReader):
    """A zip's file while `zipfile` reads the list of what is in it, which it does whole, however long it is."""

    listing = True

    def read(self, size: int | None = -1, /) -> bytes:
        if self.listing and size is not None and size > limits.MAX_LIST_BYTES:
            raise zipfile.BadZipFile(f"its list has {_size(size)}, more than {_size(limits.MAX_LIST_BYTES)}")
        return super().read(size)


@contextlib.contextmanager
def open_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    with _ListFirst(io.FileIO(path)) as file, zipfile.ZipFile(file) as bundle:
        file.listing = False
        yield bundle


def read_entry(bundle: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """An entry whole. Unlike `ZipFile.read` it never decompresses beyond the size that the entry states."""
    with bundle.open(entry) as file:
        return file.read(entry.file_size)


def check_entries(bundle: zipfile.ZipFile, found: Validation) -> Entries:
    """The entries that may be read: inside the folder, of a known kind, within the limits."""
    entries = bundle.infolist()
    problems = _Listing(found)
    if len(entries) > limits.MAX_FILES:
        problems.add("files", f"the zip holds {len(entries):,} files, more than {limits.MAX_FILES:,}")
        return {}
    total = sum(entry.file_size for entry in entries)
    if total > limits.MAX_TOTAL_BYTES:
        problems.add("total", f"the zip unpacks to {_size(total)}, more than {_size(limits.MAX_TOTAL_BYTES)}")
    good: Entries = {}
    for entry in entries:
        name = entry.filename
        if reason := _entry_fault(entry):
            problems.add(reason[0], reason[1])
        elif name in good:
            problems.add("entry", f"{name} is in the zip twice")
        elif not entry.is_dir():
            good[name] = entry
    for name in good:
        for parent in map(str, PurePosixPath(name).parents):
            if parent in good:
                problems.add("path", f"{name} cannot be unpacked: {parent} is a file of the zip too")
    for needed in _LARGEST:
        if needed not in good and not any(entry.filename == needed for entry in entries):
            problems.add("missing", f"{needed} is missing")
    problems.close()
    return good if total <= limits.MAX_TOTAL_BYTES else {}


def _entry_fault(entry: zipfile.ZipInfo) -> tuple[str, str] | None:
    """The kind of an entry's problem, and the line that tells it."""
    name = entry.filename
    if leads_out(name):
        return "path", f"{name!r} leads out of the folder"
    if entry.is_dir():
        return None
    if (entry.external_attr >> 16) & 0o170000 == 0o120000:
        return "link", f"{name} is a link"
    if entry.flag_bits & 1:
        return "encrypted", f"{name} is encrypted"
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "method", f"{name} is compressed in an unusual way; store or deflate it"
    if name not in _LARGEST and not name.startswith("images/"):
        return "stray", f"{name} does not belong in a bundle (submission.json, predictions.jsonl, images/)"
    if name not in _LARGEST and (fault := path_fault(name)):
        return "path", f"{name!r} {fault}"
    largest = _LARGEST.get(name, limits.MAX_PICTURE_BYTES)
    if entry.file_size > largest:
        return "size", f"{name} has {_size(entry.file_size)}, more than {_size(largest)}"
    return None


def check_submission(bundle: zipfile.ZipFile, names: Entries, data: Dataset, found: Validation) -> None:
    if "submission.json" not in names:
        return
    problems = _Listing(found)
    try:
        submission = Submission.model_validate_json(read_entry(bundle, names["submission.json"]))
    except ValidationError as error:
        for fault in faults(error, "file"):
            problems.add("submission.json", f"submission.json: {fault}")
        problems.close()
        return
    if submission.dataset_sha256 != data.content_sha256:
        problems.add(
            "dataset",
            f"submission.json: made on dataset {submission.dataset} ({submission.dataset_sha256[:12]}), "
            f"not on {data.id}, version {data.info.version} ({data.content_sha256[:12]}); run the model on that one",
        )
    for name in submission.protocols:
        if name not in protocols.PROTOCOLS:
            problems.add("protocols", f"submission.json: unknown protocol '{name}' ({', '.join(protocols.PROTOCOLS)})")
    found.submission = submission


def check_predictions(
    bundle: zipfile.ZipFile, names: Entries, axes: dict[str, Axis], found: Validation
) -> set[str] | None:
    """Every picture that a line names, sound or not; None when some line could not be read at all."""
    if "predictions.jsonl" not in names:
        return None
    declared = set(found.submission.protocols) if found.submission else set(protocols.PROTOCOLS)
    entries = set(bundle.namelist())
    seen: Counter[tuple[str, str]] = Counter()
    pictures: set[str] = set()
    legible, faulty = True, 0
    problems = _Listing(found)
    for where, text in _lines(bundle, names["predictions.jsonl"]):
        if isinstance(text, str):
            problems.add("long", f"{where}: {text}; the rest was not read")
            legible = False
            break
        line = _read(text)
        legible &= line.legible
        pictures |= line.pictures
        for fault in line.faults:
            problems.add("line", f"{where}: {fault}")
        faulty += len(text) if line.faults else 0
        if faulty > limits.MAX_FAULTY_BYTES:
            problems.add("long", f"{where}: too much is wrong up to here; the rest was not read")
            legible = False
            break
        axis = axes.get(line.id)
        if line.id and axis is None:
            problems.add("id", f"{where}: unknown id '{line.id}'")
        if line.protocol and line.protocol not in declared:
            problems.add("protocol", f"{where}: protocol '{line.protocol}' is not declared in submission.json")
        for path in sorted(line.pictures - entries):
            if path_fault(path) is None:
                problems.add("image", f"{where}: image {path!r} is not in the zip")
        seen[line.id, line.protocol] += bool(line.id and line.protocol)
        if seen[line.id, line.protocol] == 2 and axis:
            problems.add("twice", f"{where}: a second answer for {line.id} ({line.protocol})")
        elif line.prediction is not None and seen[line.id, line.protocol] == 1:
            if axis and (odd := _odd_steps(line.prediction, axis)):
                problems.add("steps", f"{where}: {odd}")
            found.predictions.append(line.prediction)
    problems.close()
    _note_missing(axes, seen, found)
    return pictures if legible else None


def _lines(bundle: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[tuple[str, bytes | str]]:
    """Where a line stands, and the line; in its stead the reason, and an end, where too much is to be read."""
    with bundle.open(entry) as file:
        for number in itertools.count(1):
            line = file.readline(limits.MAX_LINE_BYTES + 1)
            if not line:
                return
            where = f"predictions.jsonl line {number}"
            if len(line) > limits.MAX_LINE_BYTES:
                yield where, f"longer than {limits.MAX_LINE_BYTES:,} bytes"
                return
            if number > limits.MAX_LINES:
                yield where, f"more than {limits.MAX_LINES:,} lines"
                return
            if line.strip():
                yield where, line


@dataclass
class _Line:
    """A line as far as it can be read: what it names, and the prediction where nothing is wrong with it."""

    id: str = ""
    protocol: str = ""
    pictures: set[str] = field(default_factory=set)
    prediction: UploadedPrediction | None = None
    faults: list[str] = field(default_factory=list)
    legible: bool = True


def _read(line: bytes) -> _Line:
    try:
        prediction = UploadedPrediction.model_validate_json(line)
    except ValidationError as error:
        told = faults(error, "line")
        more = [f"... and {len(told) - limits.SHOWN_PER_LINE} more"] if len(told) > limits.SHOWN_PER_LINE else []
        found = _stated(line)
        found.faults = told[: limits.SHOWN_PER_LINE] + more
        return found
    return _Line(prediction.id, prediction.protocol, images_of(prediction), prediction)


def _stated(line: bytes) -> _Line:
    """What a line that is no prediction says of itself all the same."""
    try:
        content = from_json(line)
    except ValueError:
        return _Line(legible=False)
    if not isinstance(content, dict):
        return _Line()
    steps = content.get("steps")
    holders = [content, *(step for step in (steps if isinstance(steps, list) else ()) if isinstance(step, dict))]
    pictures = {_text(holder, "image") for holder in holders} - {""}
    return _Line(_text(content, "id"), _text(content, "protocol"), pictures)


def _text(content: dict[str, Any], name: str) -> str:
    value = content.get(name)
    return value if isinstance(value, str) else ""


def _odd_steps(prediction: UploadedPrediction, axis: Axis) -> str | None:
    """Why these are no steps of the prediction's protocol: each of its steps may be there once."""
    if prediction.protocol not in protocols.PROTOCOLS:
        return None
    own = [step.name for step in protocols.PROTOCOLS[prediction.protocol].steps[axis]]
    odd = Counter(step.name for step in prediction.steps) - Counter(own)
    if not odd:
        return None
    return f"step {', '.join(map(repr, odd))} is not one of {prediction.protocol} ({', '.join(own)}; each once)"


def _note_missing(axes: dict[str, Axis], have: Collection[tuple[str, str]], found: Validation) -> None:
    """What has no prediction counts as wrong, so the submitter is told before it does."""
    if found.submission is None:
        return
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


def check_images(bundle: zipfile.ZipFile, names: Entries, used: set[str] | None, found: Validation) -> None:
    """Every picture is decoded, equal ones once; `used` are those that some line names, None: not known."""
    problems = _Listing(found)
    looks: dict[bytes, _Look] = {}
    pixels = 0
    for name in sorted(names.keys() - _LARGEST.keys()):
        if used is not None and name not in used:
            problems.add("unused", f"{name} belongs to no prediction")
            continue
        try:
            data = read_entry(bundle, names[name])
        except UNREADABLE as error:
            problems.add("damaged", f"{name} is damaged in the zip: {error}; pack it again")
            continue
        digest = hashlib.sha256(data).digest()
        look = looks[digest] = looks.get(digest) or _look(data, limits.MAX_TOTAL_PIXELS - pixels)
        pixels += look.pixels
        if pixels > limits.MAX_TOTAL_PIXELS:
            problems.add("pixels", f"the pictures have together more than {limits.MAX_TOTAL_PIXELS:,} pixels")
            break
        if look.fault:
            problems.add("undecodable", f"{name} cannot be decoded: {look.fault}")
    problems.close()


@dataclass(frozen=True)
class _Look:
    """How large a picture is, and why it is no usable one; None when it is."""

    pixels: int = 0
    fault: str | None = None


def _look(data: bytes, allowed: int) -> _Look:
    """Size is checked before decoding, and what has more pixels than `allowed` is not decoded."""
    pixels = 0
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as image:
            size = image.width * image.height
            if size > limits.MAX_PIXELS:
                return _Look(0, f"{image.width} x {image.height} pixels are too many (at most {limits.MAX_PIXELS:,})")
            pixels = size
            if pixels <= allowed:
                image.load()
    except UnidentifiedImageError:
        return _Look(pixels, "it is no PNG, JPEG or WebP picture")
    except Exception as error:  # Pillow raises many kinds on hostile data; each means the same here
        return _Look(pixels, str(error).split("\n")[0][:120] or type(error).__name__)
    return _Look(pixels)


def _size(size: int) -> str:
    return f"{size / 2**10:,.1f} KiB" if size < 2**20 else f"{size / 2**20:,.1f} MiB"


class _Listing:
    """Problems by kind: the first twenty of each are told (a long one not to its end), the rest by their number."""

    def __init__(self, found: Validation) -> None:
        self._found = found
        self._counts: Counter[str] = Counter()

    def add(self, kind: str, line: str) -> None:
        self._counts[kind] += 1
        if self._counts[kind] <= limits.SHOWN_PER_KIND:
            self._found.problems.append(line if len(line) <= limits.MAX_SAID else line[: limits.MAX_SAID] + " ...")

    def close(self) -> None:
        for kind, count in self._counts.items():
            if count > limits.SHOWN_PER_KIND:
                self._found.problems.append(f"... and {count - limits.SHOWN_PER_KIND} more of this kind ({kind})")

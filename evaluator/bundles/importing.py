"""`realunify import-results`: result files in the authors' format become a run, to be judged and scored here.

Such a file is one of the release's (`UEG_direct.json`, `UEG_step.json`, `GEU_direct.json`, `GEU_step.json`, as
JSON or as JSON lines) with `generated_image`, `response` or `edit_image` added. A record is matched to its
instance by category and text (and options); where several instances share these, by its index.

    >>> print(import_results(["UEG_direct.json", "GEU_direct.json"], "realunify", "runs/theirs", model="X").text())
"""

from __future__ import annotations

import hashlib
import io
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dataset_builder.errors import ProblemsError, UsageError
from dataset_builder.files import folder_replaced, write_atomic
from dataset_builder.folder import Dataset
from dataset_builder.instance import Instance
from dataset_builder.taxonomy import AXES, CATEGORIES, Axis
from evaluator import protocols
from evaluator.records import CAPABILITIES, Prediction, Step
from evaluator.runs.manifest import DatasetRef, Manifest, ModelInfo, now, versions

_SUFFIXES = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp"}
Identity = tuple[str, str, tuple[str, ...]]


class Record(BaseModel):
    """One record of a result file: what identifies its instance, and what a model made of it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    index: int | str
    task_type: str
    prompt: str | None = None
    question: str | None = None
    option: list[str] = Field(default_factory=list)
    new_prompt: str | None = None
    edit_prompt: str | None = None
    generated_image: str | None = None
    response: str | None = None
    edit_image: str | None = None

    @property
    def protocol(self) -> str:
        """Files of the stepwise protocol carry the prompt, or the result, of its first step."""
        return "stepwise" if self.new_prompt or self.edit_prompt or self.edit_image else "direct"

    @property
    def identity(self) -> Identity:
        return _identity(self.task_type, self.prompt or self.question or "", self.option)


@dataclass
class ImportSummary:
    """What was taken over: predictions by (protocol, axis), and what a person should know."""

    path: Path
    model: str
    capabilities: list[str] = field(default_factory=list)
    counts: Counter[tuple[str, Axis]] = field(default_factory=Counter)
    missing: Counter[tuple[str, Axis]] = field(default_factory=Counter)
    without_image: int = 0
    undecodable: int = 0

    def text(self) -> str:
        """A few lines for a terminal."""
        lines = [f"{self.path}: {sum(self.counts.values())} predictions of {self.model}, who can: "
                 f"{', '.join(self.capabilities)}"]  # fmt: skip
        for (protocol, axis), count in sorted(self.counts.items()):
            lacking = self.missing[protocol, axis]
            lines.append(
                f"  {protocol} {axis}: {count}" + (f"; {lacking} are missing and count as wrong" if lacking else "")
            )
        if self.without_image:
            lines.append(f"  {self.without_image} name no image: these score 0")
        if self.undecodable:
            lines.append(f"  {self.undecodable} images cannot be decoded: these score 0")
        lines.append(f"next: realunify judge {self.path} --judge SPEC")
        return "\n".join(lines)


@dataclass(frozen=True)
class _Found:
    """A record with where it stands, and its instance once that is known."""

    where: str
    folder: Path
    record: Record
    instance: Instance | None = None


def import_results(
    files: Sequence[str | Path], dataset: str | Path | Dataset, out: str | Path, *, model: str = "imported"
) -> ImportSummary:
    """Write the records of `files` as a run of `dataset` into the new folder `out`.

    Raises ProblemsError naming every irregular record (file and place), and then writes nothing; UsageError
    when `out` is in use. An image that cannot be decoded is the model's own, so it is kept and scores 0.
    """
    out = Path(out)
    if out.is_file() or (out.is_dir() and any(out.iterdir())):
        raise UsageError(f"output {out} is in use; give a new folder with -o")
    data = dataset if isinstance(dataset, Dataset) else Dataset.open(dataset)
    problems: list[str] = []
    records = [found for file in files for found in _read(Path(file), problems)]
    matched = _match(records, list(data.instances()), problems)
    _check(matched, problems)
    if problems:
        raise ProblemsError(f"{len(problems)} irregular records; nothing was written:", problems)
    if not matched:
        raise UsageError("the files hold no records")
    summary = ImportSummary(out, model)
    with folder_replaced(out) as fresh:
        predictions = [_prediction(found, fresh, summary) for found in matched]
        write_atomic(fresh / "predictions.jsonl", "".join(line.model_dump_json() + "\n" for line in predictions))
        manifest = _manifest(data, model, [Path(file).name for file in files], summary)
        write_atomic(fresh / "manifest.json", manifest.model_dump_json(indent=1) + "\n")
    sizes = Counter(instance.axis for instance in data.instances())
    for (protocol, axis), count in summary.counts.items():
        summary.missing[protocol, axis] = sizes[axis] - count
    return summary


def _read(file: Path, problems: list[str]) -> Iterator[_Found]:
    """The records of a JSON list or of JSON lines; what is neither is a problem with its place."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {file}: {error}") from None
    for where, row in _rows(file, text, problems):
        try:
            record = Record.model_validate(row)
        except ValidationError as error:
            for each in error.errors():
                problems.append(f"{where}: {'.'.join(map(str, each['loc'])) or 'record'}: {each['msg']}")
            continue
        yield _Found(f"{where} (index {record.index})", file.parent, record)


def _rows(file: Path, text: str, problems: list[str]) -> Iterator[tuple[str, Any]]:
    if text.lstrip().startswith("["):
        try:
            rows = json.loads(text)
        except json.JSONDecodeError as error:
            problems.append(f"{file.name} line {error.lineno}: not JSON: {error.msg}")
            return
        yield from ((f"{file.name} record {number}", row) for number, row in enumerate(rows, 1))
        return
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                yield f"{file.name} line {number}", json.loads(line)
            except json.JSONDecodeError as error:
                problems.append(f"{file.name} line {number}: not JSON: {error.msg}")


def _match(records: list[_Found], instances: list[Instance], problems: list[str]) -> list[_Found]:
    """The records with their instances; unknown and ambiguous ones are problems."""
    known: dict[Identity, list[Instance]] = defaultdict(list)
    for instance in instances:
        text = instance.prompt or instance.question or ""
        known[_identity(instance.task_type, text, instance.option)].append(instance)
    number_of = _numbering(records, instances, known)
    matched = []
    for found in records:
        record = found.record
        candidates = known.get(record.identity, [])
        if len(candidates) > 1:
            candidates = [one for one in candidates if number_of and number_of(one) == _number(record)]
        if record.task_type not in CATEGORIES:
            problems.append(f"{found.where}: unknown task_type '{record.task_type}'")
        elif record.identity not in known:
            problems.append(f"{found.where}: no instance of {record.task_type} has this prompt or question")
        elif len(candidates) != 1:
            problems.append(
                f"{found.where}: {len(known[record.identity])} instances of {record.task_type} have this question "
                "and these options, and the index does not tell which is meant"
            )
        else:
            matched.append(_Found(found.where, found.folder, record, candidates[0]))
    return matched


def _numbering(
    records: Iterable[_Found], instances: list[Instance], known: dict[Identity, list[Instance]]
) -> Callable[[Instance], int] | None:
    """How these files count: the one numbering that fits every record whose text alone identifies it.

    Releases number records through an axis or anew in each category, from 0 or from 1.
    """
    place: dict[str, int] = {}
    for axis in AXES:
        for number, instance in enumerate((one for one in instances if one.axis == axis), 1):
            place[instance.id] = number
    certain = [
        (one[0], _number(found.record)) for found in records if len(one := known.get(found.record.identity, [])) == 1
    ]
    schemes: list[Callable[[Instance], int]] = [
        lambda one: place[one.id],
        lambda one: place[one.id] - 1,
        lambda one: int(one.id.rsplit("-", 1)[1]),
        lambda one: int(one.id.rsplit("-", 1)[1]) - 1,
    ]
    fitting = [scheme for scheme in schemes if all(scheme(instance) == number for instance, number in certain)]
    return fitting[0] if certain and fitting else None


def _number(record: Record) -> int:
    try:
        return int(record.index)
    except ValueError:
        return -1


def _identity(task_type: str, text: str, option: Iterable[str]) -> Identity:
    """White space aside, since files pass through many hands."""
    return task_type, " ".join(text.split()), tuple(" ".join(each.split()) for each in option)


def _check(matched: list[_Found], problems: list[str]) -> None:
    """One result an instance and protocol, with the fields that make it one, and its image files in place."""
    seen: dict[tuple[str, str], str] = {}
    for found in matched:
        assert found.instance is not None
        key = (found.instance.id, found.record.protocol)
        if key in seen:
            problems.append(f"{found.where}: a second {key[1]} result for {key[0]}, which {seen[key]} has")
        seen.setdefault(key, found.where)
        needed = "generated_image" if found.instance.axis == "ueg" else "response"
        if needed not in found.record.model_fields_set:
            problems.append(f"{found.where}: no {needed}, so this is no result")
        for name in ("generated_image", "edit_image"):
            path = getattr(found.record, name)
            if path and not (found.folder / path).is_file():
                problems.append(f"{found.where}: {name}: no file at {found.folder / path}")


def _prediction(found: _Found, fresh: Path, summary: ImportSummary) -> Prediction:
    """The record as a prediction; its pictures are copied and digested."""
    record, instance = found.record, found.instance
    assert instance is not None
    outputs: dict[str, str | None] = (
        {"refine": record.response, "draw": record.generated_image}
        if instance.axis == "ueg"
        else {"edit": record.edit_image, "answer": record.response}
    )
    steps: list[Step] = []
    digest = None
    for plan in protocols.PROTOCOLS[record.protocol].steps[instance.axis]:
        output = outputs[plan.name]
        if output is None or (plan.needs != "answer" and not output):
            continue
        prompt = (
            str(getattr(instance, plan.text.name))
            if isinstance(plan.text, protocols.Column)
            else outputs[plan.text.step] or ""
        )
        if plan.needs == "answer":
            steps.append(Step(name=plan.name, prompt=prompt, text=output, notes=_NOTES))
        else:
            place = f"images/{instance.id}/{record.protocol}/{plan.name}"
            path, digest = _copy(found.folder / output, fresh, place, summary)
            steps.append(Step(name=plan.name, prompt=prompt, image=path, notes=_NOTES))
    summary.counts[record.protocol, instance.axis] += 1
    ueg = instance.axis == "ueg"
    image = steps[-1].image if ueg and steps else None
    summary.without_image += ueg and image is None
    return Prediction(
        id=instance.id,
        protocol=record.protocol,
        response=None if ueg else record.response,
        image=image,
        steps=steps,
        image_sha256=digest if image else None,
    )


_NOTES = ["imported: prompt as in the dataset, seed and time unknown"]


def _copy(source: Path, fresh: Path, place: str, summary: ImportSummary) -> tuple[str, str]:
    """(path in the run, sha256) of a copied image, named for what it is."""
    content = source.read_bytes()
    suffix = "png"
    try:
        with Image.open(io.BytesIO(content)) as image:
            suffix = _SUFFIXES.get(str(image.format), "png")
            image.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        summary.undecodable += 1
    path = fresh / f"{place}.{suffix}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return f"{place}.{suffix}", hashlib.sha256(content).hexdigest()


def _manifest(data: Dataset, model: str, names: list[str], summary: ImportSummary) -> Manifest:
    """Capabilities are those that the results must have taken."""
    used = {capability for protocol, axis in summary.counts for capability in protocols.needed(protocol, axis)}
    capabilities = [capability for capability in CAPABILITIES if capability in used]
    summary.capabilities = list(capabilities)
    present = {protocol for protocol, _ in summary.counts}
    return Manifest(
        model=ModelInfo(spec=f"imported:{model}", name=model, capabilities=capabilities),
        dataset=DatasetRef(
            id=data.id,
            content_sha256=data.content_sha256,
            instances=data.info.instances,
            path=str(data.path.absolute()),
        ),
        protocols=[name for name in protocols.PROTOCOLS if name in present],
        created=now(),
        versions=versions(),
        imported_from=names,
    )

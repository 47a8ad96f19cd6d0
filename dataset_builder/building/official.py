"""The authors' release: four JSON files and an image folder, read into instances.

`read_release` checks a user's own copy as a whole and names every irregular record before it yields anything.
The layout has no subtask for UEG, no difficulty, references, rationale or metadata: those become `unspecified`,
`medium` and null.

    >>> made = read_release(Path("RealUnify"))          # category -> instances
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator

from dataset_builder.errors import ProblemsError, UsageError, unknown_name
from dataset_builder.instance import Instance, Letter, Question, YesNo, instance_id
from dataset_builder.taxonomy import AXES, CATEGORIES, INSTANCES_PER_CATEGORY, Axis, categories

UNSPECIFIED = "unspecified"
FILES: dict[Axis, tuple[str, str]] = {
    axis: (f"{axis.upper()}_direct.json", f"{axis.upper()}_step.json") for axis in AXES
}
Key = tuple[str, str]  # category and index: the index alone may start anew in each category


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("is empty")
    return text


Text = Annotated[str, AfterValidator(_not_blank)]


class Record(BaseModel):
    """What all four files' records have. Further fields (results of a run, say) are not ours to judge."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    index: int | str
    task_type: str


class _Poll(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    question: Text
    answer: YesNo

    @field_validator("answer", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.strip().lower() if isinstance(value, str) else value


class UegDirect(Record):
    prompt: Text
    question_list: list[_Poll] = Field(min_length=1)


class UegStep(UegDirect):
    new_prompt: Text


class _Geu(Record):
    question: Text
    option: list[Text] = Field(min_length=4, max_length=4)
    answer: Letter
    input_image: Text
    evaluation_prompt: Text

    @field_validator("answer", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.strip().upper() if isinstance(value, str) else value


class GeuDirect(_Geu):
    pass


class GeuStep(_Geu):
    edit_prompt: Text


_MODELS: dict[Axis, tuple[type[Record], type[Record]]] = {"ueg": (UegDirect, UegStep), "geu": (GeuDirect, GeuStep)}


@dataclass
class _Pair:
    direct: Any
    step: Any


@dataclass
class _Release:
    """A copy while it is read: records by category and index, and everything found wrong."""

    root: Path
    pairs: dict[Key, _Pair] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def read_release(path: Path | str, *, per_category: int = INSTANCES_PER_CATEGORY) -> Mapping[str, Iterator[Instance]]:
    """Category to its instances, pictures read as they are asked for.

    `per_category` is how many a category the release must hold. Raises ProblemsError listing every irregular
    record with its file and index; nothing is yielded then.
    """
    release = _Release(Path(path))
    if not release.root.is_dir():
        raise UsageError(f"release {path} is not a folder; give your copy of the authors' release with --release")
    for axis in AXES:
        _read_axis(release, axis, per_category)
    if release.problems:
        raise ProblemsError(
            f"release {path} has {len(release.problems)} problems; nothing was written", release.problems
        )
    return {category.name: _instances(release, category.name) for category in categories()}


def _read_axis(release: _Release, axis: Axis, per_category: int) -> None:
    direct_name, step_name = FILES[axis]
    direct, step = (
        _read_file(release, name, axis, model) for name, model in zip(FILES[axis], _MODELS[axis], strict=True)
    )
    for name, records in ((direct_name, direct), (step_name, step)):
        if records is not None:
            _check_counts(release, name, axis, records, per_category)
    if axis == "geu" and (readable := direct if direct is not None else step) is not None:
        _check_pictures(release, direct_name if direct is not None else step_name, readable)
    if direct is None or step is None:
        return
    for key in direct.keys() - step.keys():
        release.problems.append(f"{step_name}: no record for index {key[1]} ({key[0]}), which {direct_name} has")
    for key in step.keys() - direct.keys():
        release.problems.append(f"{direct_name}: no record for index {key[1]} ({key[0]}), which {step_name} has")
    for key, record in direct.items():
        if key in step:
            _compare(release, axis, key, record, step[key])
            release.pairs[key] = _Pair(record, step[key])


def _check_counts(release: _Release, name: str, axis: Axis, records: Mapping[Key, Any], per_category: int) -> None:
    counts = Counter(task for task, _ in records)
    for category in categories(axis):
        if counts[category.name] != per_category:
            release.problems.append(
                f"{name}: {counts[category.name]} valid records of {category.name}, needs {per_category}"
            )


def _read_file(release: _Release, name: str, axis: Axis, model: type[Record]) -> dict[Key, Any] | None:
    """The valid records of one file; problems are noted. None when there is no list to read."""
    try:
        rows = json.loads((release.root / name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        release.problems.append(f"{name}: the file is missing")
        return None
    except (json.JSONDecodeError, UnicodeDecodeError, OSError) as error:
        release.problems.append(f"{name}: not readable as JSON ({error})")
        return None
    if not isinstance(rows, list):
        release.problems.append(f"{name}: holds {type(rows).__name__}, needs a list of records")
        return None
    records: dict[Key, Any] = {}
    for position, row in enumerate(rows):
        where = (
            f"{name}: index {row['index']}"
            if isinstance(row, dict) and "index" in row
            else f"{name}: record {position}"
        )
        record = _validated(release, where, row, model)
        if record is None or not _known_task(release, where, record, axis):
            continue
        key = (record.task_type, str(record.index))
        if key in records:
            release.problems.append(f"{where}: this index occurs twice in {record.task_type}")
        records[key] = record
    return records


def _validated(release: _Release, where: str, row: object, model: type[Record]) -> Record | None:
    try:
        return model.model_validate(row)
    except ValidationError as error:
        for found in error.errors():
            place = ".".join(str(part) for part in found["loc"]) or "record"
            given = f" (given {found['input']!r:.60})" if found["type"] != "missing" else ""
            release.problems.append(f"{where}: {place}: {found['msg']}{given}")
        return None


def _known_task(release: _Release, where: str, record: Record, axis: Axis) -> bool:
    names = [category.name for category in categories(axis)]
    if record.task_type in names:
        return True
    release.problems.append(f"{where}: {unknown_name('task_type', record.task_type, names)}")
    return False


def _compare(release: _Release, axis: Axis, key: Key, direct: Any, step: Any) -> None:
    shared = ("prompt", "question_list") if axis == "ueg" else ("question", "option", "answer", "input_image")
    for name in shared:
        if getattr(direct, name) != getattr(step, name):
            release.problems.append(
                f"{FILES[axis][1]}: index {key[1]} ({key[0]}): {name} differs from {FILES[axis][0]}"
            )


def _check_pictures(release: _Release, name: str, records: Mapping[Key, Any]) -> None:
    from PIL import Image

    for (_, index), record in records.items():
        where = f"{name}: index {index}: image {record.input_image}"
        path = _picture_path(release.root, record.input_image)
        if path is None:
            release.problems.append(f"{where} is outside the release")
        elif not path.is_file():
            release.problems.append(f"{where} is missing")
        else:
            try:
                with Image.open(path) as picture:
                    picture.load()
            except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
                release.problems.append(f"{where} cannot be read ({type(error).__name__})")


def _picture_path(root: Path, name: str) -> Path | None:
    path = (root / name).resolve()
    return path if path.is_relative_to(root.resolve()) else None


def _subtask(record: Any) -> str:
    """From `./image/<task_type>/<subtask>/images/img_1.jpg`; otherwise unspecified."""
    parts = PurePosixPath(record.input_image).parts
    at = parts.index(record.task_type) if record.task_type in parts else len(parts)
    return parts[at + 1] if len(parts) > at + 2 and parts[at + 1] != "images" else UNSPECIFIED


def _instances(release: _Release, task_type: str) -> Iterator[Instance]:
    """In the order of the file; an instance's number is its place in its category."""
    pairs = [pair for (task, _), pair in release.pairs.items() if task == task_type]
    make: Callable[[_Release, str, _Pair], Instance] = _ueg if CATEGORIES[task_type].axis == "ueg" else _geu
    for number, pair in enumerate(pairs, 1):
        yield make(release, instance_id(task_type, number), pair)


def _ueg(release: _Release, name: str, pair: _Pair) -> Instance:
    direct, step = pair.direct, pair.step
    return Instance(
        id=name,
        axis="ueg",
        task_type=direct.task_type,
        subtask=UNSPECIFIED,
        prompt=direct.prompt,
        new_prompt=step.new_prompt,
        question_list=[Question(question=poll.question, answer=poll.answer) for poll in direct.question_list],
        difficulty="medium",
        provenance="official",
    )


def _geu(release: _Release, name: str, pair: _Pair) -> Instance:
    direct, step = pair.direct, pair.step
    path = _picture_path(release.root, direct.input_image)
    assert path is not None  # checked with the pictures
    return Instance(
        id=name,
        axis="geu",
        task_type=direct.task_type,
        subtask=_subtask(direct),
        image=path.read_bytes(),
        question=direct.question,
        option=direct.option,
        answer=direct.answer,
        evaluation_prompt=direct.evaluation_prompt,
        edit_prompt=step.edit_prompt,
        difficulty="medium",
        provenance="official",
    )

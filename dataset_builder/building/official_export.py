"""Our instances in the layout of the authors' release: four JSON files and an image folder, for tools that read theirs.

The layout has no subtask for UEG, no difficulty, references, rationale or metadata.

    >>> export("realunify", "in-their-layout")          # what `official.read_release` takes again
"""

from __future__ import annotations

import io
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from dataset_builder.building.official import FILES
from dataset_builder.errors import RealUnifyError, UsageError
from dataset_builder.files import folder_replaced
from dataset_builder.folder import Dataset
from dataset_builder.instance import Instance

SUFFIXES = {"PNG": "png", "WEBP": "webp", "JPEG": "jpg"}


def export(directory: str | Path, out: str | Path) -> str:
    """Write a dataset's instances as the four JSON files and the image folder; returns a line that says so."""
    dataset = Dataset.open(directory)
    target = Path(out)
    if not dataset.has_answers or dataset.info.answers_for is not None:
        raise RealUnifyError(f"{directory} holds only half of its dataset (answers withheld); export the full folder")
    _check_export_target(target)
    rows: dict[str, list[dict[str, Any]]] = {name: [] for names in FILES.values() for name in names}
    pictures: dict[str, int] = defaultdict(int)
    with folder_replaced(target) as fresh:
        for instance in dataset.instances(images=True):
            record = _record(instance, fresh, pictures) | {"index": len(rows[FILES[instance.axis][0]]) + 1}
            direct, step = FILES[instance.axis]
            extra = "new_prompt" if instance.axis == "ueg" else "edit_prompt"
            rows[direct].append(record)
            rows[step].append({**record, extra: getattr(instance, extra)})
        for name, records in rows.items():
            text = json.dumps([{"index": r["index"], **r} for r in records], indent=2, ensure_ascii=False)
            (fresh / name).write_text(text + "\n", encoding="utf-8")
    total = sum(len(rows[names[0]]) for names in FILES.values())
    return f"{target}: {total} instances in the layout of the authors' release, {sum(pictures.values())} pictures"


def _check_export_target(target: Path) -> None:
    if target.is_file():
        raise UsageError(f"output {target} is a file; give a folder")
    names = {path.name for path in target.iterdir()} if target.is_dir() else set()
    if names - {"image", *(name for pair in FILES.values() for name in pair)}:
        raise UsageError(f"output folder {target} is not empty and not an export; give another with -o")


def _record(instance: Instance, folder: Path, pictures: dict[str, int]) -> dict[str, Any]:
    if instance.axis == "ueg":
        polls = [{"question": q.question, "answer": q.answer} for q in instance.question_list]
        return {"task_type": instance.task_type, "prompt": instance.prompt, "question_list": polls}
    place = f"image/{instance.task_type}/{instance.subtask}/images"
    pictures[place] += 1
    return {
        "task_type": instance.task_type,
        "question": instance.question,
        "option": instance.option,
        "answer": instance.answer,
        "input_image": _write_picture(instance, folder, f"{place}/img_{pictures[place]}"),
        "evaluation_prompt": instance.evaluation_prompt,
    }


def _write_picture(instance: Instance, folder: Path, stem: str) -> str:
    """The stored bytes as they are, named for their format."""
    from PIL import Image

    if instance.image is None:
        raise RealUnifyError(f"{instance.id} has no picture; rebuild the dataset")
    with Image.open(io.BytesIO(instance.image)) as picture:
        suffix = SUFFIXES.get(str(picture.format), "jpg")
    path = folder / f"{stem}.{suffix}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(instance.image)
    return f"./{stem}.{suffix}"

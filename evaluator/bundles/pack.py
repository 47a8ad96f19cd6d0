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
import zipfile
from pathlib import Path

from pydantic import ValidationError

from dataset_builder.errors import ProblemsError, RealUnifyError, UsageError
from dataset_builder.files import folder_replaced, write_atomic
from dataset_builder.folder import Dataset
from evaluator.bundles import checks
from evaluator.bundles.checks import open_zip
from evaluator.bundles.limits import MAX_TEXT
from evaluator.bundles.records import Card, Submission, Validation, faults, images_of, path_fault
from evaluator.records import Prediction
from evaluator.runs.folder import RunFolder
from evaluator.runs.manifest import DatasetRef, Manifest, ModelInfo, now

__all__ = ["Card", "Submission", "Validation", "make_card", "open_zip", "pack", "unpack", "validate"]


def pack(run: str | Path, out: str | Path, card: Card | None = None, *, intermediates: bool = True) -> Path:
    """Zip a run for upload; the same run gives the same bytes.

    Without `intermediates` only the scored images go in (smaller, less to look at).

    Raises UsageError for a run on a subset, since its scores would not be comparable, and RealUnifyError for
    one that names a picture elsewhere than below its `images`.
    """
    folder = RunFolder.open(run)
    manifest = folder.manifest
    if manifest.limit_per_category is not None:
        raise UsageError(
            f"{folder.path} ran {manifest.limit_per_category} instances a category; a submission needs all: "
            "run again without --limit-per-category"
        )
    submission = _submission(manifest, card or make_card(model=manifest.model.name))
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
                for path in sorted(images_of(kept)):
                    if fault := path_fault(path):
                        raise RealUnifyError(
                            f"{folder.path}: the image of {kept.id} ({kept.protocol}), {path!r}, {fault}; "
                            "mend its line in predictions.jsonl"
                        )
                    if (folder.path / path).is_file():
                        _put(bundle, path, (folder.path / path).read_bytes())
            _put(bundle, "predictions.jsonl", ("\n".join(lines) + "\n").encode(), zipfile.ZIP_DEFLATED)
        temporary.replace(out)
    finally:
        temporary.unlink(missing_ok=True)
    return out


def _submission(manifest: Manifest, card: Card) -> Submission:
    try:
        return Submission(
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
    except ValidationError as error:
        raise RealUnifyError(f"the run's manifest.json cannot be submitted: {faults(error, 'file')[0]}") from None


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
    last = (prediction.error.strip() or "error").splitlines()[-1]
    return prediction.model_copy(update={"error": last[:MAX_TEXT]})


def validate(file: str | Path, dataset: str | Path | Dataset) -> Validation:
    """Every problem of a bundle at once; nothing is written. Opens the dataset for its ids."""
    data = dataset if isinstance(dataset, Dataset) else Dataset.open(dataset)
    found = Validation()
    path = Path(file)
    if not path.is_file():
        raise UsageError(f"no bundle at {path}; make one with: realunify pack RUN -o {path.name}")
    axes = {instance.id: instance.axis for instance in data.instances()}
    try:
        if not zipfile.is_zipfile(path):
            found.problems.append(f"{path.name} is not a zip file; make one with: realunify pack RUN -o FILE.zip")
            return found
        with open_zip(path) as bundle:
            names = checks.check_entries(bundle, found)
            checks.check_submission(bundle, names, data, found)
            pictures = checks.check_predictions(bundle, names, axes, found)
            checks.check_images(bundle, names, pictures, found)
    except checks.UNREADABLE as error:
        found.problems.append(f"the zip is damaged: {error}; pack it again")
    return found


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
    with folder_replaced(Path(out)) as fresh, open_zip(Path(file)) as bundle:
        digests: dict[str, str] = {}
        for path in sorted({path for prediction in found.predictions for path in images_of(prediction)}):
            content = checks.read_entry(bundle, bundle.getinfo(path))
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
        raise UsageError(faults(error, "card")[0]) from None

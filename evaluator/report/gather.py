"""Runs read whole, except for their pictures, and lined up instance by instance, as `views`."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from dataset_builder.errors import UsageError
from dataset_builder.folder import Dataset
from dataset_builder.instance import Instance
from evaluator.judging.corrected import with_corrected
from evaluator.records import Judgement, Prediction, Step
from evaluator.report.pictures import Gallery, Picture
from evaluator.report.views import Attempt, Check, InstanceView, RunView, StepView
from evaluator.runs.folder import RunFolder, image_digest, open_dataset
from evaluator.scoring import diagnosis, score


def read_runs(
    paths: Sequence[str | Path],
    dataset: str | Path | Dataset | None,
    judge: str | None,
    corrected: str | Path | None = None,
) -> tuple[Dataset, list[RunView]]:
    """All runs scored; refused when they are not of one dataset, since instances would not line up."""
    if not paths:
        raise UsageError("a report needs at least one run folder")
    folders = [RunFolder.open(path) for path in paths]
    first = folders[0]
    for folder in folders[1:]:
        if folder.manifest.dataset.content_sha256 != first.manifest.dataset.content_sha256:
            raise UsageError(
                f"{folder.path} ran {folder.manifest.dataset.id} and {first.path} ran {first.manifest.dataset.id}, "
                "which are two datasets; make a report of each"
            )
    data = open_dataset(first, dataset)
    labels = _labels(folders)
    return data, [
        _read(f"r{i}", label, folder, data, judge, corrected)
        for i, (label, folder) in enumerate(zip(labels, folders, strict=True))
    ]


def _labels(folders: Sequence[RunFolder]) -> list[str]:
    """The models' names; with the folder's where two runs are of one model."""
    names = [folder.manifest.model.name for folder in folders]
    return [
        name if names.count(name) == 1 else f"{name} ({folder.path.absolute().name})"
        for name, folder in zip(names, folders, strict=True)
    ]


def _read(
    key: str, label: str, folder: RunFolder, data: Dataset, judge: str | None, corrected: str | Path | None
) -> RunView:
    # A run without judgements has nothing that a choice of judge could pick from.
    chosen = judge if any(True for _ in folder.judgements()) else None
    scores = score.score(folder, dataset=data, judge=chosen, save=False)
    if corrected is not None:
        scores = with_corrected(scores, folder, corrected)
    replies: dict[tuple[str, str, str, str], Judgement] = {}
    for line in folder.judgements():
        place = (line.id, line.protocol, line.question, line.image_sha256)
        if (line.judge, line.judge_revision) == (scores.judge, scores.judge_revision) and (
            line.answer != "error" or place not in replies
        ):
            replies[place] = line
    return RunView(
        key=key,
        label=label,
        folder=folder,
        scores=scores,
        predictions=folder.latest(),
        replies=replies,
        rows={(row.id, name): row for name, table in scores.protocols.items() for row in table.instances},
        diagnoses=diagnosis.diagnose(scores.protocols),
    )


def protocol_names(runs: Sequence[RunView]) -> list[str]:
    """Every protocol that some run has, in the order of their first appearance."""
    return list(dict.fromkeys(name for run in runs for name in run.scores.protocols))


def instance_views(data: Dataset, runs: Sequence[RunView], gallery: Gallery) -> Iterator[InstanceView]:
    """The instances that any run was asked for, in the dataset's order."""
    names = protocol_names(runs)
    limits = [run.scores.limit_per_category for run in runs]
    limit = None if None in limits else max(each for each in limits if each is not None)
    wanted = {instance.id for instance in data.select(limit)}

    def view(instance: Instance) -> InstanceView:
        return InstanceView(
            instance=instance.model_copy(update={"image": None, "reference_image": None}),
            image=gallery.add(instance.image) if instance.image else None,
            reference=gallery.add(instance.reference_image) if instance.reference_image else None,
            rows=[(run, [_attempt(run, name, instance, gallery) for name in names]) for run in runs],
        )

    # Decoding pictures is nearly all of the work; a few at a time, so that memory stays flat.
    rows = data.instances(images=True, only=wanted)
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        while group := list(itertools.islice(rows, 32)):
            yield from pool.map(view, group)


def _attempt(run: RunView, protocol: str, instance: Instance, gallery: Gallery) -> Attempt:
    table = run.scores.protocols.get(protocol)
    if table is None:
        return Attempt(run, protocol, "not run")
    cell = table.categories.get(instance.task_type)
    row = run.rows.get((instance.id, protocol))
    if row is None:
        return Attempt(run, protocol, cell.status if cell and cell.status != "scored" else "not run")
    prediction = run.predictions.get((instance.id, protocol))
    if prediction is None:
        return Attempt(run, protocol, "missing", outcome=row.outcome)
    return Attempt(
        run=run,
        protocol=protocol,
        status="scored",
        outcome=row.outcome,
        choice=row.choice,
        response=prediction.response,
        error=prediction.error,
        refusal=prediction.refusal,
        steps=[StepView(step, _step_picture(run.folder, step, prediction, gallery)) for step in prediction.steps],
        checks=_checks(run, protocol, instance, prediction),
    )


def _step_picture(folder: RunFolder, step: Step, prediction: Prediction, gallery: Gallery) -> Picture | None:
    if step.image is None:
        return None
    digest = prediction.image_sha256 if step.image == prediction.image else None
    return gallery.add(folder.path / step.image, digest)


def _checks(run: RunView, protocol: str, instance: Instance, prediction: Prediction) -> list[Check]:
    if instance.axis != "ueg" or prediction.image is None:
        return []
    digest = image_digest(run.folder, prediction) or ""
    found = []
    for entry in instance.question_list:
        line = run.replies.get((instance.id, protocol, entry.question, digest))
        told: dict[str, Any] = (
            {} if line is None else {"reply": line.reply, "p_yes": line.p_yes, "members": line.members}
        )
        found.append(Check(entry.question, entry.aspect, entry.answer, None if line is None else line.answer, **told))
    return found

"""`realunify score`: from predictions and judgements to the table; offline, without a GPU, in seconds.

An answer has three outcomes: right, wrong, unparsed. Denominators come from the dataset, so what is
missing counts as wrong and is reported as missing. A question that no judge has answered leaves its
instance *unjudged*: the cell then has no score, it is never filled in.

    >>> scores = score("runs/janus")
    >>> scores.protocols["direct"].total.score
    27.4
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from dataset_builder.errors import RealUnifyError, UsageError
from dataset_builder.files import write_atomic
from dataset_builder.folder import Dataset
from dataset_builder.instance import Instance
from dataset_builder.taxonomy import AXES, CATEGORIES, Axis
from evaluator import protocols
from evaluator.answers import parity as authors
from evaluator.records import Judgement, Prediction
from evaluator.runs.folder import RunFolder, open_dataset
from evaluator.scoring.breakdown import breakdown
from evaluator.scoring.cells import cell, grade, pooled
from evaluator.scoring.outcomes import InstanceScore, score_geu, score_ueg
from evaluator.scoring.scores import ProtocolScores, Scores, Status


def score(
    run: str | Path | RunFolder,
    *,
    dataset: str | Path | Dataset | None = None,
    judge: str | None = None,
    parity: bool = False,
    save: bool = True,
) -> Scores:
    """Score a run folder and write its `scores.json`.

    `judge` picks among several judges' replies in the folder (`ID` or `ID@REVISION`). Raises RealUnifyError
    for an unknown instance id or two answers for one instance, UsageError when the judge is not clear.
    `parity` reads responses and replies as the authors' scripts do, faults included (`evaluator.answers.parity`).
    """
    folder = run if isinstance(run, RunFolder) else RunFolder.open(run)
    data = open_dataset(folder, dataset)
    if not data.has_answers:
        raise UsageError(f"{data.path} has its answers withheld; score it where the private folder is")
    manifest = folder.manifest
    predictions = folder.latest()
    judgements = list(folder.judgements())
    chosen = _choose_judge(judgements, judge)
    scores = Scores(
        model=manifest.model.name,
        model_revision=manifest.model.revision,
        random_weights=manifest.model.random_weights,
        dataset=manifest.dataset,
        limit_per_category=manifest.limit_per_category,
        judge=chosen[0] if chosen else None,
        judge_revision=chosen[1] if chosen else None,
        parity=parity,
        protocols=score_predictions(
            folder,
            data.select(manifest.limit_per_category),
            predictions,
            [line for line in judgements if (line.judge, line.judge_revision) == chosen],
            names=manifest.protocols,
            capabilities=manifest.model.capabilities,
            parity=parity,
        ),
    )
    if save:
        folder.set_parsing("authors" if parity else "strict")
        write_atomic(folder.path / "scores.json", scores.model_dump_json(indent=1) + "\n")
    return scores


def score_predictions(
    folder: RunFolder,
    instances: list[Instance],
    predictions: Mapping[tuple[str, str], Prediction],
    judgements: Iterable[Judgement],
    *,
    names: Iterable[str],
    capabilities: Collection[str],
    parity: bool = False,
) -> dict[str, ProtocolScores]:
    """The tables of the protocols `names`. `instances` (without pictures) give the denominators."""
    known = {instance.id for instance in instances}
    unknown = sorted({key[0] for key in predictions} - known)
    if unknown:
        raise RealUnifyError(
            f"{folder.path}: {len(unknown)} predictions for instances that the dataset does not have "
            f"(the first: {unknown[0]}); give the dataset that was run"
        )
    replies: dict[tuple[str, str, str, str], Judgement] = {}
    for line in map(authors.reread, judgements) if parity else judgements:
        key = (line.id, line.protocol, line.question, line.image_sha256)
        # A later real answer takes the place of a judge's error, never the other way round.
        if line.answer != "error" or key not in replies:
            replies[key] = line
    tables = {}
    for name in names:
        rows = []
        for instance in instances:
            prediction = predictions.get((instance.id, name))
            if instance.axis == "geu":
                rows.append(score_geu(instance, prediction, parity))
            else:
                rows.append(score_ueg(folder, instance, prediction, name, replies))
        tables[name] = _table(name, instances, rows, capabilities, predictions)
    return tables


def _table(
    name: str,
    instances: list[Instance],
    rows: list[InstanceScore],
    capabilities: Collection[str],
    predictions: Mapping[tuple[str, str], Prediction],
) -> ProtocolScores:
    grouped: dict[str, list[InstanceScore]] = defaultdict(list)
    for instance, row in zip(instances, rows, strict=True):
        grouped[instance.task_type].append(row)
    status = {axis: _axis_status(name, axis, instances, capabilities, predictions) for axis in AXES}
    cells = {
        task: cell(status[CATEGORIES[task].axis], Counter(row.outcome for row in grouped[task]))
        for task in CATEGORIES
        if task in grouped
    }
    axes = {
        axis: pooled([one for task, one in cells.items() if CATEGORIES[task].axis == axis])
        for axis in AXES
        if any(CATEGORIES[task].axis == axis for task in cells)
    }
    for task, one in cells.items():
        grade(one, [grouped[task]])
    for axis, one in axes.items():
        grade(one, [grouped[task] for task in cells if CATEGORIES[task].axis == axis])
    kept = [row for row, instance in zip(rows, instances, strict=True) if status[instance.axis] == "scored"]
    return ProtocolScores(
        categories=cells,
        axes=axes,
        total=pooled(list(cells.values())),
        instances=kept,
        parts=breakdown(list(zip(instances, rows, strict=True)), status),
    )


def _axis_status(
    name: str,
    axis: Axis,
    instances: list[Instance],
    capabilities: Collection[str],
    predictions: Mapping[tuple[str, str], Prediction],
) -> Status:
    """`scored`, unless the model cannot run this protocol or the dataset lacks what it reads."""
    if not protocols.supported(name, axis, capabilities):
        return "not supported"
    for step in protocols.PROTOCOLS[name].steps[axis]:
        if isinstance(step.text, protocols.Column):
            if any(getattr(i, step.text.name) is None for i in instances if i.axis == axis):
                return "not in dataset"
        # Pictures are not loaded here. The authors' release has no references, every set of ours has them all;
        # so a run of ours that has not come to them yet has them missing, which must be told.
        if step.image == protocols.Column("reference_image") and not any(
            i.axis == axis and (i.provenance != "official" or (i.id, name) in predictions) for i in instances
        ):
            return "not in dataset"
    return "scored"


def _choose_judge(judgements: list[Judgement], wanted: str | None) -> tuple[str, str] | None:
    found = sorted({(line.judge, line.judge_revision) for line in judgements})
    if wanted is not None:
        found = [pair for pair in found if wanted in (pair[0], f"{pair[0]}@{pair[1]}")] or found
        if not any(wanted in (pair[0], f"{pair[0]}@{pair[1]}") for pair in found):
            names = ", ".join(f"{name}@{revision}" for name, revision in found) or "none"
            raise UsageError(f"no judgements by '{wanted}' in this run; it has: {names}")
    if len(found) > 1:
        names = ", ".join(f"{name}@{revision}" for name, revision in found)
        raise UsageError(f"several judges judged this run ({names}); choose one with --judge")
    return found[0] if found else None

"""`realunify run`: a model through the protocols, into a run folder that can be stopped at any moment.

Instances are read ahead in one thread, the model works in the caller's thread (or, for an API, in
`concurrency` threads), pictures and lines are written by another. A line is written only after its
pictures, so whatever has a line is whole.

    >>> run("tiny:janus", dataset="realunify", protocol="direct", out="runs/janus").done
"""

from __future__ import annotations

from pathlib import Path
from typing import Unpack

from dataset_builder.folder import Dataset
from evaluator.models.base import Model
from evaluator.models.registry import load_model
from evaluator.running.executing import Execution, RunSummary
from evaluator.running.job import Asked, Job
from evaluator.running.plan import manifest_of, remaining, work_of
from evaluator.running.stepping import Stepper
from evaluator.runs import sharding
from evaluator.runs.folder import RunFolder
from evaluator.runs.progress import Progress


def run(
    model: str | Model,
    dataset: str | Path | Dataset,
    *,
    out: str | Path,
    progress: Progress | None = None,
    **asked: Unpack[Asked],
) -> RunSummary:
    """Run `model` on `dataset` into the folder `out`; call it again to go on where it stopped.

    `asked` are the fields of `evaluator.running.job.Job`: protocol, limit_per_category, seed, batch_size, settings,
    revision, dtype, device, shard, concurrency, retry_errors. A model that raises on an instance has that recorded
    as the instance's error, and the run goes on; more than 20 in a row stop it.
    Raises UsageError for unknown names, numbers that mean nothing, and when `out` holds another run.
    """
    job = Job(**asked)
    data = dataset if isinstance(dataset, Dataset) else Dataset.open(dataset)
    if isinstance(model, str):
        if job.device == "auto":
            sharding.use_launched_device()
        loaded, spec = load_model(model, job.load), model
    else:
        loaded, spec = model, model.name
    try:
        summary = RunSummary(Path(out))
        work = work_of(loaded, data, job, summary)
        folder = RunFolder.create(out, manifest_of(loaded, spec, data, job))
        loaded.prepare(data)
        work = remaining(folder, work, job, summary)
        if progress:
            progress.start(f"{loaded.name}", summary.total, summary.already)
        stepper = Stepper(
            loaded, seed=job.seed, batch_size=job.batch_size or loaded.batch_size, image_path=folder.image_path
        )
        threads = (job.concurrency or loaded.concurrency) if loaded.concurrency > 1 else None
        Execution(folder, data, stepper, job.part, threads, summary, progress).run(work)
        return summary
    finally:
        if isinstance(model, str):
            loaded.close()

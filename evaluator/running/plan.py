"""What a run would do: the work that model and dataset allow, less what stands from before (`--dry-run`)."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Unpack

from dataset_builder.errors import UsageError
from dataset_builder.folder import Dataset
from dataset_builder.taxonomy import AXES, Axis
from evaluator import protocols
from evaluator.models.base import Model
from evaluator.models.registry import declared_model
from evaluator.running.executing import RunSummary, Work
from evaluator.running.job import Asked, Job
from evaluator.runs import sharding
from evaluator.runs.folder import RunFolder
from evaluator.runs.manifest import DatasetRef, Manifest, ModelInfo, now, versions


@dataclass
class RunPlan:
    """What a run would do (`--dry-run`): calls by capability, and what they would cost where that is known."""

    model: str
    calls: dict[str, int] = field(default_factory=dict)
    already: int = 0
    not_supported: list[str] = field(default_factory=list)
    prices: Mapping[str, float] = field(default_factory=dict)

    @property
    def dollars(self) -> float | None:
        """The estimate in US dollars; None when the price of a needed call is not known."""
        return None if self.unpriced else self._dollars

    @property
    def unpriced(self) -> list[str]:
        """The calls whose price is not known: those of models that run here, and of models not in our lists."""
        return [name for name in self.calls if name not in self.prices]

    @property
    def _dollars(self) -> float:
        return sum(count * self.prices.get(name, 0.0) for name, count in self.calls.items())

    def text(self) -> str:
        lines = [f"{self.model}: {sum(self.calls.values())} calls to make"]
        lines += [f"  {name:9s} {count:6d}" for name, count in self.calls.items()]
        if self.already:
            lines.append(f"  {self.already} predictions stand from before")
        lines += [f"  not supported: {line}" for line in self.not_supported]
        if not self.unpriced:
            lines.append(f"  about {self._dollars:.2f} US dollars at list prices")
        elif len(self.unpriced) < len(self.calls):
            names = ", ".join(self.unpriced)
            lines.append(f"  about {self._dollars:.2f} US dollars at list prices, and the price of {names} not known")
        else:
            lines.append("  price not known")
        return "\n".join(lines)


def plan(
    model: str | Model,
    dataset: str | Path | Dataset,
    *,
    out: str | Path | None = None,
    **asked: Unpack[Asked],
) -> RunPlan:
    """The calls that `run` would make with these arguments; nothing is sent, written or, where it can be, loaded."""
    job = Job(**asked)
    data = dataset if isinstance(dataset, Dataset) else Dataset.open(dataset)
    loaded, spec = (declared_model(model, job.load), model) if isinstance(model, str) else (model, model.name)
    try:
        summary = RunSummary(Path(out or "."))
        work = work_of(loaded, data, job, summary)
        manifest = manifest_of(loaded, spec, data, job)
        folder = None if out is None else RunFolder.found(out, manifest, loaded=loaded.loaded)
        work = remaining(folder, work, job, summary)
        found = RunPlan(loaded.name, already=summary.already, not_supported=summary.not_supported, prices=loaded.prices)
        for one in work:
            for step in one.protocol.steps[one.axis]:
                found.calls[step.needs] = found.calls.get(step.needs, 0) + len(one.ids)
        return found
    finally:
        if isinstance(model, str):
            loaded.close()


def work_of(model: Model, data: Dataset, job: Job, summary: RunSummary) -> list[Work]:
    """What the model and the dataset allow; the rest is named in the summary, not run."""
    found = []
    chosen = data.select(job.limit_per_category)
    for one, axis in itertools.product(job.protocols, AXES):
        ids = tuple(instance.id for instance in chosen if instance.axis == axis)
        if not ids:
            continue
        lacking = protocols.needed(one.name, axis) - model.capabilities
        if lacking:
            summary.not_supported.append(f"{one.name} {axis}: the model cannot {', '.join(sorted(lacking))}")
        elif absent := _absent_column(data, one, axis, ids[0]):
            summary.not_supported.append(f"{one.name} {axis}: the dataset has no {absent}")
        else:
            found.append(Work(one, axis, ids))
    if not found:
        raise UsageError(f"nothing to run: {'; '.join(summary.not_supported) or 'the dataset has no instances'}")
    return found


def _absent_column(data: Dataset, protocol: protocols.Protocol, axis: Axis, first: str) -> str | None:
    """A column that the protocol reads and the dataset does not have (withheld, or absent in the source)."""
    instance = next(data.instances(images=True, only={first}))
    for step in protocol.steps[axis]:
        for source in (step.text, step.image):
            if isinstance(source, protocols.Column) and getattr(instance, source.name) is None:
                return source.name
    return None


def manifest_of(model: Model, spec: str, data: Dataset, job: Job) -> Manifest:
    """The manifest of a run that begins now."""
    return Manifest(
        model=ModelInfo(
            spec=spec,
            name=model.name,
            revision=model.revision,
            capabilities=sorted(model.capabilities),
            parameters=dict(model.parameters),
            random_weights=model.random_weights,
            environment=model.environment() if model.loaded else {},
        ),
        dataset=DatasetRef(
            id=data.id,
            content_sha256=data.content_sha256,
            instances=data.info.instances,
            path=str(data.path.absolute()),
        ),
        protocols=[one.name for one in job.protocols],
        seed=job.seed,
        limit_per_category=job.limit_per_category,
        created=now(),
        versions=versions(),
    )


def remaining(folder: RunFolder | None, plan: list[Work], job: Job, summary: RunSummary) -> list[Work]:
    """This shard's part of the plan, less what any shard has already done."""
    there = folder.predictions() if folder is not None else ()
    finished = {prediction.key for prediction in there if prediction.error is None or not job.retry_errors}
    jobs = [(work, instance_id) for work in plan for instance_id in work.ids]
    mine = sharding.part_of(jobs, job.part)
    todo = [(work, instance_id) for work, instance_id in mine if (instance_id, work.protocol.name) not in finished]
    summary.total, summary.already = len(mine), len(mine) - len(todo)
    return [
        Work(work.protocol, work.axis, tuple(instance_id for _, instance_id in group))
        for work, group in itertools.groupby(todo, key=lambda job: job[0])
    ]

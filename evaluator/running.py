"""`realunify run`: a model through the protocols, into a run folder that can be stopped at any moment.

Instances are read ahead in one thread, the model works in the caller's thread (or, for an API, in
`concurrency` threads), pictures and lines are written by another. A line is written only after its
pictures, so whatever has a line is whole.

    >>> run("tiny:janus", dataset="realunify", protocol="direct", out="runs/janus").done
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dataset_builder.errors import UsageError
from dataset_builder.folder import Dataset
from dataset_builder.instance import Instance
from dataset_builder.taxonomy import AXES, Axis
from evaluator import protocols, sharding
from evaluator._executing import Progress, RunSummary, Work, execute
from evaluator.models.base import LoadOptions, Model
from evaluator.models.registry import declared_model, load_model
from evaluator.runs import DatasetRef, Manifest, ModelInfo, RunFolder, now, versions
from evaluator.stepping import Stepper


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


def run(
    model: str | Model,
    dataset: str | Path | Dataset,
    *,
    out: str | Path,
    protocol: str = "all",
    limit_per_category: int | None = None,
    seed: int = 0,
    batch_size: int | None = None,
    settings: Mapping[str, Any] | None = None,
    revision: str | None = None,
    dtype: str = "auto",
    device: str = "auto",
    shard: sharding.Shard | None = None,
    concurrency: int | None = None,
    retry_errors: bool = False,
    progress: Progress | None = None,
) -> RunSummary:
    """Run `model` on `dataset` into the folder `out`; call it again to go on where it stopped.

    `batch_size` None starts at the model's own and halves on out-of-memory. `shard` (I, N) does every N-th
    instance; None takes the rank of torchrun, accelerate or srun. `concurrency` is for
    APIs: instances under way at once. A model that raises on an instance has that recorded as the instance's
    error, and the run goes on; more than 20 in a row stop it.
    Raises UsageError for unknown names, numbers that mean nothing, and when `out` holds another run.
    """
    require_positive(limit_per_category=limit_per_category, batch_size=batch_size, concurrency=concurrency)
    asked = protocols.protocols_named(protocol)
    data = dataset if isinstance(dataset, Dataset) else Dataset.open(dataset)
    shard = shard or sharding.launched_shard()
    if isinstance(model, str):
        if device == "auto":
            sharding.use_launched_device()
        options = LoadOptions(revision=revision, dtype=dtype, device=device, settings=dict(settings or {}))
        loaded, spec = load_model(model, options), model
    else:
        loaded, spec = model, model.name
    try:
        summary = RunSummary(Path(out))
        chosen = data.select(limit_per_category)
        work = _plan(loaded, data, asked, chosen, summary)
        manifest = _manifest(loaded, spec, data, asked, seed, limit_per_category)
        folder = RunFolder.create(out, manifest)
        loaded.prepare(data)
        work = _remaining(folder, work, shard, retry_errors, summary)
        if progress:
            progress.start(f"{loaded.name}", summary.total, summary.already)
        stepper = Stepper(loaded, seed=seed, batch_size=batch_size or loaded.batch_size, image_path=folder.image_path)
        threads = (concurrency or loaded.concurrency) if loaded.concurrency > 1 else None
        execute(folder, data, stepper, work, shard, threads, summary, progress)
        return summary
    finally:
        if isinstance(model, str):
            loaded.close()


def plan(
    model: str | Model,
    dataset: str | Path | Dataset,
    *,
    out: str | Path | None = None,
    protocol: str = "all",
    limit_per_category: int | None = None,
    seed: int = 0,
    shard: sharding.Shard | None = None,
    retry_errors: bool = False,
    options: LoadOptions | None = None,
) -> RunPlan:
    """The calls that `run` would make with these arguments; nothing is sent, written or, where it can be, loaded."""
    require_positive(limit_per_category=limit_per_category)
    asked = protocols.protocols_named(protocol)
    data = dataset if isinstance(dataset, Dataset) else Dataset.open(dataset)
    loaded, spec = (declared_model(model, options), model) if isinstance(model, str) else (model, model.name)
    try:
        summary = RunSummary(Path(out or "."))
        work = _plan(loaded, data, asked, data.select(limit_per_category), summary)
        manifest = _manifest(loaded, spec, data, asked, seed, limit_per_category)
        folder = None if out is None else RunFolder.found(out, manifest, loaded=loaded.loaded)
        work = _remaining(folder, work, shard or sharding.launched_shard(), retry_errors, summary)
        found = RunPlan(loaded.name, already=summary.already, not_supported=summary.not_supported, prices=loaded.prices)
        for one in work:
            for step in one.protocol.steps[one.axis]:
                found.calls[step.needs] = found.calls.get(step.needs, 0) + len(one.ids)
        return found
    finally:
        if isinstance(model, str):
            loaded.close()


def require_positive(**numbers: int | None) -> None:
    """Refuse 0 and less; None leaves the choice to us."""
    for name, number in numbers.items():
        if number is not None and number < 1:
            raise UsageError(f"{name} is {number}: give 1 or more, or leave it out")


def _plan(
    model: Model,
    data: Dataset,
    asked: tuple[protocols.Protocol, ...],
    chosen: list[Instance],
    summary: RunSummary,
) -> list[Work]:
    """What the model and the dataset allow; the rest is named in the summary, not run."""
    found = []
    for one, axis in itertools.product(asked, AXES):
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


def _manifest(
    model: Model,
    spec: str,
    data: Dataset,
    asked: tuple[protocols.Protocol, ...],
    seed: int,
    limit_per_category: int | None,
) -> Manifest:
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
        protocols=[one.name for one in asked],
        seed=seed,
        limit_per_category=limit_per_category,
        created=now(),
        versions=versions(),
    )


def _remaining(
    folder: RunFolder | None, plan: list[Work], shard: sharding.Shard | None, retry_errors: bool, summary: RunSummary
) -> list[Work]:
    """This shard's part of the plan, less what any shard has already done."""
    there = folder.predictions() if folder is not None else ()
    finished = {prediction.key for prediction in there if prediction.error is None or not retry_errors}
    jobs = [(work, instance_id) for work in plan for instance_id in work.ids]
    mine = sharding.part_of(jobs, shard)
    todo = [(work, instance_id) for work, instance_id in mine if (instance_id, work.protocol.name) not in finished]
    summary.total, summary.already = len(mine), len(mine) - len(todo)
    return [
        Work(work.protocol, work.axis, tuple(instance_id for _, instance_id in group))
        for work, group in itertools.groupby(todo, key=lambda job: job[0])
    ]


__all__ = ["Progress", "RunPlan", "RunSummary", "plan", "run"]

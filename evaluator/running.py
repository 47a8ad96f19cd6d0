"""`realunify run`: a model through the protocols, into a run folder that can be stopped at any moment.

Instances are read ahead in one thread, the model works in the caller's thread (or, for an API, in
`concurrency` threads), pictures and lines are written by another. A line is written only after its
pictures, so whatever has a line is whole.

    >>> run("tiny:janus", dataset="realunify", protocol="direct", out="runs/janus").done
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ALL_COMPLETED, FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from dataset_builder.errors import RealUnifyError, UsageError
from dataset_builder.folder import Dataset
from dataset_builder.instance import Instance
from dataset_builder.taxonomy import AXES, Axis
from evaluator import protocols, sharding
from evaluator._pipeline import ReadAhead, Writer
from evaluator.models.base import LoadOptions, Model
from evaluator.models.registry import load_model
from evaluator.runs import DatasetRef, Manifest, ModelInfo, RunFolder, Session, now, versions
from evaluator.stepping import Outcome, Stepper, add_usage

MAX_ERRORS_IN_A_ROW = 20


class Progress(Protocol):
    """What a run tells while it works."""

    def start(self, what: str, total: int, done: int) -> None: ...

    def advance(self, done: int, errors: int) -> None: ...


@dataclass
class RunSummary:
    """What this call did, and what stands in the run folder now."""

    path: Path
    total: int = 0
    already: int = 0
    done: int = 0
    errors: int = 0
    refusals: int = 0
    not_supported: list[str] = field(default_factory=list)
    batch_size: int = 1
    usage: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


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
        if any(name not in self.prices for name in self.calls):
            return None
        return sum(count * self.prices[name] for name, count in self.calls.items())

    def text(self) -> str:
        lines = [f"{self.model}: {sum(self.calls.values())} calls to make"]
        lines += [f"  {name:9s} {count:6d}" for name, count in self.calls.items()]
        if self.already:
            lines.append(f"  {self.already} predictions stand from before")
        lines += [f"  not supported: {line}" for line in self.not_supported]
        if self.prices:
            cost = self.dollars
            lines.append(f"  about {cost:.2f} US dollars at list prices" if cost is not None else "  price not known")
        return "\n".join(lines)


@dataclass(frozen=True)
class _Work:
    """The instances of one axis that are still to be run under one protocol."""

    protocol: protocols.Protocol
    axis: Axis
    ids: tuple[str, ...]


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
    Raises UsageError for unknown names and when `out` holds another run.
    """
    asked = protocols.protocols_named(protocol)
    data = dataset if isinstance(dataset, Dataset) else Dataset.open(dataset)
    shard = shard or sharding.launched_shard()
    if isinstance(model, str):
        if device == "auto":
            device = sharding.launched_device() or device
        options = LoadOptions(revision=revision, dtype=dtype, device=device, settings=dict(settings or {}))
        loaded, spec = load_model(model, options), model
    else:
        loaded, spec = model, model.name
    if concurrency is not None and loaded.concurrency > 1:
        loaded.concurrency = max(2, concurrency)
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
        _execute(folder, data, stepper, work, shard, summary, progress)
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
    options: LoadOptions | None = None,
) -> RunPlan:
    """The calls that `run` would make with these arguments; nothing is sent and nothing written."""
    data = dataset if isinstance(dataset, Dataset) else Dataset.open(dataset)
    loaded = load_model(model, options) if isinstance(model, str) else model
    try:
        summary = RunSummary(Path(out or "."))
        chosen = data.select(limit_per_category)
        asked = protocols.protocols_named(protocol)
        work = _plan(loaded, data, asked, chosen, summary)
        if out is not None and (Path(out) / "manifest.json").exists():
            work = _remaining(RunFolder.open(out), work, None, False, summary)
        found = RunPlan(loaded.name, already=summary.already, not_supported=summary.not_supported, prices=loaded.prices)
        for one in work:
            for step in one.protocol.steps[one.axis]:
                found.calls[step.needs] = found.calls.get(step.needs, 0) + len(one.ids)
        return found
    finally:
        if isinstance(model, str):
            loaded.close()


def _plan(
    model: Model,
    data: Dataset,
    asked: tuple[protocols.Protocol, ...],
    chosen: list[Instance],
    summary: RunSummary,
) -> list[_Work]:
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
            found.append(_Work(one, axis, ids))
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
            environment=model.environment(),
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
    folder: RunFolder, plan: list[_Work], shard: sharding.Shard | None, retry_errors: bool, summary: RunSummary
) -> list[_Work]:
    """This shard's part of the plan, less what any shard has already done."""
    finished = {prediction.key for prediction in folder.predictions() if prediction.error is None or not retry_errors}
    jobs = [(work, instance_id) for work in plan for instance_id in work.ids]
    mine = sharding.part_of(jobs, shard)
    todo = [(work, instance_id) for work, instance_id in mine if (instance_id, work.protocol.name) not in finished]
    summary.total, summary.already = len(mine), len(mine) - len(todo)
    return [
        _Work(work.protocol, work.axis, tuple(instance_id for _, instance_id in group))
        for work, group in itertools.groupby(todo, key=lambda job: job[0])
    ]


def _execute(
    folder: RunFolder,
    data: Dataset,
    stepper: Stepper,
    work: list[_Work],
    shard: sharding.Shard | None,
    summary: RunSummary,
    progress: Progress | None,
) -> None:
    started = now()
    writer = Writer(folder, folder.shard_file("predictions", shard))
    batches = ReadAhead(_batches(data, work, stepper))
    in_a_row = 0
    try:
        outcomes = (
            _concurrently(stepper, batches)
            if stepper.model.concurrency > 1
            else ((stepper.run(one.protocol, instances)) for one, instances in batches)
        )
        for group in outcomes:
            for outcome in group:
                writer.put(outcome)
                failed = outcome.prediction.error is not None
                summary.done += 1
                summary.errors += failed
                summary.refusals += outcome.prediction.refusal is not None
                add_usage(summary.usage, outcome.prediction)
                in_a_row = in_a_row + 1 if failed else 0
                if progress:
                    progress.advance(summary.done, summary.errors)
                if in_a_row > MAX_ERRORS_IN_A_ROW:
                    raise RealUnifyError(_too_many(outcome.prediction.error or ""))
    finally:
        batches.close()
        writer.close()
        summary.batch_size = stepper.batch_size
        summary.notes = [f"out of memory with {size} instances a call" for size in stepper.out_of_memory_at]
        if summary.notes:
            summary.notes.append(f"went on with {stepper.batch_size}; give --batch-size {stepper.batch_size} next time")
        if summary.done:
            folder.add_session(
                Session(
                    shard=None if shard is None else f"{shard[0]}/{shard[1]}",
                    started=started,
                    finished=now(),
                    predictions=summary.done,
                    errors=summary.errors,
                )
            )


def _too_many(trace: str) -> str:
    last = trace.strip().splitlines()[-1] if trace.strip() else "unknown"
    return (
        f"more than {MAX_ERRORS_IN_A_ROW} instances failed in a row, so the run stopped (the last: {last}); "
        "mend the cause, then run again with --retry-errors"
    )


def _batches(data: Dataset, work: list[_Work], stepper: Stepper) -> Iterator[tuple[_Work, list[Instance]]]:
    for one in work:
        rows = data.instances(images=one.axis == "geu", only=set(one.ids))
        size = 1 if stepper.model.concurrency > 1 else stepper.batch_size
        while batch := list(itertools.islice(rows, size)):
            yield one, batch


def _concurrently(stepper: Stepper, batches: Iterable[tuple[_Work, list[Instance]]]) -> Iterator[list[Outcome]]:
    """Outcomes as they finish, with at most `concurrency` instances under way."""
    limit = stepper.model.concurrency
    with ThreadPoolExecutor(limit, thread_name_prefix="model") as pool:
        pending: set[Future[list[Outcome]]] = set()
        try:
            for one, instances in batches:
                pending.add(pool.submit(stepper.run, one.protocol, instances))
                if len(pending) >= limit:
                    yield from _finished(pending, FIRST_COMPLETED)
            yield from _finished(pending, ALL_COMPLETED)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _finished(pending: set[Future[list[Outcome]]], when: str) -> Iterator[list[Outcome]]:
    """Take finished work out of `pending`. When the provider is down, what is under way still comes in."""
    done, _ = wait(pending, return_when=when)
    pending -= done
    failures = [error for future in done if (error := future.exception())]
    if failures:
        done |= wait(pending).done
        pending.clear()
    yield from (future.result() for future in done if not future.exception())
    if failures:
        raise failures[0]


__all__ = ["Progress", "RunPlan", "RunSummary", "plan", "run"]

"""Working through what a run has to do: the model is called, outcomes are written, counted and told.

work --ReadAhead--> Stepper (for an API in a Pool of threads) --> Writer
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from dataset_builder.errors import RealUnifyError
from dataset_builder.folder import Dataset
from dataset_builder.instance import Instance
from dataset_builder.taxonomy import Axis
from evaluator import protocols
from evaluator.running.pipeline import Pool, ReadAhead, Writer
from evaluator.running.stepping import Outcome, Stepper, add_usage
from evaluator.runs import sharding
from evaluator.runs.folder import RunFolder
from evaluator.runs.manifest import Session, now
from evaluator.runs.progress import Progress

MAX_ERRORS_IN_A_ROW = 20


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


@dataclass(frozen=True)
class Work:
    """The instances of one axis that are still to be run under one protocol."""

    protocol: protocols.Protocol
    axis: Axis
    ids: tuple[str, ...]


@dataclass
class Execution:
    """Everything that work goes through: with `threads`, one instance a call in that many of them."""

    folder: RunFolder
    data: Dataset
    stepper: Stepper
    shard: sharding.Shard | None
    threads: int | None
    summary: RunSummary
    progress: Progress | None = None

    def run(self, work: list[Work]) -> None:
        """Run the work into the folder.

        However it ends, what was finished by then is written: a call that is under way is waited for.
        """
        started = now()
        with contextlib.ExitStack() as at_the_end:
            at_the_end.callback(self._close_session, started)
            writer = Writer(self.folder, self.folder.shard_file("predictions", self.shard))
            at_the_end.callback(writer.close)
            batches = ReadAhead(_batches(self.data, work, self.stepper, 1 if self.threads else None))
            at_the_end.callback(batches.close)
            record = _Recorder(writer, self.summary, self.progress)
            outcomes: Iterator[list[Outcome]]
            if self.threads is None:
                outcomes = (self.stepper.run(one.protocol, instances) for one, instances in batches)
            else:
                pool = Pool(self.threads, self.stepper.run)
                at_the_end.callback(lambda: record.all(pool.rest()))
                outcomes = pool.run((one.protocol, instances) for one, instances in batches)
            for group in outcomes:
                record.all([group])
                if record.errors_in_a_row > MAX_ERRORS_IN_A_ROW:
                    raise RealUnifyError(_too_many(record.last_error))

    def _close_session(self, started: str) -> None:
        summary, stepper = self.summary, self.stepper
        summary.batch_size = stepper.batch_size
        summary.notes = [f"out of memory with {size} instances a call" for size in stepper.out_of_memory_at]
        if summary.notes:
            summary.notes.append(f"went on with {stepper.batch_size}; give --batch-size {stepper.batch_size} next time")
        if summary.done:
            self.folder.add_session(
                Session(
                    shard=None if self.shard is None else f"{self.shard[0]}/{self.shard[1]}",
                    started=started,
                    finished=now(),
                    predictions=summary.done,
                    errors=summary.errors,
                )
            )


class _Recorder:
    """Hands outcomes to the writer, counts them and tells of them."""

    def __init__(self, writer: Writer, summary: RunSummary, progress: Progress | None) -> None:
        self.writer, self.summary, self.progress = writer, summary, progress
        self.errors_in_a_row = 0
        self.last_error = ""

    def all(self, groups: Iterable[list[Outcome]]) -> None:
        for outcome in itertools.chain.from_iterable(groups):
            prediction = outcome.prediction
            self.writer.put(outcome)
            self.summary.done += 1
            self.summary.errors += prediction.error is not None
            self.summary.refusals += prediction.refusal is not None
            add_usage(self.summary.usage, prediction)
            self.errors_in_a_row = self.errors_in_a_row + 1 if prediction.error is not None else 0
            self.last_error = prediction.error or self.last_error
            if self.progress:
                self.progress.advance(self.summary.done, self.summary.errors)


def _too_many(trace: str) -> str:
    last = trace.strip().splitlines()[-1] if trace.strip() else "unknown"
    return (
        f"more than {MAX_ERRORS_IN_A_ROW} instances failed in a row, so the run stopped (the last: {last}); "
        "mend the cause, then run again with --retry-errors"
    )


def _batches(
    data: Dataset, work: list[Work], stepper: Stepper, size: int | None
) -> Iterator[tuple[Work, list[Instance]]]:
    """Instances in groups of `size`; None takes the stepper's batch size, which may shrink on the way."""
    for one in work:
        rows = data.instances(images=one.axis == "geu", only=set(one.ids))
        while batch := list(itertools.islice(rows, size or stepper.batch_size)):
            yield one, batch

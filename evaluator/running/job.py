"""What is asked of a run, beside model, dataset and folder: one record, which every part of the room takes.

>>> Job(protocol="direct", seed=3).load.device
'auto'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict

from dataset_builder.errors import UsageError
from evaluator import protocols
from evaluator.models.base import LoadOptions
from evaluator.runs import sharding


class Asked(TypedDict, total=False):
    """The fields of a `Job` as the keywords of `evaluator.run`; each may be left out."""

    protocol: str
    limit_per_category: int | None
    seed: int
    batch_size: int | None
    settings: Mapping[str, Any] | None
    revision: str | None
    dtype: str
    device: str
    shard: sharding.Shard | None
    concurrency: int | None
    retry_errors: bool


@dataclass(frozen=True, kw_only=True)
class Job:
    """`batch_size` None starts at the model's own and halves on out-of-memory. `shard` (I, N) does every N-th
    instance; None takes the rank of torchrun, accelerate or srun. `concurrency` is for APIs: instances under
    way at once. `settings`, `revision`, `dtype` and `device` are how a model is loaded.
    Raises UsageError for unknown protocols and for numbers that mean nothing.
    """

    protocol: str = "all"
    limit_per_category: int | None = None
    seed: int = 0
    batch_size: int | None = None
    settings: Mapping[str, Any] | None = field(default=None)
    revision: str | None = None
    dtype: str = "auto"
    device: str = "auto"
    shard: sharding.Shard | None = None
    concurrency: int | None = None
    retry_errors: bool = False

    def __post_init__(self) -> None:
        require_positive(
            limit_per_category=self.limit_per_category, batch_size=self.batch_size, concurrency=self.concurrency
        )
        protocols.protocols_named(self.protocol)

    @property
    def protocols(self) -> tuple[protocols.Protocol, ...]:
        return protocols.protocols_named(self.protocol)

    @property
    def load(self) -> LoadOptions:
        return LoadOptions(
            revision=self.revision, dtype=self.dtype, device=self.device, settings=dict(self.settings or {})
        )

    @property
    def part(self) -> sharding.Shard | None:
        """The shard that was asked for, or the launcher's."""
        return self.shard or sharding.launched_shard()


def require_positive(**numbers: int | None) -> None:
    """Refuse 0 and less; None leaves the choice to us."""
    for name, number in numbers.items():
        if number is not None and number < 1:
            raise UsageError(f"{name} is {number}: give 1 or more, or leave it out")

"""What a dataset is made from: one record, which every part of the room takes.

>>> Recipe(seed=7, per_category=10).chosen[:2]
('world_knowledge', 'commonsense_reasoning')
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from dataset_builder.errors import UsageError, unknown_name
from dataset_builder.taxonomy import CATEGORIES, INSTANCES_PER_CATEGORY

VERSION = "2.0.0"
"""The dataset's own: another one where the same recipe makes other instances."""


class Asked(TypedDict, total=False):
    """The fields of a `Recipe` as the keywords of `dataset_builder.build`; each may be left out."""

    seed: int
    per_category: int
    source: str
    release: str | Path | None
    withhold_answers: bool
    only: Collection[str] | None
    workers: int | None


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """`source="open"` makes our own instances from `seed`; `source="official"` converts a user's copy of the
    authors' release at `release`, which must hold `per_category` instances of each. `only` names the
    categories to make (default: all ten). Categories are made in `workers` processes (default: one a core, for a
    small set none); with 1 in this one. Raises UsageError for what means nothing.
    """

    seed: int = 0
    per_category: int = INSTANCES_PER_CATEGORY
    source: str = "open"
    release: str | Path | None = None
    withhold_answers: bool = False
    only: Collection[str] | None = None
    workers: int | None = None

    def __post_init__(self) -> None:
        if self.per_category < 1:
            raise UsageError(f"per-category is {self.per_category}; give at least 1")
        if self.source not in ("open", "official"):
            raise UsageError(f"unknown source '{self.source}': choose open or official")
        if self.release is not None and self.source != "official":
            raise UsageError("--release is a copy of the authors' files; give --source official with it")
        for name in self.only or ():
            if name not in CATEGORIES:
                raise unknown_name("category", name, CATEGORIES)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The categories to make, in the taxonomy's order."""
        return tuple(name for name in CATEGORIES if self.only is None or name in self.only)

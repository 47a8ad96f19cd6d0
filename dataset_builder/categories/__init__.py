"""Ten folders of one shape, one a category; `dataset_builder.taxonomy` lists them.

The contract of a folder `dataset_builder.categories.<task_type>`, all of it in its `__init__.py`:

* `make(seed, n)` yields exactly `n` instances numbered 1..n, lazily (it may be asked for 10,000), a
  function of its arguments alone. Subtasks, difficulty levels and (GEU) answer letters are balanced.
  A hand-written category yields the same lines for every seed, and at most as many as were written.
* `solve(instance)` derives the answers a second time, by another way than the generator's: the letter of a GEU
  instance, a yes or no to every polling question of a UEG one. It reads pixels, or the metadata.
* Procedural UEG: `slips(instance) -> list[Slip]` names every typical way to go wrong on it (a step skipped, an order
  ignored, a literal copied), with the answers that its picture would get.
* Optional: `inspect(instance) -> list[str]` names breaches of what the category promises beyond its answers.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol, cast, runtime_checkable

from dataset_builder.instance import Instance

Answers = str | list[str]
"""A letter (GEU), or a yes or no to each polling question (UEG)."""


class Category(Protocol):
    def make(self, seed: int, n: int) -> Iterator[Instance]: ...

    def solve(self, instance: Instance) -> Answers: ...


@runtime_checkable
class Written(Protocol):
    def lines(self) -> Sequence[object]: ...


class Slip(NamedTuple):
    """A way to go wrong, and what an honest judge answers of the picture that it leads to."""

    name: str
    answers: list[str]


@runtime_checkable
class Slipping(Protocol):
    def slips(self, instance: Instance) -> list[Slip]: ...


@runtime_checkable
class Inspector(Protocol):
    def inspect(self, instance: Instance) -> list[str]: ...


def make(task_type: str, seed: int, n: int) -> Iterator[Instance]:
    """Instances of one category, numbered from 1."""
    return _category(task_type).make(seed, n)


def at_most(task_type: str, n: int) -> int:
    """How many of `n` instances there can be: a hand-written category ends at what was written."""
    module = _category(task_type)
    return min(n, len(module.lines())) if isinstance(module, Written) else n


def solve(instance: Instance) -> Answers:
    """The answers of an instance, derived again; a GEU solver is not shown the stored one."""
    hidden = instance.model_copy(update={"answer": None, "rationale": None, "reference_image": None})
    return _category(instance.task_type).solve(hidden)


def slips(instance: Instance) -> list[Slip]:
    """The typical ways to go wrong on a procedural UEG instance."""
    return cast(Slipping, _category(instance.task_type)).slips(instance)


def inspects(instance: Instance) -> bool:
    """Whether the category promises something beyond its answers."""
    return isinstance(_category(instance.task_type), Inspector)


def inspect(instance: Instance) -> list[str]:
    """Breaches of what the category promises beyond its answers; see `inspects`."""
    return cast(Inspector, _category(instance.task_type)).inspect(instance)


def _category(task_type: str) -> Category:
    return cast(Category, importlib.import_module(f"dataset_builder.categories.{task_type}"))

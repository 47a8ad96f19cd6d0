"""One module a procedural category; hand-written ones are data in `dataset_builder/authored/`.

The contract of a module `dataset_builder.categories.<task_type>`:

* `make(seed, n)` yields exactly `n` instances numbered 1..n, lazily (it may be asked for 10,000), a
  function of its arguments alone. Subtasks, difficulty levels and (GEU) answer letters are balanced.
* GEU: `solve(instance) -> "A".."D"` re-derives the answer without the generator's: the audit hands it an
  instance whose `answer`, `rationale` and `reference_image` are null. It reads pixels, or the metadata.
* Optional: `inspect(instance) -> list[str]` names breaches of what the category promises beyond its answer.
* UEG: `prove(instance) -> list[str]` recomputes everything and returns the problems found (none: proven).
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Protocol, cast, runtime_checkable

from dataset_builder.instance import Instance
from dataset_builder.taxonomy import CATEGORIES


class Maker(Protocol):
    def make(self, seed: int, n: int) -> Iterator[Instance]: ...


class Solver(Protocol):
    def solve(self, instance: Instance) -> str: ...


class Prover(Protocol):
    def prove(self, instance: Instance) -> list[str]: ...


@runtime_checkable
class Inspector(Protocol):
    def inspect(self, instance: Instance) -> list[str]: ...


def make(task_type: str, seed: int, n: int) -> Iterator[Instance]:
    """Instances of one category; an authored category yields at most as many as were written."""
    if CATEGORIES[task_type].source == "authored":
        from dataset_builder import authored

        return authored.make(task_type, n)
    return cast(Maker, _module(task_type)).make(seed, n)


def solve(instance: Instance) -> str:
    """The answer letter of a GEU instance, re-derived without looking at the stored one."""
    hidden = instance.model_copy(update={"answer": None, "rationale": None, "reference_image": None})
    return cast(Solver, _module(instance.task_type)).solve(hidden)


def prove(instance: Instance) -> list[str]:
    """Problems found when a procedural UEG instance is recomputed; empty means proven."""
    return cast(Prover, _module(instance.task_type)).prove(instance)


def inspects(instance: Instance) -> bool:
    """Whether the category promises something beyond its answer."""
    return isinstance(_module(instance.task_type), Inspector)


def inspect(instance: Instance) -> list[str]:
    """Breaches of what the category promises beyond its answer; see `inspects`."""
    return cast(Inspector, _module(instance.task_type)).inspect(instance)


def _module(task_type: str) -> object:
    return importlib.import_module(f"dataset_builder.categories.{task_type}")

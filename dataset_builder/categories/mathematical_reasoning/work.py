"""How much work an instance is, and where easy, medium and hard are cut.

Work is the number of operations of the shortest derivation (one a step; nothing computed that is not used), plus one
for every further unknown that must be solved together with another: that is where somebody must find the way first.

>>> work_of(["twice = n - m", "second = twice / 2", "first = n - second"], ["a + b == n", "a - b == m"], ["n", "m"])
4
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from dataset_builder.categories.mathematical_reasoning.arithmetic import names_in
from dataset_builder.instance import Difficulty

LARGEST_EASY, LARGEST_MEDIUM = 3, 4
"""The largest work that is easy, and that is medium; the words for it are in the taxonomy."""


def work_of(steps: Sequence[str], relations: Iterable[str], stated: Collection[str]) -> int:
    """Operations, plus the unknowns beyond the first that are solved together."""
    return len(steps) + max(0, len(together(relations, stated)) - 1)


def together(relations: Iterable[str], stated: Collection[str]) -> set[str]:
    """The unknowns that are left when every relation with a single unknown has given it, again and again."""
    known, left = set(stated), [set(names_in(relation)) for relation in relations]
    while single := [names - known for names in left if len(names - known) == 1]:
        known |= set().union(*single)
    return set().union(*left) - known


def level_of(work: int) -> Difficulty:
    return "easy" if work <= LARGEST_EASY else "medium" if work <= LARGEST_MEDIUM else "hard"

"""Balanced schedules: how the instances of a category share out subtasks and difficulty levels.

>>> plan = Plan(seed=0, task_type="mental_tracking")
>>> sorted(plan.difficulty(number) for number in range(1, 4))
['easy', 'hard', 'medium']
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from dataset_builder.instance import Difficulty, instance_rng
from dataset_builder.taxonomy import CATEGORIES

T = TypeVar("T")
LEVELS: tuple[Difficulty, ...] = ("easy", "medium", "hard")


@dataclass(frozen=True)
class Plan:
    """Each choice is dealt in small shuffled blocks, so every hundred (and nearly every prefix) is balanced."""

    seed: int
    task_type: str

    def deal(self, what: str, number: int, choices: Sequence[T]) -> T:
        """The choice of instance `number` (from 1): every block of len(choices) holds each choice once."""
        block, place = divmod(number - 1, len(choices))
        dealt = list(choices)
        instance_rng(self.seed, self.task_type, "deal", what, block).shuffle(dealt)
        return dealt[place]

    def subtask(self, number: int) -> str:
        return self.deal("subtask", number, CATEGORIES[self.task_type].subtask_names)

    def difficulty(self, number: int) -> Difficulty:
        return self.deal("difficulty", number, LEVELS)

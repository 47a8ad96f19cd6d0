"""Guessing from the question and options alone, without the picture, must not beat chance.

A shortcut names the options that it would choose; chance is their share of four. The bound is exact: the
probability that guessing by chance hits at least as often (Poisson binomial), against that of three standard
errors.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from dataset_builder.audits._rule import FoundIn, Seen, WholeRule, ours_geu
from dataset_builder.drawing.colors import PALETTE
from dataset_builder.instance import LETTERS, Instance

THREE_SIGMA = 0.00135  # one-sided
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_COLOR = re.compile(rf"\b({'|'.join([*PALETTE, 'gray'])})\b", re.IGNORECASE)
Chosen = set[int]


def longest(instance: Instance) -> Chosen:
    lengths = [len(option) for option in instance.option]
    return {index for index, length in enumerate(lengths) if length == max(lengths)}


def _numbers(instance: Instance) -> list[float]:
    """The options' numbers, where each has exactly one and all differ."""
    found = [_NUMBER.findall(option) for option in instance.option]
    values = [float(texts[0]) for texts in found if len(texts) == 1]
    return values if len(set(values)) == 4 else []


def largest(instance: Instance) -> Chosen:
    values = _numbers(instance)
    return {values.index(max(values))} if values else set()


def middle(instance: Instance) -> Chosen:
    values = _numbers(instance)
    return {values.index(value) for value in sorted(values)[1:3]}


def first_color(instance: Instance) -> Chosen:
    """The options with the colour that the question names first, of those that the options have."""
    for color in _COLOR.findall(instance.question or ""):
        chosen = {i for i, option in enumerate(instance.option) if color.lower() in _COLOR.findall(option.lower())}
        if chosen:
            return chosen
    return set()


SHORTCUTS: dict[str, Callable[[Instance], Chosen]] = {
    "longest option": longest,
    "largest number": largest,
    "middle numbers": middle,
    "first-listed colour": first_color,
}


@dataclass(frozen=True)
class Hits:
    """How a shortcut fared on the instances where it chooses."""

    n: int
    hits: int
    chance: float
    p: float  # probability of at least so many hits by chance

    @property
    def beats_chance(self) -> bool:
        return self.p < THREE_SIGMA


def measure(shortcut: Callable[[Instance], Chosen], instances: Iterable[Instance]) -> Hits:
    """`shortcut` tried on every instance; where it chooses nothing or everything it says nothing."""
    hits = 0
    chances: list[float] = []
    for instance in instances:
        chosen = shortcut(instance)
        if 0 < len(chosen) < 4 and instance.answer is not None:
            chances.append(len(chosen) / 4)
            hits += LETTERS.index(instance.answer) in chosen
    return Hits(len(chances), hits, sum(chances) / len(chances) if chances else 0.25, tail(chances, hits))


def tail(chances: Sequence[float], hits: int) -> float:
    """Probability of at least `hits` successes in independent trials with these chances, exactly."""
    import numpy as np

    distribution = np.ones(1)
    for chance in chances:
        distribution = np.convolve(distribution, [1 - chance, chance])
    return float(distribution[hits:].sum())


def fair(rows: Sequence[Seen]) -> FoundIn:
    """No shortcut beats chance on this dataset."""
    for name, shortcut in SHORTCUTS.items():
        found = measure(shortcut, (row.instance for row in rows))
        if found.beats_chance:
            yield (
                rows[0].instance.task_type,
                f"choosing the {name} is right {found.hits} of {found.n} times (chance {found.chance:.0%})",
                "make the distractors as likely as the truth to be chosen so",
            )


WHOLE = (WholeRule("shortcuts", "no guess from the wording beats chance by three standard errors", fair, ours_geu),)

"""Four options that give nothing away: the truth's letter, and its rank among numbers, are dealt out evenly.

>>> rng = random.Random(0)
>>> sorted(four(rng, "cat", ["dog", "cow", "pig"], "C")), four(rng, "cat", ["dog", "cow", "pig"], "C")[2]
(['cat', 'cow', 'dog', 'pig'], 'cat')
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from dataset_builder.errors import RealUnifyError
from dataset_builder.instance import LETTERS, Instance, Letter, instance_rng

DEALT = 20
"""Instances over which the letters are dealt out evenly."""


def deal(seed: int, task_type: str, number: int) -> tuple[Letter, int]:
    """The answer's letter and the truth's rank (0 to 3) among sorted numbers for instance `number` (from 1).

    Every twenty consecutive instances hold each letter and each rank five times, in an order of their own: in
    shorter blocks the other answers would tell the last one.
    """
    block, place = divmod(number - 1, DEALT)
    rng = instance_rng(seed, task_type, "options", block)
    letters = rng.sample(LETTERS * (DEALT // 4), DEALT)
    ranks = rng.sample([0, 1, 2, 3] * (DEALT // 4), DEALT)
    return letters[place], ranks[place]


def four(rng: random.Random, truth: str, others: Sequence[str], letter: Letter) -> list[str]:
    """Four options with the truth at `letter` and the three others in random order."""
    rest = rng.sample(list(others), 3)
    rest.insert(LETTERS.index(letter), truth)
    if len(set(rest)) != 4:
        raise ValueError(f"options are not four different ones: {rest}")
    return rest


def letter_of(instance: Instance, answer: str) -> Letter:
    """The letter of the one option that says `answer`; an error when none or several do."""
    found = [letter for letter, option in zip(LETTERS, instance.option, strict=True) if option == answer]
    if len(found) != 1:
        raise RealUnifyError(
            f"{instance.id}: the answer '{answer}' is {len(found)} of the options; rebuild the dataset"
        )
    return found[0]


def ordinal(number: int) -> str:
    """`first` to `tenth`."""
    return "first second third fourth fifth sixth seventh eighth ninth tenth".split()[number - 1]
